"""What a branch changes in provisioner.yaml: shown first, and never used to reach an account."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.repository import Repository
from tests.support import KEY, Account
from tests.unit.liveagent.scripted import Reply, scripted

TEAM = "agents: [{email: mia@acme.example, name: Mia}, {email: bob@acme.example, name: Bob}]"
POLICY = """
    targets:
      production:
        url: "%s"
        api_key: {env: KEY}
    guards: {max_delete: 9}
    protect: {agents: [mia@acme.example]}
"""
FORMATS = ("text", "json", "markdown", "html")


def run(*arguments: str, **environment: str | None) -> Result:
    nothing = {"LIVEAGENT_BASE_URL": None, "LIVEAGENT_V3_API_KEY": None, "PROVISIONER_HOSTS": None}
    return CliRunner().invoke(main, [*arguments], env={**nothing, "KEY": KEY, **environment})


@pytest.fixture
def clone(live: Account, tmp_path: Path) -> Repository:
    made = Repository.new(tmp_path / "clone")
    made.commit("Begin", team=TEAM, provisioner=POLICY % live.server.url)
    assert run("apply", str(made.folder), "--yes").exit_code == 0
    made.branch("change")
    live.server.requests.clear()
    return made


def edit(clone: Repository, old: str, new: str) -> None:
    file = clone.folder / "provisioner.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    clone.commit("Change the policy")


def planned(clone: Repository, *arguments: str, **environment: str) -> dict[str, Any]:
    command = ("plan", str(clone.folder), "--base", "main", "--format", "json", *arguments)
    result = run(*command, **environment)
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


class TestShown:
    @pytest.mark.parametrize("format_", FORMATS)
    def test_a_changed_setting_stands_first(self, clone: Repository, format_: str) -> None:
        edit(clone, "max_delete: 9", "max_delete: 500")
        edit(clone, "[mia@acme.example]", "[owner@acme.example]")
        arguments = ("plan", str(clone.folder), "--base", "main", "--format", format_)
        result = run(*arguments, "--detailed-exitcode")
        assert result.exit_code == 2, result.output
        text = result.stdout
        assert "✅" not in text
        assert "othing to change" not in text
        assert "nobody loses access" not in text
        assert "500" in text
        match format_:
            case "text":
                head, _, rest = text.partition("\n\n")
                assert "\n" not in head
                assert rest.startswith(
                    "Policy changed by this branch\n"
                    "  guards.max_delete: 9 → 500  provisioner.yaml:6\n"
                    "  protect.agents: removed mia@acme.example, added owner@acme.example  "
                    "provisioner.yaml:7\n"
                )
                assert "policy changed (2 settings)" in text
            case "markdown":
                assert "policy changed (2 settings)\n" in text.splitlines(keepends=True)[1]
                assert text.index("### Policy changed") == text.index("###")
            case "html":
                assert text.index('<section id="policy"') == text.index("<section")
            case _:
                assert json.loads(text)["policy_changes"] == [
                    {
                        "path": "guards.max_delete",
                        "before": 9,
                        "after": 500,
                        "source": {"file": "provisioner.yaml", "line": 6},
                    },
                    {
                        "path": "protect.agents",
                        "before": ["mia@acme.example"],
                        "after": ["owner@acme.example"],
                        "source": {"file": "provisioner.yaml", "line": 7},
                    },
                ]

    def test_a_saved_plan_shows_it_too(self, clone: Repository, tmp_path: Path) -> None:
        edit(clone, "max_delete: 9", "max_delete: 500")
        file = str(tmp_path / "plan.json")
        for format_ in FORMATS:
            arguments = (str(clone.folder), "--base", "main", "--format", format_)
            shown = run("plan", *arguments, "--out", file).stdout
            assert run("show", file, "--format", format_).stdout == shown

    def test_what_changes_access_besides_is_in_the_title(self, clone: Repository) -> None:
        edit(clone, "max_delete: 9", "max_delete: 500")
        clone.commit(
            "Bob goes",
            team=TEAM.replace("name: Bob", "state: absent"),
        )
        result = run("plan", str(clone.folder), "--base", "main", "--format", "markdown")
        assert "policy changed (1 setting), 1 person deleted" in result.stdout

    def test_an_unchanged_policy_and_a_changed_overlay_are_no_policy_change(
        self, clone: Repository
    ) -> None:
        text = "agents: [{email: bob@acme.example, gender: male}]"
        clone.commit("Overlay", project="targets/production", bob=text)
        data = planned(clone)
        assert data["policy_changes"] == []
        assert data["summary"]["update"] == 1

    def test_a_file_that_is_no_longer_read_is_a_changed_policy(self, clone: Repository) -> None:
        clone.git("checkout", "--quiet", "main")
        clone.commit("Sales", sales="agents: [{email: eve@acme.example, name: Eve}]")
        clone.git("checkout", "--quiet", "-B", "change")
        edit(clone, "guards:", "exclude: [sales.yaml]\nguards:")
        result = run("plan", str(clone.folder), "--base", "main", "--format", "json")
        assert result.exit_code == 0, result.output
        changes = json.loads(result.stdout)["policy_changes"]
        assert [(one["path"], one["after"]) for one in changes] == [("exclude", ["sales.yaml"])]
        assert "[excluded-objects]" in result.stderr

    def test_without_a_base_the_account_and_the_policy_are_part_of_the_plan(
        self, clone: Repository, live: Account
    ) -> None:
        result = run("plan", str(clone.folder), "--format", "json")
        data = json.loads(result.stdout)
        assert data["account"] == {"url": live.server.url, "api_key": "env KEY"}
        assert data["policy"]["guards"]["max_delete"] == 9
        assert data["policy"]["protect"] == {"agents": ["mia@acme.example"]}
        assert "policy_changes" not in data
        shown = run("plan", str(clone.folder)).stdout
        assert (
            f"Nothing to change on production, {live.server.url} (extended surface): 2 declared"
            in shown
        )

    def test_the_embedded_sandbox_has_no_address(self, clone: Repository) -> None:
        arguments = ("plan", str(clone.folder), "-t", "sandbox", "--format", "json")
        first, second = (run(*arguments).stdout for _ in range(2))
        assert first == second
        assert json.loads(first)["account"] is None

    def test_the_riskiest_setting_is_never_pushed_out_of_a_comment(self, clone: Repository) -> None:
        many = "".join(f"\n  - {{step: a{n:04}, by: x, on: '2026-01-02'}}" for n in range(3000))
        other = "{url: 'https://acme.example', api_key: {env: X}}"
        edit(clone, "guards:", f"acknowledged:{many}\nguards:")
        edit(clone, "production:", f"a: {other}\n  production:")
        edit(clone, "env: KEY", "env: OTHER")
        command = ("plan", str(clone.folder), "--base", "main", "-t", "production")
        result = run(*command, "--format", "markdown")
        assert result.exit_code == 0
        assert len(result.stdout.encode()) < 65_000
        first = next(line for line in result.stdout.splitlines() if line.startswith("- "))
        assert "targets.production.api_key: env KEY → env OTHER" in first


class TestConnection:
    """A branch decides neither where the key goes nor which key or program is used."""

    def test_a_changed_address_gets_no_request(self, clone: Repository, live: Account) -> None:
        with scripted(lambda _: Reply([])) as (thief, stolen):
            edit(clone, live.server.url, thief)
            result = run("plan", str(clone.folder), "--base", "main", "--detailed-exitcode")
        assert result.exit_code == 2, result.output
        assert stolen == []
        assert live.server.requests.entries()
        assert (
            f"This plan was made with the address {live.server.url} and the key of env KEY, "
            "as in main, not as in this branch." in result.stdout
        )
        assert (
            f"Plan for production, {live.server.url} (extended surface): policy changed (1 setting)"
            in result.stdout
        )

    def test_a_changed_source_of_the_key_is_not_used(
        self, clone: Repository, tmp_path: Path
    ) -> None:
        mark = tmp_path / "mark"
        edit(clone, "{env: KEY}", f"{{command: touch {mark}}}")
        data = planned(clone)
        assert data["account"]["api_key"] == "env KEY"
        assert [change["path"] for change in data["policy_changes"]] == [
            "targets.production.api_key"
        ]
        assert not mark.exists()

    def test_a_program_of_the_branch_does_not_become_the_base_s_command(
        self, clone: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone.git("checkout", "--quiet", "main")
        edit(clone, "{env: KEY}", "{command: sh key.sh}")
        (clone.folder / "key.sh").write_text(f"echo {KEY}\n")
        clone.commit("Key by a command")
        clone.git("checkout", "--quiet", "-b", "stranger")
        (clone.folder / "key.sh").write_text(f"touch mark; echo {KEY}\n")
        clone.commit("Change the command")
        monkeypatch.chdir(clone.folder)
        result = run("plan", ".", "--base", "main")
        assert result.exit_code == 1
        assert "[api-key-missing]" in result.stderr
        assert not (clone.folder / "mark").exists()
        assert run("plan", ".").exit_code == 0

    def test_a_new_target_is_refused(self, clone: Repository, live: Account) -> None:
        other = f"{{url: '{live.server.url}', api_key: {{env: KEY}}}}"
        edit(clone, "production:", f"other: {other}\n  production:")
        command = ("plan", str(clone.folder), "--base", "main", "-t", "other")
        result = run(*command)
        assert result.exit_code == 3
        assert "[target-not-in-base]" in result.stderr
        assert live.server.requests.entries() == []
        assert run(*command, PROVISIONER_HOSTS="acme.example").exit_code == 3
        pinned = run(*command, PROVISIONER_HOSTS="127.0.0.1")
        assert pinned.exit_code == 0, pinned.output
        assert "The target is new; PROVISIONER_HOSTS allows its host." in pinned.stdout

    def test_a_new_target_runs_no_command_even_if_its_host_is_pinned(
        self, clone: Repository, live: Account, tmp_path: Path
    ) -> None:
        mark = tmp_path / "mark"
        other = f"{{url: '{live.server.url}', api_key: {{command: touch {mark}}}}}"
        edit(clone, "production:", f"other: {other}\n  production:")
        command = ("plan", str(clone.folder), "--base", "main", "-t", "other")
        assert run(*command, PROVISIONER_HOSTS="127.0.0.1").exit_code == 3
        assert not mark.exists()

    def test_a_base_that_can_not_be_read_vouches_for_nothing(self, clone: Repository) -> None:
        clone.git("checkout", "--quiet", "main")
        good = (clone.folder / "provisioner.yaml").read_text()
        edit(clone, "targets:", "targets: [")
        clone.git("checkout", "--quiet", "-b", "mend")
        (clone.folder / "provisioner.yaml").write_text(good)
        clone.commit("Mend")
        result = run("plan", str(clone.folder), "--base", "main")
        assert result.exit_code == 3
        assert "[target-not-in-base]" in result.stderr

    def test_a_plan_from_a_snapshot_is_of_the_base_s_account(
        self, clone: Repository, live: Account, tmp_path: Path
    ) -> None:
        file = str(tmp_path / "snapshot.json")
        assert run("snapshot", str(clone.folder), "--out", file).exit_code == 0
        edit(clone, live.server.url, "https://evil.example")
        data = planned(clone, "--snapshot", file)
        assert data["account"]["url"] == live.server.url
        assert [change["path"] for change in data["policy_changes"]] == ["targets.production.url"]


class TestSaved:
    """A saved plan holds only under the policy that it was made under."""

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("max_delete: 9", "max_delete: 1", "policy.guards.max_delete was 9 and is 1"),
            ("{env: KEY}", "{env: KEY_2}", 'account.api_key was "env KEY" and is "env KEY_2"'),
            ("protect", "ignore: [{field: agents.level, reason: x}]\nprotect", "policy.ignore was"),
        ],
    )
    def test_a_changed_policy_refuses_it(
        self, clone: Repository, live: Account, tmp_path: Path, old: str, new: str, words: str
    ) -> None:
        clone.commit("Rename", team=TEAM.replace("name: Bob", "name: Robert"))
        file = str(tmp_path / "plan.json")
        assert run("plan", str(clone.folder), "--out", file).exit_code == 0
        edit(clone, old, new)
        result = run("apply", file, "--yes", KEY_2=KEY)
        assert result.exit_code == 3, result.output
        assert "[stale-plan]" in result.stderr
        assert words in " ".join(result.stderr.split())
        assert live.writes() == []

    def test_an_acknowledgement_does_not(self, clone: Repository, tmp_path: Path) -> None:
        clone.commit("Rename", team=TEAM.replace("name: Bob", "name: Robert"))
        file = str(tmp_path / "plan.json")
        assert run("plan", str(clone.folder), "--out", file).exit_code == 0
        edit(clone, "guards:", "acknowledged: [{step: a, by: x, on: '2026-01-02'}]\nguards:")
        assert run("apply", file, "--yes").exit_code == 0
