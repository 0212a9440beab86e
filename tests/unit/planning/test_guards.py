"""Guards: the limit itself is fine, one more is refused, and a run can be allowed that many."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.address import Kind, agent, department
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.policy import Guards, Protection
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.checks.plan_check import PlanCheck
from provisioner.planning.checks.plan_refusals import refusals
from provisioner.planning.field_changes import field_changes
from provisioner.planning.risk import Rights, risks

NOBODY = Protection()
SUPPORT = 4
"""The first agents of the account, who are in this department."""

NOTHING: Mapping[str, int] = {}


AGENTS_MAY_GO = {"agents": {"max_delete": 9, "max_delete_percent": 100}}


def values(number: int, role: str = "agent") -> dict[str, Any]:
    email = f"a{number}@acme.example"
    return {
        "email": email,
        "name": f"Agent {number}",
        "alias": "Old",
        "role": role,
        "departments": {"Support": {}} if number < SUPPORT else {},
    }


def refused(
    live_agents: int,
    *,
    deletes: int = 0,
    updates: int = 0,
    guards: Guards = Guards(),  # noqa: B008  frozen
    protection: Protection = NOBODY,
    owners: int = 0,
    allowed: Mapping[str, int] = NOTHING,
) -> list[str]:
    """Return the codes of what refuses a plan; the first agents of the account change."""
    objects = [
        LiveObject(agent(values(number)["email"]), f"id-{number}", row)
        for number in range(live_agents)
        for row in [values(number, "owner" if number < owners else "agent")]
    ]
    # The last one is declared and stays as it is, so that the project knows the account.
    known = objects[-1].address
    desired = DesiredState({known.identity: Resource(known, {}, ())})
    changes = [_change(row, Action.DELETE, None) for row in objects[:deletes]]
    changes += [
        _change(row, Action.UPDATE, {**row.attributes, "alias": "New"})
        for row in objects[deletes : deletes + updates]
    ]
    live = LiveState.of([*objects, LiveObject(department("Support"), "d", {"name": "Support"})])
    rights = Rights(changes, live)
    changes = [replace(change, risk=risks(change, rights)) for change in changes]
    check = PlanCheck(changes, desired, live, guards, protection, allowed)
    return [finding.code for finding in refusals(check)]


def _change(row: LiveObject, action: Action, after: Mapping[str, Any] | None) -> Change:
    reason = Reason.DECLARED_ABSENT if after is None else Reason.DIFFERS
    name = row.attributes["name"]
    fields = tuple(field_changes(row.attributes, after)) if after else ()
    return Change(row.address, name, action, reason, row.attributes, after, fields)


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        # A number of deletions, whatever their share.
        ({"live_agents": 100, "deletes": 5}, []),
        ({"live_agents": 100, "deletes": 6}, ["too-many-deletes"]),
        ({"live_agents": 100, "deletes": 6, "allowed": {"deletes": 6}}, []),
        ({"live_agents": 100, "deletes": 7, "allowed": {"deletes": 6}}, ["too-many-deletes"]),
        ({"live_agents": 100, "deletes": 6, "allowed": {"updates": 6}}, ["too-many-deletes"]),
        # A share, from ten live agents on.
        ({"live_agents": 20, "deletes": 2}, []),
        ({"live_agents": 20, "deletes": 3}, ["too-many-deletes"]),
        ({"live_agents": 9, "deletes": 5}, []),
        ({"live_agents": 10, "deletes": 2}, ["too-many-deletes"]),
        # Updates count as a share only.
        ({"live_agents": 20, "updates": 10}, []),
        ({"live_agents": 20, "updates": 11}, ["too-many-updates"]),
        ({"live_agents": 20, "updates": 11, "allowed": {"updates": 11}}, []),
        ({"live_agents": 9, "updates": 8}, []),
        # The last owner.
        ({"live_agents": 9, "owners": 2, "deletes": 1}, []),
        ({"live_agents": 9, "owners": 1, "deletes": 1}, ["too-few-owners"]),
        (
            {"live_agents": 9, "owners": 1, "deletes": 1, "allowed": {"deletes": 9}},
            ["too-few-owners"],
        ),
        (
            {"live_agents": 9, "owners": 2, "deletes": 1, "guards": Guards(min_owners=2)},
            ["too-few-owners"],
        ),
    ],
    ids=str,
)
def test_a_guard_has_a_limit(arguments: dict[str, Any], codes: list[str]) -> None:
    assert refused(**arguments) == codes


@pytest.mark.parametrize(
    ("section", "arguments", "codes"),
    [
        ({"agents": {"max_delete": 1}}, {"deletes": 2}, ["too-many-deletes"]),
        ({"max_delete": 1, **AGENTS_MAY_GO}, {"deletes": 6}, []),
        ({"roles": {"max_delete": 0}}, {"deletes": 2}, []),
        ({"agents": {"min_population": 101}}, {"updates": 90}, []),
        (
            {"agents": {"max_update_percent": 1, "min_population": 100}},
            {"updates": 2},
            ["too-many-updates"],
        ),
        ({"by_department": {"support": {"max_delete": 1}}}, {"deletes": 2}, ["too-many-deletes"]),
        ({"by_department": {"Support": {"max_delete": 2}}}, {"deletes": 2}, []),
        ({"by_department": {"Support": {"max_delete_percent": 50}}}, {"deletes": 3}, []),
        (
            {"by_department": {"Support": {"max_delete_percent": 50, "min_population": 4}}},
            {"deletes": 3},
            ["too-many-deletes"],
        ),
        (
            {"by_department": {"Support": {"max_update_percent": 25, "min_population": 4}}},
            {"updates": 2},
            ["too-many-updates"],
        ),
        ({"by_department": {"Suport": {"max_delete": 2}}}, {}, ["unknown-department"]),
    ],
    ids=str,
)
def test_a_kind_and_a_department_have_limits_of_their_own(
    section: dict[str, Any], arguments: dict[str, Any], codes: list[str]
) -> None:
    guards = Guards().over(section)
    assert refused(100, guards=guards, **arguments) == codes
    assert refused(100, guards=guards, allowed={"deletes": 6, "updates": 90}, **arguments) == [
        code for code in codes if code == "unknown-department"
    ]


def test_a_target_changes_single_limits_of_the_project() -> None:
    project = Guards().over({"max_delete": 9, "agents": {"max_delete": 2, "min_population": 20}})
    target = project.over({"agents": {"max_delete": 1}, "by_department": {"Support": {}}})
    assert (target.max_delete, target.kinds) == (
        9,
        {"agents": {"max_delete": 1, "min_population": 20}},
    )
    assert project.over({}) == project


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [
        ("a0@acme.example", ["protected"]),
        ("A0@ACME.example", ["protected"]),
        ("a?@*", ["protected"]),
        ("b*", []),
    ],
)
def test_a_protected_agent_is_not_deleted(pattern: str, codes: list[str]) -> None:
    protection = Protection.of({Kind.AGENT.plural: [pattern]})
    assert refused(9, deletes=1, protection=protection) == codes
