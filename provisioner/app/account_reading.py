"""Reads the account for snapshots and applies, and decides on the hours and names to read.

On API v3 hours cost a request for each device of an agent, so only those that matter are read.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from provisioner.address import Kind, fold
from provisioner.app.open_project import Project
from provisioner.diagnostics import RefusedError, Severity, in_order
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import with_deleted
from provisioner.live.snapshot_file import Snapshot
from provisioner.live.state import LiveState, Surface
from provisioner.model.agent_rules import PLUGINS
from provisioner.model.desired import DesiredState
from provisioner.model.policy import Moves
from provisioner.planning.changes import Change
from provisioner.planning.checks.referenced_names import (
    NameUse,
    declared_lists,
    name_uses,
    needed_lists,
    unknown_names,
)
from provisioner.planning.checks.unconfirmed_hours import writes_hours
from provisioner.planning.claims.claims import rename
from provisioner.planning.plans.basis import Basis, moved
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.roles import name_roles

_EMPTY_PROJECT = "empty-project"
"""An error that declared hours do not depend on: an empty project declares none."""


def agents_with_hours(desired: DesiredState, moves: Moves) -> frozenset[str]:
    """Return the folded emails and ids under which agents with declared hours may be found."""
    agents = [resource for resource in desired.of(Kind.AGENT) if resource.hours is not None]
    return frozenset(
        key
        for agent in agents
        for key in (
            agent.address.key,
            fold(agent.previously),
            agent.pinned_id,
            *moves.former(agent.address.key),
        )
        if key
    )


def needs_plugins(desired: DesiredState) -> bool:
    """Return whether an agent has a declared field that needs a plugin."""
    return any(
        agent.attributes.get(plugin.field) for agent in desired.of(Kind.AGENT) for plugin in PLUGINS
    )


def declared_hours(project: Project, target: str) -> frozenset[str] | None:
    """Return `agents_with_hours` of a target; None if the files of the project have errors."""
    if _has_errors(project):
        return None
    return agents_with_hours(project.desired_for(target), project.settings.moves)


def lists_of_names(project: Project, target: str) -> frozenset[NameList]:
    """Return the lists that the files refer to; none if the files of the project have errors."""
    return frozenset() if _has_errors(project) else declared_lists(project.desired_for(target))


def _has_errors(project: Project) -> bool:
    """Return whether the files of a project have errors that make its declarations unusable."""
    return any(
        diagnostic.severity is Severity.ERROR and diagnostic.code != _EMPTY_PROJECT
        for diagnostic in project.findings
    )


def written_hours(changes: tuple[Change, ...]) -> frozenset[str]:
    """Return the folded emails of the agents with hours that are written."""
    return frozenset(change.address.key for change in changes if writes_hours(change))


def take_snapshot(
    reader: Reader,
    now: datetime,
    hours_of: frozenset[str] | None,
    lists: Collection[NameList],
    *,
    target: str,
    url: str,
) -> Snapshot:
    """Read the account for plans without access to it (`plan --snapshot`).

    Args:
        reader: reads the account.
        now: the time, with its zone.
        hours_of: on API v3, emails or ids of the agents to read hours of; None for all agents.
        lists: the lists of names that the files refer to.
        target: name of the account in the project.
        url: address of the account.

    Raises:
        TargetError: the account could not be read completely.
    """
    live = reader.read(hours_of=hours_of, plugins=True)
    shown = [one for one in lists if one.is_shown_by(live.surface)]
    return Snapshot(
        live=live,
        names=reader.read_names(shown) if shown else AccountNames(),
        leaving=reader.read_leaving(tickets=True),
        target=target,
        url=url,
        taken=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        hours_of=hours_of,
    )


def read_back(basis: Basis, reader: Reader, *, hours_of: frozenset[str] | None = None) -> LiveState:
    """Read the account again, under the names that a plan uses.

    `hours_of` are folded emails of the agents to read hours of; None for those that the plan read.

    Raises:
        TargetError: the account could not be read completely.
    """
    wanted = basis.hours_of if hours_of is None else hours_of
    live = with_deleted(reader.read(hours_of=wanted), basis.deleted)
    return rename(name_roles(live, basis.roles), basis.renames)


def check_still_true(plan: Plan, basis: Basis, reader: Reader) -> LiveState:
    """Read the account again, and refuse the plan if anything that it relies on has changed.

    Returns:
        The account as it is now.

    Raises:
        RefusedError: the plan is stale; nothing was written.
        TargetError: the account could not be read completely.
    """
    live = read_back(basis, reader)
    if findings := moved(plan, basis, live):
        raise RefusedError(*findings)
    return live


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
