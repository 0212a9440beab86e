"""Reads the lists of names that a plan refers to, and checks the names before an apply."""

from collections.abc import Iterable

from provisioner.diagnostics import RefusedError, in_order
from provisioner.live.account_names import AccountNames
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import Surface
from provisioner.model.desired import DesiredState
from provisioner.planning.checks.referenced_names import (
    NameUse,
    name_uses,
    needed_lists,
    unknown_names,
)
from provisioner.planning.plans.plan_data import Plan


def read_needed(reader: Reader, uses: Iterable[NameUse], surface: Surface) -> AccountNames:
    """Read the lists that are needed to check references; no request is made for none.

    Raises:
        TargetError: the account can't be reached, or a list has an unexpected value.
    """
    wanted = needed_lists(uses, surface)
    return reader.read_names(wanted) if wanted else AccountNames()


def check_names_again(plan: Plan, reader: Reader) -> None:
    """Refuse a plan if the account no longer has a name that it refers to.

    Raises:
        RefusedError: a name is missing; nothing was written.
        TargetError: the account can't be reached, or a list has an unexpected value.
    """
    uses = name_uses(plan.effective, plan.open_steps)
    names = read_needed(reader, uses, plan.surface)
    if missing := [*unknown_names(uses, names, DesiredState({}))]:
        raise RefusedError(*in_order(missing))
