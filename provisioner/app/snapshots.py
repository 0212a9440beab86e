"""Taking snapshots, from which plans are made without the account."""

from datetime import UTC, datetime

from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.app.request_budget import with_hours
from provisioner.diagnostics import Severity
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot

_EMPTY = "empty-project"
"""The one error of the files that does not matter: who declares nobody declares no hours."""


def declared_hours(project: Project, target: str) -> frozenset[str] | None:
    """Return whose hours the files declare for a target; None where the files can't be used."""
    errors = {one.code for one in project.findings if one.severity is Severity.ERROR}
    if errors - {_EMPTY}:
        return None
    return with_hours(project.desired_for(target), project.settings.moves)


def take(
    reader: Reader, request: PlanOptions, now: datetime, hours_of: frozenset[str] | None
) -> Snapshot:
    """Read the account for plans that are made without it.

    Args:
        reader: of the account.
        request: says which account it is.
        now: the time, with its zone.
        hours_of: on API v3, the agents whose hours are read; None reads everybody's.

    Raises:
        TargetError: the account could not be read whole.
    """
    return Snapshot(
        live=reader.read(hours_of=hours_of),
        target=request.target,
        url=request.url,
        taken=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        hours_of=hours_of,
    )
