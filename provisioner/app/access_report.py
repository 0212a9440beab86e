"""Lists who has access: to an account, or as the files of a version declare it."""

from dataclasses import replace

from provisioner.address import Kind
from provisioner.app.comparison import compare_project
from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import Surface
from provisioner.model.account_urls import account_address
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import KINDS
from provisioner.planning.access.access_fields import DEPARTMENTS, ROLE
from provisioner.planning.access.access_list import AccessList, LineCommits
from provisioner.planning.access.access_people import AccessReader
from provisioner.planning.access.access_scope import listed_access
from provisioner.planning.plans.revision import Version


def live_access(
    project: Project,
    reader: Reader,
    options: PlanOptions,
    commits: LineCommits,
    version: Version,
) -> AccessList:
    """Read the account once, and return who has access to it. Nothing is written.

    Planned hours are not read.

    Raises:
        TargetError: the account could not be read completely.
        InvalidProjectError: the project does not fit the account.
    """
    live = reader.read(hours_of=frozenset())
    desired = _access_only(project.desired_for(options.target))
    comparison = compare_project(
        replace(project, desired=desired, overlaid={}),
        live,
        options.target,
        options.scope,
        options.unfinished,
        options.recorded,
    )
    findings = comparison.access
    listed, outside = listed_access(comparison.live, comparison.desired, project.settings.scope)
    people = AccessReader(comparison.desired, project.settings, commits, listed, findings).people()
    return AccessList(
        target=options.target,
        people=people,
        version=version,
        url=account_address(options.url),
        is_v3=live.surface is Surface.V3,
        snapshot_time=options.snapshot_time,
        ownership=findings.ownership,
        outside_scope=outside,
        not_looked_at=findings.not_looked_at,
        unknown_history=commits.unknown,
    )


def declared_access(
    project: Project,
    target: str,
    commits: LineCommits,
    version: Version,
) -> AccessList:
    """Return the access that the files of a version declare, without an account.

    `target` has the overlay that applies; "" for none.
    """
    people = AccessReader(project.desired_for(target), project.settings, commits).people()
    return AccessList(
        target=target,
        people=people,
        version=version,
        is_live=False,
        unknown_history=commits.unknown,
    )


def _access_only(desired: DesiredState) -> DesiredState:
    """Return declared objects without the other fields of agents: they can't spoil the list."""
    identity = KINDS[Kind.AGENT].identity
    kept = {identity, "name", ROLE[0], DEPARTMENTS[0]}
    resources = {
        key: replace(
            one,
            attributes={name: part for name, part in one.attributes.items() if name in kept},
            hours=None,
        )
        if key[0] is Kind.AGENT
        else one
        for key, one in desired.resources.items()
    }
    return replace(desired, resources=resources)
