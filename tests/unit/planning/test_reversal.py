"""An undo restores what is still as the run left it, and reports the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from provisioner.address import Address, agent, department
from provisioner.live.state import LiveObject, LiveState
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.field_changes import field_changes
from provisioner.planning.reversal import reverse

MIA = agent("mia@acme.example")
ANN = agent("ann@acme.example")
SALES = department("Sales")
MAIL = "LiveAgent has sent a registration mail"


def person(address: Address = MIA, **fields: Any) -> dict[str, Any]:
    departments: dict[str, Any] = {}
    values = {"email": address.key, "name": "Mia", "role": "agent", "departments": departments}
    return {**values, **fields}


def change(
    address: Address, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Change:
    actions = {(True, False): Action.CREATE, (False, True): Action.DELETE}
    action = actions.get((before is None, after is None), Action.UPDATE)
    fields = field_changes(before, after) if before and after else ()
    id_ = None if before is None else "i0"
    return Change(address, "x", action, Reason.DIFFERS, before, after, fields, id_)


def undo(done: Change, live: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return each change of the undo in a line, and the warnings without the address."""
    objects = [
        LiveObject(agent(row["email"]) if "email" in row else department(row["name"]), f"i{n}", row)
        for n, row in enumerate(live)
    ]
    reversal = reverse([done], LiveState.of(objects))
    lines = [
        " ".join(
            [each.action, each.address.key]
            + [f"{'.'.join(field.path)}={field.after}" for field in each.fields]
        )
        for each in reversal.changes
    ]
    return lines, [warning.summary.partition(": ")[2] for warning in reversal.not_restored]


NEW = person(alias="New")
UPDATE = change(MIA, person(alias="Old"), NEW)
RENAME = change(ANN, person(MIA), person(ANN))


@pytest.mark.parametrize(
    ("done", "live", "changes", "warnings"),
    [
        # An updated field.
        (UPDATE, [NEW], ["update mia@acme.example alias=Old"], []),
        (UPDATE, [person(alias="Old")], [], []),
        (UPDATE, [person(alias="Third")], [],
         ["alias was changed again since, so it is not restored"]),
        (UPDATE, [], [], ["it no longer exists"]),
        # A value that the account does not keep.
        (change(MIA, person(photo="a"), person(photo="b")), [person(photo="b")], [],
         ["the former photo is not kept"]),
        # A created agent.
        (change(MIA, None, NEW), [NEW], ["delete mia@acme.example"], [MAIL]),
        (change(MIA, None, NEW), [person(alias="Third")], ["delete mia@acme.example"], [MAIL]),
        (change(MIA, None, NEW), [person(role="admin")], [],
         ["role was changed since, so it is not deleted"]),
        (change(MIA, None, NEW), [], [], []),
        # A deleted object.
        (change(MIA, person(), None), [], ["create mia@acme.example"], []),
        (change(SALES, {"name": "Sales"}, None), [], ["create Sales"],
         ["it gets a new id, which rules and reports don't know"]),
        (change(SALES, {"name": "Sales"}, None), [{"name": "Sales"}], [],
         ["it was created again since, so it is not restored"]),
        (change(MIA, person(departments={"Sales": {}}), None), [], ["create mia@acme.example"],
         ['the department "Sales" no longer exists']),
        # A rename.
        (RENAME, [person(ANN)], ["update mia@acme.example email=mia@acme.example"], []),
        (RENAME, [person(ANN), person(MIA)], [],
         ['another object now has the former email "mia@acme.example"']),
    ],
)  # fmt: skip
def test_a_change_is_undone_or_reported(
    done: Change, live: list[Mapping[str, Any]], changes: list[str], warnings: list[str]
) -> None:
    assert undo(done, live) == (changes, warnings)


def test_equal_mappings_that_an_account_holds_once_are_undone_apart() -> None:
    shared: dict[str, Any] = {}
    week = {"Sales": {"chats": {"mon": "09:00-17:00"}}}
    after = person(hours=shared, sounds=shared)
    lines, _ = undo(change(MIA, person(hours=week, sounds={}), after), [after])
    assert len(lines) == 1
    assert "hours" in lines[0]
    assert "sounds" not in lines[0]
