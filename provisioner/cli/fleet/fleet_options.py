"""Arguments and options of the commands for a fleet."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from provisioner.cli.invocation import Invocation
from provisioner.cli.shell import candidates
from provisioner.documents.files.project_files import FLEET_NAME
from provisioner.documents.fleet_document import fleet_above
from provisioner.fleet.engines.local import LOCAL, MOST_JOBS, default_jobs
from provisioner.fleet.fleet_file import TAG, WAVE, fleet_file
from provisioner.fleet.fleet_reading import read_fleet

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_DASK = re.compile(r"dask://(\[[0-9A-Fa-f:]+\]|[\w.-]+):[0-9]{1,5}", re.ASCII)


def _nearest(context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
    """Return the file of the fleet; left out, the nearest one above."""
    if given is not None or context.resilient_parsing:
        return given or FLEET_NAME
    found = fleet_above(Path())
    if found is None or found.parent == Path.cwd().resolve():
        return FLEET_NAME
    path = os.path.relpath(found)
    context.ensure_object(Invocation).console.print_tip(f"Using the fleet in {path}.")
    return path


def folder_of(file: str) -> str:
    """Return the folder of a fleet as the user named it, from the argument FILE."""
    return os.path.dirname(fleet_file(Path(file))) or "."  # noqa: PTH120


def fleet_and_person(context: click.Context, words: tuple[str, ...]) -> tuple[str, str]:
    """Return the file of the fleet and the person that `[FILE] [PERSON]` names.

    One word alone is the file if there is one of this name, or else the person; "" for none.
    """
    if len(words) > 2:
        raise click.UsageError(f"unexpected argument: {words[2]}", context)
    file = words[0] if words and (len(words) > 1 or os.path.lexists(words[0])) else None
    person = words[-1] if words and words[-1] is not file else ""
    return _nearest(context, context.command.params[0], file), person


fleet_argument = click.argument(
    "file", required=False, type=click.Path(), callback=_nearest, shell_complete=candidates.files
)
"""FILE: the file of the fleet, or its folder; left out, the nearest fleet.yaml above."""


def _accounts(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the names of the fleet's accounts, its tags and its waves."""
    accounts = read_fleet(Path(context.params.get("file") or FLEET_NAME)).accounts
    names = [account.name for account in accounts]
    names += sorted({f"{TAG}{tag}" for account in accounts for tag in account.tags})
    names += [f"{WAVE}{wave}" for wave in sorted({account.wave for account in accounts})]
    return [CompletionItem(name) for name in names if name.startswith(typed)]


def _engine(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    if given != LOCAL and not _DASK.fullmatch(given):
        raise click.BadParameter(f"{given!r} is no engine; known: {LOCAL}, dask://HOST:PORT")
    return given


def _jobs(context: click.Context, _parameter: click.Parameter, given: int | None) -> int:
    if given is not None:
        return given
    if context.params.get("engine", LOCAL) != LOCAL:
        return MOST_JOBS
    # Options that are left out come after the given ones.
    return default_jobs(waits=not context.params.get("snapshots"))


only_option = click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    shell_complete=_accounts,
    help=f"Only these accounts: NAME (also with * and ?), {TAG}TAG, {WAVE}N.",
)
"""--only: the accounts of a command."""


changed_since_option = click.option(
    "--changed-since",
    metavar="REF",
    help="Only accounts that a change can touch: of the files since the branch left REF, such as "
    "origin/main, with those that are not committed.",
)
"""--changed-since: the accounts of a command, by changed files."""


reviewed_option = click.option(
    "--reviewed",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Apply only what the plans in FILE write, which fleet plan --out has written. An account "
    "with another plan is refused, and one that is not touched there is left out.",
)
"""--reviewed: the plans that may be applied."""

out_option = click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write the plans into FILE, too, for fleet apply --reviewed FILE.",
)
"""--out: a file for the plans of a fleet."""


def fleet_options(command: Decorated) -> Decorated:
    """Add the options that choose accounts and the engine."""
    command = click.option(
        "--jobs",
        type=click.IntRange(1, MOST_JOBS),
        metavar="N",
        callback=_jobs,
        help="Work on up to N accounts at a time. Left out: 8 for each processor, at most 100 "
        "(with snapshots: one for each processor), or all workers of Dask.",
    )(command)
    command = click.option(
        "--engine",
        metavar="ENGINE",
        default=LOCAL,
        show_default=True,
        callback=_engine,
        is_eager=True,  # the default of --jobs depends on it
        help="Where to work on the accounts: local is processes on this machine, and "
        "dask://HOST:PORT the workers of a Dask scheduler.",
    )(command)
    return only_option(command)
