"""`provisioner export`."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from provisioner.address import fold
from provisioner.app.exporting.account_export import (
    Exported,
    ExportOptions,
    export_account,
    export_fragment,
)
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.account.targets import find_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.new_project import refuse_content, write_new_project
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import Command, target_option
from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Target
from provisioner.planning.roles import with_known_roles
from provisioner.render import readable
from provisioner.runs.store import RunStore

_ENVIRONMENT_AS = "production"
"""The name of the environment's target in an exported project."""


@click.command(cls=Command)
@click.argument("directory", required=False, type=click.Path(), metavar="DIR")
@click.option(
    "--only",
    multiple=True,
    metavar="ADDRESS",
    help="Export only these objects, and the roles and departments that they need: agent/EMAIL, "
    "role/NAME (also with * and ?), agents, member-of/NAME.",
)
@click.option(
    "--stdout",
    "as_fragment",
    is_flag=True,
    help="Write exactly the objects of --only to standard output, to paste into a file.",
)
@click.option(
    "--profiles",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="Whether settings that agents share become profiles.",
)
@target_option
@pass_console
def export(
    console: Console,
    directory: str | None,
    only: tuple[str, ...],
    as_fragment: bool,
    profiles: str,
    target: str | None,
) -> int:
    """Write the live account as a project into DIR, which must not exist or be empty.

    The target is one of the project in the current folder, if there is one. A plan of the written
    files is empty. Roles and departments are always written, other settings only where they differ
    from the account's default; comments list what can't be declared.
    """
    _check_usage(directory, only, as_fragment=as_fragment)
    with console.reporting("."):
        if directory is None:
            return _print_fragment(console, only, target)
        folder = Path(directory)
        refuse_content(folder)
        project = open_project_root(Path())
        with connect(console, project, target) as connection:
            role_ids = _role_ids(project, connection)
            reader = LiveAgentReader(connection.client)
            live = _read(reader, role_ids, only)
            options = ExportOptions(
                only=only,
                profiles=profiles == "auto",
                target=_target(project, connection.name, folder),
                role_ids=role_ids,
            )
            exported = export_account(live, reader.photo, options)
        write_new_project(exported.files, folder)
    _report(console, exported, directory, is_ready=options.target is not None)
    return Exit.DONE


def _check_usage(directory: str | None, only: tuple[str, ...], *, as_fragment: bool) -> None:
    if as_fragment and directory is not None:
        raise click.UsageError("--stdout writes no folder: leave DIR out")
    if as_fragment and not only:
        raise click.UsageError("--stdout needs --only ADDRESS: it writes a fragment to paste")
    if not as_fragment and directory is None:
        raise click.UsageError("Missing argument 'DIR'. (or add --stdout and --only ADDRESS)")


def _print_fragment(console: Console, only: tuple[str, ...], target: str | None) -> int:
    project = open_project_root(Path())
    with connect(console, project, target) as connection:
        role_ids = _role_ids(project, connection)
        live = _read(LiveAgentReader(connection.client), role_ids, only)
        text, needed, remarks = export_fragment(live, only)
    console.print_result(text)
    if needed:
        names = ", ".join(f"{kind}/{name}" for kind, name in needed)
        console.print_note(f"It needs {names}, which your project must declare.")
    _print_remarks(console, remarks)
    return Exit.DONE


def _read(reader: LiveAgentReader, role_ids: Mapping[str, str], only: tuple[str, ...]) -> LiveState:
    """Read the account; on API v3, hours are read for the selected agents if these are named."""
    emails = {fold(word.removeprefix("agent/")) for word in only if word.startswith("agent/")}
    is_exact = len(emails) == len(only) and not any("*" in one or "?" in one for one in emails)
    live = reader.read(hours_of=emails if only and is_exact else None)
    return with_known_roles(live, role_ids)


def _role_ids(project: ProjectRoot, connection: Connection) -> dict[str, str]:
    """Return the known ids of roles, by names as the project spells them."""
    document = project.settings.document
    data = document.data if document else {}
    own = data.get("targets", {}).get(connection.name, {}).get("role_ids", {})
    store = RunStore(existing_workspace(project.root))
    recorded = store.facts(connection.name, connection.url).role_ids
    names = [*recorded.items(), *data.get("role_ids", {}).items(), *own.items()]
    by_folded = {fold(name): (name, role_id) for name, role_id in names}
    return dict(by_folded.values())


def _target(project: ProjectRoot, name: str, folder: Path) -> Target | None:
    """Return the target for the settings of the new project; None for the embedded sandbox."""
    if name == SANDBOX:
        return None
    target = find_target(project.settings, name)
    if name == ENVIRONMENT and not project.settings.targets:
        return replace(target, name=_ENVIRONMENT_AS)
    if target.api_key[0] != "file":
        return target
    file = os.path.relpath(project.root / target.api_key[1], folder)
    return replace(target, api_key=("file", Path(file).as_posix()))


def _report(console: Console, exported: Exported, directory: str, *, is_ready: bool) -> None:
    console.print_diagnostics(exported.warnings)
    counts = [readable.count(number, kind) for kind, number in exported.objects.items() if number]
    if exported.profiles:
        counts.append(readable.count(exported.profiles, "profile"))
    what = ", ".join(counts) or "nothing"
    where = "" if directory == "." else f" {shlex.quote(directory)}"
    step = "" if is_ready else f"fill in a target in {Path(directory, 'provisioner.yaml')}, then "
    console.print_result(
        f"Exported {what} to {directory}.\n"
        f"Next: {step}provisioner plan{where}, which is empty; then commit the files.\n"
    )
    _print_remarks(console, exported.remarks)


def _print_remarks(console: Console, number: int) -> None:
    if number:
        things = readable.count(number, "thing")
        console.print_note(f"{things} can't be declared; comments in the files list it.")
