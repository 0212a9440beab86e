"""`drift --accept`: the files get what the account has, and nothing else of them changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import Account, account, write_project

TEAM = """
    # The team.
    departments: [{name: Support}, {name: Sales}]

    profiles:
      - name: tier1
        chat: {max_load: 3}
        departments:
          Support: {tickets: true}

    agents:
      # Mia leads.
      - email: mia@acme.example
        name: Mia
        role: agent
        departments:
          Support: {tickets: true, chats: true}  # all day
          Sales: {}
      # Bob is new.
      - email: bob@acme.example
        name: Bob
        extends: [tier1]
      - {email: sue@acme.example, name: Sue, state: suspended, departments: {Sales: {chats: true}}}
      - email: tom@acme.example
        state: absent
"""


@pytest.fixture(params=["full", "v3"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, surface=request.param) as running:
        yield running


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    del live
    return write_project(tmp_path / "p", team=TEAM)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running


@pytest.fixture
def applied(full: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    full.apply(folder)
    return folder


def department(live: Account, name: str) -> str:
    rows = live.everything("/departments")
    return next(str(row["department_id"]) for row in rows if row["name"] == name)


def disturb(live: Account) -> None:
    """Change by hand: a name, a role, memberships, load; delete, create, and bring back agents."""
    mia, bob = live.agent("mia@acme.example"), live.agent("bob@acme.example")
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Mia C.", "role": "admin"})
    live.call("DELETE", f"/departments/{department(live, 'Sales')}/{mia['id']}")
    live.call("PUT", f"/departments/{department(live, 'Sales')}/{bob['id']}", {})
    live.call("POST", "/agents", {"email": "tom@acme.example", "name": "Tom"})


def test_all_drift_can_be_accepted(full: Account, applied: Path) -> None:
    disturb(full)
    before = (applied / "team.yaml").read_text()
    full.server.requests.clear()
    dry = full.run("drift", str(applied), "--accept-all", "--dry-run")
    assert (applied / "team.yaml").read_text() == before
    result = full.run("drift", str(applied), "--accept-all")
    assert result.exit_code == 0, result.output
    assert result.stdout == dry.stdout
    assert full.writes() == []
    assert added(result.stdout) == [
        "    name: Mia C.",
        "    role: admin",
        "    departments: {Sales: {tickets: false, chats: false, calls: false, role: solver}}",
        "    name: Tom",
        "    role: agent",
        "    departments: {}",
    ]
    text = (applied / "team.yaml").read_text()
    for comment in ("# The team.", "# Mia leads.", "# all day", "# Bob is new."):
        assert comment in text
    assert full.run("drift", str(applied), "--detailed-exitcode").exit_code == 0
    assert "Nothing to change" in full.run("plan", str(applied)).stdout


def added(diff: str) -> list[str]:
    return [line[1:] for line in diff.split("\n") if line[:1] == "+" and line[:3] != "+++"]


def test_some_drift_is_accepted_and_the_rest_stays(full: Account, applied: Path) -> None:
    disturb(full)
    result = full.run("drift", str(applied), "--accept", "agent/mia@acme.example")
    assert result.exit_code == 0, result.output
    assert added(result.stdout) == ["    name: Mia C.", "    role: admin"]
    rest = full.run("drift", str(applied), "--detailed-exitcode")
    assert rest.exit_code == 2
    assert "mia@acme.example" not in rest.stdout
    assert "tom@acme.example" in rest.stdout
    assert (
        full.run("drift", str(applied), "--accept", "agent/b*", "--accept", "agent/t*").exit_code
        == 0
    )
    assert full.run("drift", str(applied), "--detailed-exitcode").exit_code == 0


def test_a_suspended_agent_who_was_let_in_again(full: Account, applied: Path) -> None:
    full.call("POST", "/agents", {"email": "sue@acme.example", "name": "Sue"})
    sue = full.agent("sue@acme.example")
    full.call("PUT", f"/departments/{department(full, 'Support')}/{sue['id']}", {})
    result = full.run("drift", str(applied), "--accept", "agent/sue@acme.example")
    assert result.exit_code == 0, result.output
    assert full.run("drift", str(applied), "--detailed-exitcode").exit_code == 0, full.run(
        "drift", str(applied)
    ).stdout


def test_a_deleted_agent_and_a_rogue_owner(full: Account, applied: Path) -> None:
    full.call("DELETE", f"/agents/{full.agent('bob@acme.example')['id']}")
    full.call("POST", "/agents", {"email": "rogue@acme.example", "name": "Rogue", "role": "owner"})
    result = full.run("drift", str(applied), "--accept-all")
    assert result.exit_code == 0, result.output
    text = (applied / "team.yaml").read_text()
    assert "    name: Bob\n    state: absent\n" in text
    assert "  - email: rogue@acme.example\n    name: Rogue\n    role: owner\n" in text
    assert full.run("drift", str(applied), "--detailed-exitcode").exit_code == 0


def test_an_undeclared_department_comes_with_the_member(full: Account, applied: Path) -> None:
    mia = full.agent("mia@acme.example")
    full.call("POST", "/departments", {"name": "VIP"})
    full.call("PUT", f"/departments/{department(full, 'VIP')}/{mia['id']}", {})
    assert full.run("drift", str(applied), "--accept-all").exit_code == 0
    text = (applied / "team.yaml").read_text()
    assert "departments: [{name: Support}, {name: Sales}, {name: VIP}]" in text
    assert full.run("drift", str(applied), "--detailed-exitcode").exit_code == 0


def test_unmanaged_access_is_declared(full: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team="agents: [{email: a@acme.example, name: A}]")
    full.apply(project)
    row = full.agent("a@acme.example")
    full.call("PUT", f"/agents/{row['id']}", {**row, "role": "admin"})
    full.call("PUT", f"/departments/{department(full, 'General')}/{row['id']}", {})
    assert full.run("drift", str(project), "--detailed-exitcode").exit_code == 2
    result = full.run("drift", str(project), "--accept-all")
    assert result.exit_code == 0, result.output
    assert "role: admin" in (project / "team.yaml").read_text()
    assert "departments:\n" in (project / "departments.accepted.yaml").read_text()
    assert full.run("drift", str(project), "--detailed-exitcode").exit_code == 0


def test_a_membership_that_a_profile_gives_is_named(full: Account, applied: Path) -> None:
    bob = full.agent("bob@acme.example")
    full.call("DELETE", f"/departments/{department(full, 'Support')}/{bob['id']}")
    before = (applied / "team.yaml").read_text()
    refused = full.run("drift", str(applied), "--accept", "agent/bob@acme.example")
    assert refused.exit_code == 1
    assert 'the membership comes from profile "tier1"' in " ".join(refused.stderr.split())
    skipped = full.run("drift", str(applied), "--accept-all")
    assert skipped.exit_code == 0
    assert "[not-accepted]" in skipped.stderr
    assert (applied / "team.yaml").read_text() == before


def test_the_surface_decides_what_is_accepted(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "p",
        team="""
        departments: [{name: General}]
        agents:
          - {email: a@acme.example, name: A, alias: Al, signature: Hi, departments: {}}
    """,
    )
    live.apply(project)
    row = live.agent("a@acme.example")
    live.call("PUT", f"/agents/{row['id']}", {**row, "name": "Anna"})
    assert live.run("drift", str(project), "--accept-all").exit_code == 0
    text = (project / "team.yaml").read_text()
    assert "name: Anna, alias: Al, signature: Hi, departments: {}" in text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--accept", "agent/nobody@acme.example"], 64, "no drift matches"),
        (["--accept-all", "--format", "json"], 64, "leave --format out"),
        (["--dry-run"], 64, "--dry-run goes with --accept"),
    ],
)
def test_a_wrong_use(
    full: Account, applied: Path, words: list[str], code: int, message: str
) -> None:
    result = full.run("drift", str(applied), *words)
    assert result.exit_code == code
    assert message in " ".join(result.output.split())
