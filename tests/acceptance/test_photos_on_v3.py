"""API v3 shows the address of an agent's picture, which proves that a photo was set by hand."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import KEY, Account, account, write_project

MIA = "mia@acme.example"
TEAM = f"agents: [{{email: {MIA}, name: Mia, photo: mia.png}}]"
PHOTO, OTHER = (b"\x89PNG\r\n\x1a\n" + word for word in (b"mia", b"another"))


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, surface="v3") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, live: Account) -> Path:
    folder = write_project(tmp_path / "project", team=TEAM)
    (folder / "mia.png").write_bytes(PHOTO)
    live.apply(folder)
    return folder


def set_by_hand(folder: Path, content: bytes) -> None:
    """Set Mia's photo as a person does in the panel."""
    with account(folder, surface="full") as panel:
        file = requests.post(
            f"{panel.server.url}/api/v3/files",
            files={"file": ("mia.png", content, "image/png")},
            headers={"apikey": KEY},
            timeout=10,
        ).json()["id"]
        panel.call("PUT", f"/agents/{panel.agent(MIA)['id']}/profile", {"photo": file})


def asked(live: Account) -> list[str]:
    """Return the requests that may be for pictures."""
    paths = [entry.path for entry in live.server.requests.entries()]
    return [path for path in paths if "/files" in path or "_app_" in path]


def photo_steps(live: Account, project: Path) -> list[dict[str, Any]]:
    return [one for one in live.plan(project)["manual_steps"] if one["section"] == "photo"]


def test_a_photo_that_is_set_ticks_itself_off(live: Account, project: Path, tmp_path: Path) -> None:
    before = live.plan(project)["requests"]["read"]
    assert len(photo_steps(live, project)) == 1
    set_by_hand(tmp_path, PHOTO)
    assert photo_steps(live, project) == []
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0
    live.server.requests.clear()
    assert (
        live.plan(project)["requests"]["read"] == before + 1 == len(live.server.requests.entries())
    )

    (project / "mia.png").write_bytes(OTHER)
    assert "another picture" in photo_steps(live, project)[0]["hint"]


def test_another_picture_is_no_evidence(live: Account, project: Path, tmp_path: Path) -> None:
    set_by_hand(tmp_path, OTHER)
    [step] = photo_steps(live, project)
    assert (step["status"], step["verifiable"]) == ("open", False)
    assert "another picture" in step["hint"]
    line = f"acknowledged: [{{step: {step['id']}, by: priya@acme.example, on: 2026-11-22}}]"
    write_project(project, provisioner=line)
    live.server.requests.clear()
    assert photo_steps(live, project)[0]["status"] == "acknowledged"
    assert asked(live) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://pictures.example/mia.png",
        "//127.0.0.2/api/v3/files/mia",
        "/api/v3/devices/_app_",
        "/api/v3/files/../devices/_app_",
        "/api/v3/files/gone",
        "",
        None,
    ],
)
def test_no_other_place_is_asked_and_a_picture_that_is_gone_is_no_error(
    live: Account, project: Path, tmp_path: Path, address: str | None
) -> None:
    with closing(sqlite3.connect(tmp_path / "account.db")) as database, database:
        database.execute("UPDATE agents SET avatar_url = ? WHERE email = ?", (address, MIA))
    live.server.requests.clear()
    assert photo_steps(live, project)[0]["hint"] == ""
    assert asked(live) == ([address] if address == "/api/v3/files/gone" else [])
