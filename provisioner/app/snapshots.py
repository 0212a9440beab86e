"""Taking snapshots, from which plans are made without the account."""

from datetime import UTC, datetime

from provisioner.app.cost import with_hours
from provisioner.app.planning import Request
from provisioner.app.project import Project
from provisioner.live.reader import Reader
from provisioner.live.snapshot import Snapshot


def take(
    project: Project, reader: Reader, request: Request, now: datetime, *, all_hours: bool
) -> Snapshot:
    """Read the account for plans that are made without it.

    Args:
        project: on API v3 it says whose hours are read.
        reader: of the account.
        request: says which account it is.
        now: the time, with its zone.
        all_hours: read everybody's hours instead.

    Raises:
        TargetError: the account could not be read whole.
    """
    hours_of = (
        None
        if all_hours
        else with_hours(project.desired_for(request.target), project.settings.moves)
    )
    return Snapshot(
        live=reader.read(hours_of=hours_of),
        target=request.target,
        url=request.url,
        taken=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        hours_of=hours_of,
    )
