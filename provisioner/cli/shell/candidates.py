"""Candidates for a word that is being typed: targets, emails, addresses, runs and folders.

Each function is called by click with the context, the parameter and the beginning of the word.
Only files of the project are read, and what can't be read has no candidates.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from provisioner.documents.declared_names import DeclaredNames

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_SINGULAR = {"agent": "agents", "role": "roles", "department": "departments"}


def folders(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the request for names of folders, which the shell knows."""
    return [CompletionItem(typed, type="dir")]


def files(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the request for names of files."""
    return [CompletionItem(typed, type="file")]


def targets(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the targets of the project, and those that need no project."""
    from provisioner.cli.account.targets import URL_VARIABLE  # noqa: PLC0415
    from provisioner.model.settings import ENVIRONMENT, SANDBOX  # noqa: PLC0415

    names = _names(context).targets
    if not names and os.environ.get(URL_VARIABLE):
        names = [ENVIRONMENT]
    return _matching([*names, SANDBOX], typed)


def emails(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the emails of the declared agents."""
    return _matching(_names(context).objects["agents"], typed)


def departments(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the names of the declared departments."""
    return _matching(_names(context).objects["departments"], typed)


def addresses(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the addresses of declared objects: first the kinds, after the slash the names."""
    return _addresses(context, typed, _SINGULAR, ())


def selectors(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return what selects declared objects: addresses, kinds, and the members of a department."""
    kinds = {**_SINGULAR, "member-of": "departments"}
    return _addresses(context, typed, kinds, _SINGULAR.values())


def selectors_of_edits(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return what selects objects to edit: selectors, and profiles."""
    kinds = {**_SINGULAR, "member-of": "departments", "profile": "profiles"}
    return _addresses(context, typed, kinds, _SINGULAR.values())


def allowances(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the guards, confirmations and freezes that `--allow` loosens."""
    from provisioner.planning.consent.confirmations import ALLOWANCES  # noqa: PLC0415

    return _matching([f"{allowance}=" for allowance in (*ALLOWANCES, "freeze")], typed)


def runs(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the numbers of the project's runs, the latest first."""
    from provisioner.cli.files.workspace import existing_workspace  # noqa: PLC0415
    from provisioner.runs.store import RunStore  # noqa: PLC0415

    numbers = sorted(RunStore(existing_workspace(_root(context))).numbers(), reverse=True)
    return _matching(map(str, numbers), typed)


def commands(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the commands below those that are already typed, for `help`."""
    at = context.find_root()
    for word in context.params.get("words") or ():
        command = at.command.get_command(at, word) if isinstance(at.command, click.Group) else None
        if command is None:
            return []
        at = click.Context(command, info_name=word, parent=at)
    return at.command.shell_complete(at, typed) if isinstance(at.command, click.Group) else []


def schemas(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the names of the JSON Schemas."""
    from provisioner.documents.schema.editor_schemas import published_schemas  # noqa: PLC0415

    return _matching(published_schemas(), typed)


def _addresses(
    context: click.Context, typed: str, kinds: dict[str, str], words: Iterable[str]
) -> list[CompletionItem]:
    kind, slash, _ = typed.partition("/")
    if not slash:
        return _matching([*(f"{kind}/" for kind in kinds), *words], typed)
    names = _names(context).objects[kinds[kind]] if kind in kinds else ()
    return _matching((f"{kind}/{name}" for name in names), typed)


def _matching(names: Iterable[str], typed: str) -> list[CompletionItem]:
    folded = typed.casefold()
    return [CompletionItem(name) for name in names if name.casefold().startswith(folded)]


def _names(context: click.Context) -> "DeclaredNames":
    from provisioner.documents.declared_names import declared_names  # noqa: PLC0415

    return declared_names(_root(context))


def _root(context: click.Context) -> Path:
    """Return the folder of the project: PATH if it is typed already, else the nearest project."""
    from provisioner.cli.console.output import Console  # noqa: PLC0415
    from provisioner.cli.files.opening import project_above  # noqa: PLC0415

    given = next((word for word in _paths(context) if word != "."), None)
    return Path(given if given is not None else project_above(Console(quiet=True)))


def _paths(context: click.Context) -> Iterator[str]:
    """Yield the words that may be PATH; some commands take it as the last of several words."""
    if "path" in context.params:
        yield context.params["path"]
    # With an option that still has no value, click leaves all arguments in `args`.
    words = [*context.args, *context.params.get("rest", ()), *context.params.get("words", ())]
    yield from (word for word in words if Path(word).is_dir())
