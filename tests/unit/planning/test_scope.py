"""A selection is whole along its references."""

import pytest

from provisioner.address import Address, agent, department, role
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.scope import Scope, select


def created(address: Address, role_name: str = "agent", *departments: str) -> Change:
    after = {"role": role_name, "departments": {name: {} for name in departments}}
    return Change(address, address.key, Action.CREATE, Reason.DECLARED_MISSING, None, after)


CHANGES = (
    created(department("Support")),
    created(department("Sales")),
    created(role("Lead")),
    created(agent("mia@acme.example"), "Lead", "Support"),
    created(agent("bob@acme.example"), "agent", "Sales"),
    created(agent("ann@acme.example")),
)


@pytest.mark.parametrize(
    ("only", "exclude", "expected"),
    [
        ("", "", "Support Sales Lead mia bob ann"),
        ("agent/ann@acme.example", "", "ann"),
        ("AGENT/ANN@*", "", "ann"),
        ("agent/ann@*", "agent/ann@*", ""),
        # What a selected change needs comes along.
        ("agent/mia@*", "", "Support Lead mia"),
        ("departments", "", "Support Sales"),
        ("member-of/sales", "", "Sales bob"),
        ("roles agent/ann@*", "", "Lead ann"),
        # What needs something that is left out is left out, too.
        ("", "agents", "Support Sales Lead"),
        ("", "department/Sales", "Support Lead mia ann"),
        ("", "roles departments", "ann"),
        ("agent/mia@*", "role/Lead", "Support"),
        ("agents", "role/*", "Support Sales bob ann"),
    ],
)
def test_a_selection_takes_what_it_needs(only: str, exclude: str, expected: str) -> None:
    selection = select(CHANGES, Scope(tuple(only.split()), tuple(exclude.split())))
    found = [change.address.key.partition("@")[0] for change in selection.changes]
    assert found == expected.split()


def test_what_is_left_out_names_what_it_needs() -> None:
    [left_out] = select(CHANGES, Scope(exclude=("department/Sales",))).left_out
    assert (left_out.address, left_out.needs) == (agent("bob@acme.example"), department("Sales"))
