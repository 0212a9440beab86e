"""The least privileges of a key, in docs/surfaces.md: they suffice, and none can be left out."""

from pathlib import Path

import pytest

from provisioner.liveagent.http.refusals import APPLY, APPLY_FULL, PLAN, PLAN_FULL, needed_privilege
from provisioner.sandbox.switches import Switches
from tests.support import account, write_project

PAGE = (Path(__file__).parents[2] / "docs/surfaces.md").read_text("utf-8")
NEEDED = {"v3": (PLAN, APPLY), "full": (PLAN_FULL, APPLY_FULL)}
AGENTS = """\
agents:
  - {email: mia@acme.example, name: Mia, role: agent, availability: {tickets: online}}
  - {email: bob@acme.example, name: Robert, alias: Bob, departments: {General: {tickets: true}}}
  - {email: eva@acme.example, state: absent}
departments: [{name: General}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "team", agents=AGENTS)


def prepare(folder: Path, surface: str) -> None:
    """Create two agents with a key that has all privileges."""
    with account(folder, surface=surface) as live:
        for name in ("Bob", "Eva"):
            body = {"email": f"{name.lower()}@acme.example", "name": name, "role": "agent"}
            live.call("POST", "/agents", body)


def without(privileges: tuple[str, ...], one: str) -> str:
    return ",".join(privilege for privilege in privileges if privilege != one)


@pytest.mark.parametrize("surface", NEEDED)
def test_the_least_privileges_suffice(tmp_path: Path, project: Path, surface: str) -> None:
    prepare(tmp_path, surface)
    plan, apply = NEEDED[surface]
    options = {"surface": surface, "switches": Switches(key_scopes=",".join(apply))}
    with account(tmp_path, **options) as live:
        live.apply(project)
    reader = Switches(key_scopes=",".join(plan))
    with account(tmp_path, surface=surface, switches=reader) as live:
        after = live.plan(project)
    assert after["summary"]["create"] == after["summary"]["delete"] == 0


@pytest.mark.parametrize(
    ("surface", "privilege"),
    [(surface, one) for surface, (plan, _) in NEEDED.items() for one in plan],
)
def test_a_plan_without_one_of_them_is_refused_and_names_it(
    tmp_path: Path, project: Path, surface: str, privilege: str
) -> None:
    switches = Switches(key_scopes=without(NEEDED[surface][0], privilege))
    with account(tmp_path, surface=surface, switches=switches) as live:
        result = live.run("plan", str(project))
    assert result.exit_code == 1
    assert "[target-refused]" in result.stderr
    assert f"the privilege {privilege}" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("surface", "privilege"),
    [(surface, one) for surface, (_, apply) in NEEDED.items() for one in apply],
)
def test_an_apply_without_one_of_them_names_it(
    tmp_path: Path, project: Path, surface: str, privilege: str
) -> None:
    prepare(tmp_path, surface)
    switches = Switches(key_scopes=without(NEEDED[surface][1], privilege))
    with account(tmp_path, surface=surface, switches=switches) as live:
        result = live.run("apply", str(project), "--yes")
    assert result.exit_code in {1, 4}
    assert f"the privilege {privilege}" in " ".join(result.output.split())
    assert "[internal]" not in result.output


def test_the_page_lists_them() -> None:
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in PAGE.splitlines()}

    def cells(*columns: tuple[str, ...]) -> str:
        return " | ".join(", ".join(f"`{one}`" for one in column) for column in columns)

    assert cells(PLAN, PLAN_FULL) in rows["plan, drift, snapshot, export"]
    assert cells(APPLY, APPLY_FULL) in rows["apply, undo, probe"]


@pytest.mark.parametrize(
    ("method", "path", "privilege"),
    [
        ("GET", "/agents/a1/status", "agent.read"),
        ("PUT", "/agents/a1", "agent.manage"),
        ("GET", "/grid/plugins", "plugin_settings.read"),
        ("GET", "/grid/departments", "agent.read"),
        ("POST", "/files", "file.add"),
        ("GET", "/ping", ""),
    ],
)
def test_the_privilege_of_a_call(method: str, path: str, privilege: str) -> None:
    assert needed_privilege(method, path) == privilege


@pytest.mark.parametrize("surface", NEEDED)
def test_a_key_without_the_privilege_is_explained_once(tmp_path: Path, surface: str) -> None:
    people = ", ".join(f"{{email: a{n}@acme.example, name: A {n}, role: agent}}" for n in range(9))
    project = write_project(tmp_path / "p", a=f"agents: [{people}]")
    switches = Switches(key_scopes=without(NEEDED[surface][1], "agent.manage"))
    with account(tmp_path, surface=surface, switches=switches) as live:
        shown = live.apply(project, exit_code=4)
    assert shown.count("agent.manage") == 1
    assert shown.count("403") == 1
    assert "(9 steps)" in shown
