"""`provisioner access`: access at a version of the files, and between two."""

import json
from pathlib import Path

import pytest

from tests.acceptance.access_team import BOB, MIA, PROTECT, TEAM, listed, people, two_commits
from tests.repository import Repository
from tests.support import Account, write_project


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    return two_commits(tmp_path / "p")


class TestVersions:
    def test_declared_access_at_a_version_needs_no_account(
        self, live: Account, clone: Repository
    ) -> None:
        (clone.folder / "team.yaml").write_text("agents: [{")
        data = listed(live, clone.folder, "--at", "first")
        mia = people(data)[MIA]
        assert live.server.requests.entries() == []
        assert (data["live"], data["ownership"], data["files"]["ref"]) == (False, None, "first")
        support = next(one for one in mia["departments"] if one["name"] == "Support")
        assert support["declared"] == {"role": "manager"}
        assert mia["since"]["summary"] == "Begin"
        text = live.run("access", str(clone.folder), "--at", "first").stdout
        assert text.startswith(f"Access declared in first ({clone.git('rev-parse', 'first')[:8]})")
        assert "Support (manager)" in text

    def test_the_overlay_of_a_target_applies(self, live: Account, clone: Repository) -> None:
        overlay = "agents: [{email: mia@acme.example, role: admin}]"
        targets = PROTECT + (
            "    targets: {a: {url: 'https://a.ladesk.com', api_key: {env: K}}, "
            "b: {url: 'https://b.ladesk.com', api_key: {env: K}}}\n"
        )
        write_project(clone.folder, provisioner=targets)
        clone.commit("Overlay", "targets/b", over=overlay)
        for target, role in (("a", "Lead"), ("b", "admin")):
            found = people(listed(live, clone.folder, "--at", "HEAD", "-t", target))
            assert found[MIA]["role"]["declared"] == role
        assert live.run("access", str(clone.folder), "--at", "HEAD", "-t", "c").exit_code == 1

    def test_the_difference_between_two(self, live: Account, clone: Repository) -> None:
        changed = (
            TEAM.replace(
                "email: bob@acme.example",
                "email: rob@acme.example\n        previously: bob@acme.example",
            )
            .replace("        role: Lead\n", "")
            .replace("Sales: {chats: true}", "General: {}")
        )
        later = clone.commit(
            "Later", team=changed + "      - {email: eve@acme.example, role: admin}\n"
        )
        result = live.run("access", str(clone.folder), "--since", "first", "--format", "json")
        data = json.loads(result.stdout)
        assert result.exit_code == 0
        assert live.server.requests.entries() == []
        assert (data["since"]["ref"], data["files"]) == ("first", {"ref": "", "commit": later})
        found = {
            one["email"]: (
                one["entry"],
                one["former_email"],
                {
                    change["path"][-1]: (change["before"], change["after"], change["left_out"])
                    for change in one["changes"]
                },
            )
            for one in data["differences"]
        }
        assert found == {
            "eve@acme.example": ("added", "", {"role": (None, "admin", False)}),
            "rob@acme.example": ("changed", BOB, {}),
            MIA: (
                "changed",
                "",
                {
                    "role": ("Lead", None, True),
                    "Sales": ({"chats": True}, None, False),
                    "General": (None, {}, False),
                    "Support": ({"role": "manager"}, {"tickets": True, "role": "manager"}, False),
                },
            ),
        }
        words = ("access", str(clone.folder), "--since", "HEAD~1", "--at")
        text = live.run(*words, "HEAD").stdout
        assert "    role: Lead -> (left out)\n" in text
        assert "~ Bob  rob@acme.example: changed, was bob@acme.example\n" in text
        assert live.run(*words, "HEAD~1").stdout.endswith(": none\n")
        for format_ in ("csv", "html"):
            assert "rob@acme.example" in live.run(*words, "HEAD", "--format", format_).stdout

    def test_a_changed_state_has_the_commit_of_its_own_line(
        self, live: Account, clone: Repository
    ) -> None:
        suspended = TEAM.replace("name: Bob\n", "name: Bob\n        state: suspended\n")
        later = clone.commit("Suspend", team=suspended)
        words = ("access", str(clone.folder), "--format", "json", "--since")
        bob = json.loads(live.run(*words, "first").stdout)["differences"][-1]
        state = next(one for one in bob["changes"] if one["path"] == ["state"])
        assert (bob["email"], state["after"]) == (BOB, "suspended")
        place = state["declared_at"]
        assert (place["line"], place["since"]["commit"]) == (17, later)
        clone.commit("Resume", team=TEAM)
        bob = json.loads(live.run(*words, later).stdout)["differences"][-1]
        state = next(one for one in bob["changes"] if one["path"] == ["state"])
        assert (state["before"], state["declared_at"]) == ("suspended", None)

    def test_a_removed_entry_keeps_its_access_and_an_absent_one_loses_it(
        self, live: Account, clone: Repository
    ) -> None:
        gone = TEAM.partition("      - email: mia")[0]
        clone.commit("Go", team=gone + "      - {email: bob@acme.example, state: absent}\n")
        words = ("access", str(clone.folder), "--since", "first")
        data = json.loads(live.run(*words, "--format", "json").stdout)
        assert {
            one["email"]: (one["entry"], {change["left_out"] for change in one["changes"]})
            for one in data["differences"]
        } == {MIA: ("removed", {True}), BOB: ("absent", {False})}
        text = live.run(*words).stdout
        assert "! Mia  mia@acme.example: removed from the files, the account stays as it is" in text
        assert "- Bob  bob@acme.example: declared as absent\n    role: agent -> -\n" in text

    def test_a_version_before_the_project_declares_nothing(
        self, live: Account, tmp_path: Path
    ) -> None:
        made = Repository.new(tmp_path / "p")
        (made.folder / "README").touch()
        first = made.commit("Empty")
        made.commit("Begin", team=TEAM)
        words = ("--since", first, "--format", "json")
        data = json.loads(live.run("access", str(made.folder), *words).stdout)
        assert {one["entry"] for one in data["differences"]} == {"added"}

    @pytest.mark.parametrize(
        ("words", "exit_code", "code"),
        [
            (["--at", "nowhere"], 1, "[unknown-base]"),
            (["--since", "--all"], 1, "[unknown-base]"),
            (["--at", "broken"], 1, "[version-unusable]"),
            (["--at", "first", "--snapshot", "x"], 64, "--snapshot"),
            (["--at", "first", "--at", "HEAD"], 64, "only once"),
        ],
    )
    def test_what_can_t_be_listed_is_an_error(
        self, live: Account, clone: Repository, words: list[str], exit_code: int, code: str
    ) -> None:
        clone.commit("Break", team="agents: [{email: a@acme.example, rol: admin}]")
        clone.git("tag", "broken")
        clone.commit("Mend", team=TEAM)
        result = live.run("access", str(clone.folder), *words)
        assert result.exit_code == exit_code
        assert code in result.output
        assert result.stdout == ""
