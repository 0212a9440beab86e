"""`fleet drift`, `fleet access` and `fleet runs`, and the records of all accounts in one folder."""

import csv
import json
from html import escape
from io import StringIO
from pathlib import Path

import pytest

from tests.support import Account, write_project

MIA = "agents: [{email: mia@acme.example, name: Mia, role: admin}]"
AWAY = "targets: {away: {url: 'http://127.0.0.1:9', insecure: true, api_key: {env: KEY}}}"
FLEET = """
accounts:
  - {project: accounts/eu}
  - {project: accounts/calm}
  - {project: accounts/away}
"""


@pytest.fixture
def folder(tmp_path: Path, live: Account) -> Path:
    fleet = write_project(tmp_path / "fleet", fleet=FLEET)
    write_project(fleet / "accounts/eu", team=MIA)
    write_project(fleet / "accounts/calm", team="departments: [{name: General}]")
    write_project(fleet / "accounts/away", team=MIA, provisioner=AWAY)
    live.call("POST", "/agents", {"email": "mia@acme.example", "name": "Mia", "role": "agent"})
    return fleet


def test_drift_is_that_of_each_account_and_the_worst_exit_counts(
    live: Account, folder: Path
) -> None:
    arguments = ("fleet", "drift", str(folder), "--jobs", "1", "--detailed-exitcode")
    text = live.run(*arguments, "--only", "eu", "--only", "calm")
    assert text.exit_code == 2, text.output
    alone = live.run("drift", str(folder / "accounts/eu")).stdout
    indented = "".join(f"  {line}".rstrip() + "\n" for line in alone.splitlines())
    assert indented in text.stdout
    assert text.stdout.endswith("\nFleet: 2 accounts: 1 with drift, 1 without drift.\n")
    result = live.run(*arguments, "--format", "json")
    assert result.exit_code == 1
    eu, calm, away = json.loads(result.stdout)
    assert eu.pop("fleet")["severity"] == "changed"
    assert eu == json.loads(
        live.run("drift", str(folder / "accounts/eu"), "--format", "json").stdout
    )
    assert calm["fleet"]["severity"] == "unchanged"
    assert [error["code"] for error in away["errors"]] == ["api-key-missing"]
    comment = live.run(*arguments, "--format", "markdown").stdout
    assert "- **eu**: " in comment
    assert "1 not compared, 1 with drift, 1 without drift" in comment
    page = live.run(*arguments, "--format", "html").stdout
    for line in alone.splitlines():
        assert f"{escape(line)}\n" in page
    assert "3 accounts: 1 not compared, 1 with drift, 1 without drift" in page
    assert "[api-key-missing]" in page


def test_access_lists_a_person_over_all_accounts(
    live: Account, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    arguments = ("fleet", "access", "mia@acme.example", "--jobs", "1")
    lines = live.run(*arguments).stdout.splitlines()
    assert lines[0] == "Mia <mia@acme.example>: 2 accounts"
    assert lines[1].startswith("  eu  ")
    assert "role: your files declare admin" in lines[2]
    assert lines[-1] == "Access: 1 person, 2 accounts read, 1 not read: away."
    result = live.run(*arguments, "--format", "json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["not_read"] == ["away"]
    [person] = data["people"]
    assert [one["account"] for one in person["accounts"]] == ["eu", "calm"]
    assert person["accounts"][0]["role"]["declared_at"]["file"] == "team.yaml"
    rows = [*csv.DictReader(StringIO(live.run(*arguments, "--format", "csv").stdout))]
    assert {(row["account"], row["email"]) for row in rows} == {
        ("eu", "mia@acme.example"),
        ("calm", "mia@acme.example"),
    }
    comment = live.run(*arguments, "--format", "markdown").stdout
    assert "| eu | " in comment
    assert "2 accounts read, 1 not read: away" in comment
    page = live.run(*arguments, "--format", "html").stdout
    assert "<b>Mia</b> mia@acme.example: 2 accounts" in page
    assert "2 accounts read, 1 not read: away" in page
    assert page.index("[api-key-missing]") < page.index('<h2 id="people-title">')
    everybody = live.run("fleet", "access", "fleet.yaml", "--jobs", "1").stdout
    assert len(everybody) > len("\n".join(lines))


def test_records_of_all_accounts_are_in_one_folder(
    live: Account, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_RECORDS", str(tmp_path / "records"))
    applied = live.run("apply", str(folder / "accounts/eu"), "--yes")
    assert applied.exit_code == 0, applied.output
    assert not (folder / "accounts/eu/.provisioner").exists()
    assert (tmp_path / "records/accounts/eu/.provisioner/runs/000001.jsonl").exists()
    text = live.run("fleet", "runs", str(folder)).stdout
    assert text.startswith("eu:\n    1  ")
    assert "calm:\nNo runs yet.\n" in text
    eu, calm, _away = json.loads(live.run("fleet", "runs", str(folder), "--format", "json").stdout)
    assert (eu["fleet"]["name"], [run["id"] for run in eu["runs"]]) == ("eu", [1])
    assert calm["runs"] == []
