"""`set` and `agent`: edits of the files in their own style, with their plan."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import Account, account, write_project

CONFIG = """\
    version: 1
    protect: {agents: [mia@acme.example, "*@board.example"]}  # the lead
    guards: {max_delete_percent: 100, max_update_percent: 100}
"""

TEAM = """\
    # The team.
    departments: [{name: Support}, {name: Sales}, {name: "North.West"}]

    profiles:
      - name: tier1
        chat: {max_load: 3}  # all of them
        departments:
          Sales: {tickets: true}

    agents:
      # Mia leads.
      - email: mia@acme.example  # work
        name: 'Mia'
        role: admin
        departments:
          Support: {tickets: true, chats: true}  # all day
        hours:
          - {days: [mon], from: "09:00", to: "17:00", departments: [Support]}

      - email: bob@acme.example
        name: Bob
        extends: [tier1]
        signature: Bob
        # Bob is on leave.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", provisioner=CONFIG, team=TEAM)


def run(project: Path, *words: str, plan: bool = False) -> Result:
    return CliRunner().invoke(main, [*words, str(project), *([] if plan else ["--no-plan"])])


def lines_changed(project: Path, before: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the removed and the added lines of all files, with their order."""
    removed, added = [], []
    for name, text in sorted(before.items()):
        after = (project / name).read_text().split("\n")
        removed += [line for line in text.split("\n") if line not in after]
        added += [line for line in after if line not in text.split("\n")]
    return removed, added


def texts(project: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in project.glob("*.yaml")}


MIA, BOB = "mia@acme.example", "bob@acme.example"


@pytest.mark.parametrize(
    ("words", "removed", "added"),
    [
        (["set", f"agent/{MIA}", "name=Mia Chen"], ["    name: 'Mia'"], ["    name: 'Mia Chen'"]),
        (["set", f"agent/{BOB}", "chat.max_load=5"], [], ["    chat: {max_load: 5}"]),
        (["set", f"agent/{BOB}", "ends=2999-01-31"], [], ['    ends: "2999-01-31"']),
        (
            [
                "set",
                f"agent/{MIA}",
                "temporary=[{from: 2999-01-01, until: 2999-01-31, reason: R, role: agent}]",
            ],
            [],
            [
                "    temporary:",
                '      - from: "2999-01-01"',
                '        until: "2999-01-31"',
                "        reason: R",
                "        role: agent",
            ],
        ),
        (["set", f"agent/{BOB}", "role=owner"], [], ["    role: owner"]),
        (["set", f"agent/{BOB}", "role=null"], [], ["    role: null"]),
        (["set", f"agent/{BOB}", "alias=yes: 12 # no"], [], ["    alias: 'yes: 12 # no'"]),
        (
            ["set", f"agent/{MIA}", "departments.support.chats=false"],
            ["      Support: {tickets: true, chats: true}  # all day"],
            ["      Support: {tickets: true, chats: false}  # all day"],
        ),
        (
            ["set", f"agent/{MIA}", "departments.North.West={chats: true}"],
            [],
            ["      North.West: {chats: true}"],
        ),
        (
            ["set", f"agent/{BOB}", "signature=Kind regards\nBob"],
            ["    signature: Bob"],
            ["    signature: |-", "      Kind regards", "      Bob"],
        ),
        (
            ["set", "profile/tier1", "chat.max_load=4"],
            ["    chat: {max_load: 3}  # all of them"],
            ["    chat: {max_load: 4}  # all of them"],
        ),
        (["set", "member-of/Support", "level=Expert"], [], ["    level: Expert"]),
        (
            ["agent", "move", MIA, "--from", "support", "--to", "sales"],
            [
                "      Support: {tickets: true, chats: true}  # all day",
                '      - {days: [mon], from: "09:00", to: "17:00", departments: [Support]}',
            ],
            [
                "      Sales: {tickets: true, chats: true}  # all day",
                '      - {days: [mon], from: "09:00", to: "17:00", departments: [Sales]}',
            ],
        ),
        (
            ["agent", "rename", MIA, "mia.novak@acme.example", "--name", "Mia Novak"],
            [
                'protect: {agents: [mia@acme.example, "*@board.example"]}  # the lead',
                "  - email: mia@acme.example  # work",
                "    name: 'Mia'",
            ],
            [
                'protect: {agents: [mia.novak@acme.example, "*@board.example"]}  # the lead',
                "  - email: mia.novak@acme.example  # work",
                "    previously: mia@acme.example",
                "    name: 'Mia Novak'",
            ],
        ),
        (["agent", "suspend", BOB], [], ["    state: suspended"]),
        (["agent", "remove", BOB], [], ["    state: absent"]),
        (
            ["agent", "add", "eve@acme.example", "--name", "Eve", "--like", BOB],
            [],
            ["  - email: eve@acme.example", "    name: Eve"],
        ),
    ],
)
def test_an_edit_changes_only_its_lines(
    project: Path, words: list[str], removed: list[str], added: list[str]
) -> None:
    before = texts(project)
    dry = run(project, *words, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert texts(project) == before
    result = run(project, *words)
    assert result.exit_code == 0, result.output
    assert lines_changed(project, before) == (removed, added)
    assert result.stdout == dry.stdout
    assert [line[1:] for line in result.stdout.split("\n") if line[:1] == "+"][1:] or removed
    assert run_validate(project).exit_code == 0


def run_validate(project: Path) -> Result:
    return CliRunner().invoke(main, ["validate", str(project)])


def test_a_new_agent_takes_what_is_shared_and_nothing_personal(project: Path) -> None:
    run(project, "agent", "add", "eve@acme.example", "--name", "Eve", "--like", BOB)
    text = (project / "team.yaml").read_text()
    assert "\n\n  - email: eve@acme.example\n    name: Eve\n    extends: [tier1]\n" in text
    assert "# Bob is on leave.\n" in text
    result = run(project, "agent", "add", "max@acme.example", "--name", "Max", "--like", MIA)
    assert "max@acme.example gets the role admin, as mia@acme.example has it." in result.stderr


def test_the_sequence_of_a_leaver(project: Path) -> None:
    before = texts(project)
    assert run(project, "agent", "remove", BOB, "--entry").exit_code == 1
    suspended = run(project, "agent", "suspend", BOB)
    assert "can still sign in" in suspended.stderr
    assert run(project, "agent", "suspend", BOB).exit_code == 1
    removed = run(project, "agent", "remove", BOB)
    assert "    state: absent\n" in texts(project)["team.yaml"]
    assert f"provisioner agent remove {BOB} --entry" in removed.stderr
    assert run(project, "agent", "remove", BOB).exit_code == 1
    assert run(project, "agent", "remove", BOB, "--entry").exit_code == 0
    kept = before["team.yaml"].index("      - email: bob"[4:])
    assert texts(project)["team.yaml"] == before["team.yaml"][:kept] + "    # Bob is on leave.\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["set", f"agent/{MIA}", "role=boss"], 1, 'role "boss" is not declared'),
        (["set", f"agent/{MIA}", "rol=admin"], 64, 'did you mean "role"?'),
        (["set", f"agent/{MIA}", "chat.max_lod=1"], 64, 'did you mean "max_load"?'),
        (["set", f"agent/{MIA}", "chat.max_load=many"], 1, "max_load"),
        (["set", f"agent/{MIA}", "chat.max_load="], 64, "has no value"),
        (["set", f"agent/{MIA}", "chat={"], 64, "is not valid YAML"),
        (["set", f"agent/{MIA}", "departments.Nowhere.chats=true"], 64, "is not declared"),
        (["set", f"agent/{MIA}", f"email={BOB}"], 1, "provisioner agent rename"),
        (["set", "department/Sales", "name=Shop"], 1, "previously: Sales"),
        (["set", "agent/max@acme.example", "role=agent"], 64, "no declared object matches"),
        (["set", "profile/tier2", "role=agent"], 64, 'did you mean "tier1"?'),
        (["set", f"agent/{MIA}"], 64, "at least one FIELD=VALUE"),
        (["agent", "add", BOB, "--name", "Bob", "--like", MIA], 1, "is declared already"),
        (["agent", "add", "e@acme.example", "--name", "E", "--like", "x@y"], 64, "is not declared"),
        (["agent", "add", "eve", "--name", "E", "--like", MIA], 1, "email"),
        (["agent", "move", MIA, "--from", "Sales", "--to", "Support"], 1, "declared: Support"),
        (["agent", "move", MIA, "--from", "Support", "--to", "Shop"], 64, "is not declared"),
        (["agent", "move", BOB, "--from", "Sales", "--to", "Support"], 1, 'from profile "tier1"'),
        (["agent", "rename", MIA, BOB], 1, "is declared already"),
        (["agent", "remove", "max@acme.example"], 64, "is not declared"),
    ],
)
def test_a_refused_edit_writes_nothing(
    project: Path, words: list[str], code: int, message: str
) -> None:
    before = texts(project)
    result = run(project, *words)
    assert result.exit_code == code, result.output
    assert message in " ".join(result.output.split())
    assert texts(project) == before


def test_a_broken_project_is_not_edited(project: Path) -> None:
    write_project(project, more="agents: [{email: x@acme.example, rol: agent}]")
    before = texts(project)
    assert run(project, "agent", "suspend", BOB).exit_code == 1
    assert texts(project) == before


def test_the_overlay_of_a_target_is_edited_where_it_has_the_field(tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "p",
        provisioner="version: 1\ntargets: {eu: {url: https://eu.example, api_key: {env: K}}}",
        team="agents: [{email: a@acme.example, name: A, role: agent}]",
    )
    write_project(project / "targets/eu", eu="agents: [{email: a@acme.example, role: admin}]")
    assert run(project, "set", "agent/a@acme.example", "role=owner", "-t", "eu").exit_code == 0
    assert "role: owner" in (project / "targets/eu/eu.yaml").read_text()
    assert "role: agent" in (project / "team.yaml").read_text()
    assert (
        run(project, "agent", "rename", "a@acme.example", "b@acme.example", "-t", "eu").exit_code
        == 0
    )
    assert "email: b@acme.example, role" in (project / "targets/eu/eu.yaml").read_text()


def test_the_plan_of_the_edit_follows_the_difference(live: Account, project: Path) -> None:
    live.apply(project)
    live.server.requests.clear()
    result = live.run("agent", "rename", BOB, "rob@acme.example", str(project))
    assert result.exit_code == 0, result.output
    assert "+    previously: bob@acme.example\n" in result.stdout
    assert "1 to update" in result.stdout
    assert "mia@acme.example" not in result.stdout.partition("@@")[2].partition("Plan")[2]
    assert live.writes() == []
    live.apply(project)
    assert live.agent("rob@acme.example")["name"] == "Bob"


def test_without_an_account_the_files_are_edited_all_the_same(project: Path) -> None:
    result = run(project, "agent", "suspend", BOB, plan=True)
    assert result.exit_code == 0
    assert "The plan of this edit can't be shown; run provisioner plan." in result.stderr
    assert "state: suspended" in texts(project)["team.yaml"]


def test_a_plan_whose_apply_would_be_refused_shows_why(live: Account, tmp_path: Path) -> None:
    owner = "owner@acme.example"
    team = f"agents: [{{email: {owner}, name: Account Owner, role: owner}}]"
    folder = write_project(tmp_path / "owner", team=team)
    dry = live.run("agent", "suspend", owner, str(folder), "--dry-run").stderr
    assert "error: agent/owner@acme.example can't be suspended" in dry
    assert "team.yaml:" not in dry
    result = live.run("agent", "suspend", owner, str(folder))
    assert result.exit_code == 0
    assert "can't be suspended: the API key belongs to it [protected]" in result.stderr
    assert result.stderr.endswith("An apply of this edit would be refused.\n")


def test_the_same_value_changes_nothing(project: Path) -> None:
    result = run(project, "set", f"agent/{MIA}", "role=admin")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing was written" in result.stderr


def test_a_second_edit_of_the_plan_is_on_api_v3_too(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team="agents: [{email: a@acme.example, name: A}]")
    with account(tmp_path, surface="v3") as live:
        live.apply(project)
        result = live.run("set", "agent/a@acme.example", "name=Anna", str(project))
    assert result.exit_code == 0
    assert "1 to update" in result.stdout
