"""The accidents that `docs/safety.md` lists, as they happen to people who edit files."""

from pathlib import Path
from typing import Literal

import pytest

from provisioner.address import Kind
from provisioner.diagnostics import RefusedError
from provisioner.live.state import LiveObject, LiveState
from provisioner.planning.checks.account_rules import check_account
from provisioner.sandbox.faults import Fault
from tests.support import Account, changes, write_project

ONE = "agents: [{email: mia@acme.example, name: Mia}]"
TWO = "agents: [{email: bob@acme.example, name: Bob}]"


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", one=ONE, two=TWO)
    live.apply(folder)
    live.server.requests.clear()
    return folder


def test_a_file_that_is_dropped_deletes_nobody(live: Account, project: Path) -> None:
    (project / "two.yaml").unlink()
    plan = live.plan(project)
    assert changes(plan) == {}
    assert "agent/bob@acme.example" in {entry["address"] for entry in plan["undeclared"]}


@pytest.mark.parametrize("text", ["agents: []", "agents:", ""])
def test_an_empty_list_deletes_nobody(live: Account, project: Path, text: str) -> None:
    write_project(project, two=text)
    assert changes(live.plan(project)) == {}


def test_a_project_that_is_empty_as_a_whole_is_an_error(live: Account, project: Path) -> None:
    write_project(project, one="agents: []", two="")
    assert live.run("apply", str(project), "--yes").exit_code == 1
    assert live.server.requests.entries() == []


def test_a_typo_in_the_domain_makes_no_second_person(live: Account, project: Path) -> None:
    write_project(project, one=ONE.replace("acme.example", "acme.exmple"))
    result = live.run("apply", str(project), "--yes")
    assert result.exit_code == 3
    assert "previously: mia@acme.example" in " ".join(result.stderr.split())
    assert live.writes() == []


def test_a_change_of_letter_case_is_no_change(live: Account, project: Path) -> None:
    write_project(project, one=ONE.replace("mia@acme.example", "MIA@Acme.Example"))
    assert changes(live.plan(project)) == {}


def test_the_same_person_twice_is_an_error(live: Account, project: Path) -> None:
    write_project(project, two=ONE.replace("mia@", "Mia@"))
    result = live.run("plan", str(project))
    assert result.exit_code == 1
    assert "[duplicate-agent]" in result.stderr


@pytest.mark.parametrize("kind", ["drop", "html", "truncate", "status"])
@pytest.mark.parametrize(
    ("path", "skip"),
    [
        ("/v3/agents$", 0),
        ("/v3/agents$", 1),
        ("/grid/agents$", 0),
        ("/grid/departments$", 0),
        ("/agents/profiles$", 0),
        ("/roles$", 0),
    ],
)
def test_a_failed_page_plans_nothing(
    live: Account,
    project: Path,
    kind: Literal["drop", "html", "truncate", "status"],
    path: str,
    skip: int,
) -> None:
    """The first page or a later one, whichever the list has."""
    live.server.faults.add(Fault(kind=kind, method="GET", path=path, skip=skip, times=0))
    result = live.run("apply", str(project), "--yes")
    assert result.exit_code == 1
    assert live.writes() == []


def test_two_live_objects_of_one_identity_are_listed_with_their_ids(tmp_path: Path) -> None:
    """LiveAgent should not have them; if it has, nothing is guessed."""
    from provisioner.app.open_project import validate  # noqa: PLC0415

    desired = validate(write_project(tmp_path, a="departments: [{name: Support}]")).desired
    (resource,) = desired.of(Kind.DEPARTMENT)
    twins = [
        LiveObject(resource.address, "11111111", {"name": "Support"}),
        LiveObject(resource.address, "22222222", {"name": "Support"}),
    ]
    (finding,) = check_account(desired, LiveState.of(twins), ())
    assert finding.code == "ambiguous-live"
    assert "11111111" in finding.summary
    assert "22222222" in finding.summary
    assert RefusedError.exit_code == 3
