"""`provisioner access`: who has what, where it is declared, and since which commit."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests import repository
from tests.acceptance.access_team import BOB, MIA, OWNER, TEAM, listed, people, two_commits
from tests.repository import Repository
from tests.support import Account, account, write_project


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    return two_commits(tmp_path / "p")


def marks(person: dict[str, Any]) -> dict[str, str]:
    """Return the mark of the role and of each department."""
    found = {one["name"]: one["mark"] for one in person["departments"]}
    return {"role": person["role"]["mark"], **found}


class TestDeclared:
    def test_where_and_since_when(self, live: Account, clone: Repository) -> None:
        live.apply(clone.folder)
        data = listed(live, clone.folder)
        mia, bob, owner = (people(data)[one] for one in (MIA, BOB, OWNER))
        assert [one["email"] for one in data["people"]] == [OWNER, MIA, BOB]

        support = next(one for one in mia["departments"] if one["name"] == "Support")
        first = clone.git("rev-parse", "first")
        head = clone.git("rev-parse", "HEAD")
        assert mia["role"]["value"] == "Lead"
        assert mia["role"]["declared_at"] == {
            "file": "team.yaml",
            "line": 9,
            "profile": "",
            "since": {"commit": first, "day": "2024-01-02", "summary": "Begin"},
        }
        assert support["value"] == {
            "tickets": True,
            "chats": False,
            "calls": False,
            "role": "manager",
        }
        assert support["declared_at"]["line"] == 11
        newest = {"commit": head, "day": "2024-05-07", "summary": "Tickets for Mia"}
        assert support["declared_at"]["since"] == mia["since"] == newest

        assert (bob["role"]["declared_at"]["profile"], bob["role"]["declared_at"]["line"]) == (
            "tier1",
            4,
        )
        assert owner["protected"] == {"file": "provisioner.yaml", "line": 6}
        assert (mia["protected"], mia["state"], mia["declared"]) == (None, "active", True)
        assert {mark for one in data["people"] for mark in marks(one).values()} == {"declared"}
        assert data["ownership"]["declared_people"] == data["ownership"]["people"] == 3
        assert (data["live"], data["not_looked_at"], data["unknown_history"]) == (True, [], "")

        text = live.run("access", str(clone.folder)).stdout
        row = next(line for line in text.split("\n") if MIA in line)
        assert row.endswith(
            f"Sales (chats), Support (tickets; manager)  2024-05-07 {head[:8]} team.yaml:11"
        )
        assert "  OWNER  Account Owner  owner@acme.example  General" in text
        assert "protected by provisioner.yaml:6" in text
        assert "Access, declared: 3 of 3 people, 100 % of access.\n" in text
        assert "!" not in text

    def test_a_value_is_not_older_than_its_holder(
        self, live: Account, clone: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(repository.SETTINGS, "GIT_COMMITTER_DATE", "2024-06-01T08:00:00Z")
        renamed = f"email: rob@acme.example\n        previously: {BOB}"
        others = TEAM.replace("email: mia@", "email: zoe@").replace(f"email: {BOB}", renamed)
        later = clone.commit("Others", team=others)
        found = people(listed(live, clone.folder, "--at", "HEAD"))
        zoe, rob = found["zoe@acme.example"], found["rob@acme.example"]
        values = [zoe["role"], *zoe["departments"]]
        assert {one["declared_at"]["since"]["commit"] for one in values} == {later}
        assert zoe["role"]["declared_at"]["line"] == 9
        assert {one["declared_at"]["since"]["summary"] for one in rob["departments"]} == {"Begin"}

    def test_a_profile_is_not_older_than_the_line_that_extends_it(
        self, live: Account, clone: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = TEAM.replace("        extends: [tier1]\n", "")
        clone.commit("Plain", team=plain)
        monkeypatch.setitem(repository.SETTINGS, "GIT_COMMITTER_DATE", "2024-06-01T08:00:00Z")
        later = clone.commit("Extend", team=TEAM)
        place = people(listed(live, clone.folder, "--at", "HEAD"))[BOB]["role"]["declared_at"]
        assert (place["profile"], place["line"], place["since"]["commit"]) == ("tier1", 4, later)

    def test_a_line_that_is_not_committed(self, live: Account, clone: Repository) -> None:
        live.apply(clone.folder)
        write_project(clone.folder, team=TEAM.replace("role: Lead", "role: Lead  # team A"))
        mia = people(listed(live, clone.folder))[MIA]
        assert mia["since"] == {"commit": None, "day": None, "summary": None}
        assert "not committed team.yaml:9" in live.run("access", str(clone.folder)).stdout

    def test_without_a_repository(self, live: Account, tmp_path: Path) -> None:
        data = listed(live, write_project(tmp_path / "p", team=TEAM))
        assert people(data)[MIA]["since"] is None
        assert "not in a git repository" in data["unknown_history"]

    def test_a_shallow_clone_names_what_it_lacks(
        self, live: Account, clone: Repository, tmp_path: Path
    ) -> None:
        clone.git("clone", "-q", "--depth=1", f"file://{clone.folder}", str(tmp_path / "shallow"))
        data = listed(live, tmp_path / "shallow")
        assert people(data)[MIA]["since"] is None
        assert "shallow" in data["unknown_history"]

    def test_a_clone_without_some_contents_lists_the_rest(
        self, live: Account, clone: Repository
    ) -> None:
        blob = clone.git("rev-parse", "first:team.yaml")
        (clone.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
        data = listed(live, clone.folder)
        assert people(data)[MIA]["since"] is None
        assert people(data)[OWNER]["protected"]["line"] == 6
        assert data["unknown_history"].startswith("git failed")


class TestMarks:
    @pytest.fixture
    def disturbed(self, live: Account, clone: Repository) -> Path:
        """An account that somebody has changed by hand in every way."""
        live.apply(clone.folder)
        bob = live.agent(BOB)
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "role": "admin"})
        sales = next(one for one in live.everything("/departments") if one["name"] == "Sales")
        mia = live.agent(MIA)
        live.call("DELETE", f"/departments/{sales['department_id']}/{mia['id']}")
        live.call("POST", "/agents", {"email": "leon@evil.example", "name": "=L", "role": "owner"})
        new = (
            "      - {email: new@acme.example, name: New, role: admin, departments: {Sales: {}}}\n"
        )
        less = TEAM.replace("            tickets: true\n", "")
        return write_project(clone.folder, team=less + new)

    def test_each_one(self, live: Account, disturbed: Path) -> None:
        data = listed(live, disturbed)
        found = people(data)
        assert {email: marks(one) for email, one in found.items()} == {
            "leon@evil.example": {"role": "undeclared"},
            OWNER: {"role": "declared", "General": "declared"},
            BOB: {"role": "differs", "Sales": "declared"},
            MIA: {"role": "declared", "Sales": "missing", "Support": "unmanaged"},
            "new@acme.example": {"role": "missing", "Sales": "missing"},
        }
        assert found[BOB]["role"]["declared"] == "agent"
        assert (found["new@acme.example"]["state"], found["leon@evil.example"]["declared"]) == (
            "missing",
            False,
        )
        assert [one["email"] for one in data["people"]][:3] == ["leon@evil.example", OWNER, BOB]

    def test_in_text(self, live: Account, disturbed: Path) -> None:
        result = live.run("access", str(disturbed))
        rows = {
            line.split("@")[0].split()[-1]: line
            for line in result.stdout.split("\n")
            if "@" in line
        }
        assert rows["leon"].startswith("! OWNER  =L ")
        assert rows["leon"].endswith("not in your files")
        assert rows["bob"].startswith("! ADMIN  Bob ")
        assert rows["bob"].endswith("role: your files declare agent")
        assert "Support (tickets; manager)  " in rows["mia"]
        assert "Sales (chats)" not in rows["mia"].partition("Sales: in your files")[0]
        assert rows["new"].startswith("! -  ")
        assert rows["new"].endswith("not in the account; your files declare admin, Sales")
        assert rows["owner"].startswith("  OWNER")
        assert "! 4 people" in result.stdout
        assert "not declared: 1 owner.\n" in result.stdout

    def test_in_csv_no_cell_is_a_formula(self, live: Account, disturbed: Path) -> None:
        text = live.run("access", str(disturbed), "--format", "csv").stdout
        rows = list(csv.DictReader(StringIO(text)))
        leon = next(row for row in rows if row["email"] == "leon@evil.example")
        assert (leon["name"], leon["role"], leon["marked"]) == ("'=L", "owner", "yes")
        support = next(row for row in rows if row["department"] == "Support")
        assert (support["tickets"], support["department_role"]) == ("yes", "manager")
        assert (support["department_mark"], support["department_line"]) == ("unmanaged", "11")
        assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]

    def test_nothing_is_written_and_the_account_is_read_once(
        self, live: Account, disturbed: Path, tmp_path: Path
    ) -> None:
        live.run("snapshot", str(disturbed), "--out", str(tmp_path / "s"))
        live.server.requests.clear()
        data = listed(live, disturbed)
        paths = [entry.path for entry in live.server.requests.entries()]
        assert len(paths) < 12
        assert live.writes() == []
        live.server.requests.clear()
        stored = listed(live, disturbed, "--snapshot", str(tmp_path / "s"))
        assert live.server.requests.entries() == []
        assert stored["people"] == data["people"]
        assert stored["snapshot_time"]

    def test_suspended_and_absent(self, live: Account, clone: Repository) -> None:
        live.apply(clone.folder)
        gone = TEAM.replace("name: Mia\n", "name: Mia\n        state: suspended\n").replace(
            "name: Bob\n", "name: Bob\n        state: absent\n"
        )
        found = people(listed(live, write_project(clone.folder, team=gone)))
        assert (found[MIA]["state"], found[BOB]["state"]) == ("suspended", "absent")
        assert marks(found[MIA])["Support"] == "differs"
        assert set(marks(found[BOB]).values()) == {"differs"}
        assert found[BOB]["role"]["declared_at"]["line"] == 18


def test_the_page_holds_everybody_and_no_markup_of_theirs(live: Account, clone: Repository) -> None:
    live.call(
        "POST", "/agents", {"email": "x@evil.example", "name": "<img src=x>", "role": "admin"}
    )
    page = live.run("access", str(clone.folder), "--format", "html").stdout
    assert "&lt;img src=x&gt;" in page
    assert "<img" not in page
    powerful = page.partition('<section id="powerful"')[2].partition("</section>")[0]
    assert "x@evil.example" in powerful


def test_v3_names_what_it_can_t_look_at(live: Account, clone: Repository, tmp_path: Path) -> None:
    live.apply(clone.folder)
    hours = "{days: [mon], from: '09:00', to: '17:00', services: [calls], departments: [Sales]}"
    write_project(clone.folder, team=TEAM + f"        hours: [{hours}]\n        level: Nobody\n")
    with account(tmp_path, surface="v3") as v3:
        data = listed(v3, clone.folder)
        paths = {entry.path for entry in v3.server.requests.entries()}
        assert not [path for path in paths if "/devices/" in path]
        text = v3.run("access", str(clone.folder)).stdout
    support = next(one for one in people(data)[MIA]["departments"] if one["name"] == "Support")
    assert "role" not in support["value"]
    assert support["mark"] == "declared"
    assert data["not_looked_at"][0] == "membership roles"
    assert "Not looked at on API v3: membership roles, " in text
    assert data["ownership"]["declared_people"] == 3
