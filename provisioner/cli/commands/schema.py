"""`provisioner schema`."""

import json
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from provisioner.cli.console.output import Console
from provisioner.cli.files.new_project import refuse_outside, unwritable
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import path_or_nearest
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.diagnostics import Diagnostic, ProvisionerError, UsageError, has_errors
from provisioner.documents import load_project
from provisioner.documents.editing import FileChange, write_all
from provisioner.documents.files.project_files import check_root
from provisioner.documents.schema.editor_schemas import project_names, published_schemas
from provisioner.documents.schema.json_schema import ENDING
from provisioner.git.checkout import shared_files
from provisioner.render import readable
from provisioner.suggestions import did_you_mean

FOLDER = "schemas"
"""The folder of a project for the schemas with its names."""


def _complete(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the request for folders with `--project`, else the names of the schemas."""
    complete = candidates.folders if context.params.get("project") else candidates.schemas
    return complete(context, parameter, typed)


@click.command(
    cls=Command,
    examples=["provisioner schema", "provisioner schema agent", "provisioner schema --project"],
)
@click.argument("name", required=False, shell_complete=_complete)
@click.option(
    "--project",
    is_flag=True,
    help=f"Write all schemas into NAME/{FOLDER}, with the names of the project in the folder NAME.",
)
@pass_console
def schema(console: Console, name: str | None, project: bool) -> int:
    """Print the JSON Schema called NAME, or the names of all.

    Editors use them to complete and explain the files of a project. With --project they complete
    the project's own departments, roles and profiles, too. `bundle` contains all others.
    """
    if project:
        path = path_or_nearest(name)
        with console.reporting(path):
            _write(console, Path(path))
        return Exit.DONE
    every = published_schemas()
    if name is None:
        console.print_result("".join(f"{known}\n" for known in every))
    elif name in every:
        console.print_result(_text(every[name]))
    else:
        raise UsageError(
            Diagnostic(code="usage", summary=f'no schema "{name}"', hint=did_you_mean(name, every))
        )
    return Exit.DONE


def _write(console: Console, root: Path) -> None:
    """Write the schemas with the names of a project into it."""
    project = load_project(root, shared_files(root))
    if problem := check_root(root):
        raise ProvisionerError(problem)
    every = published_schemas(project_names(project.config, project.documents))
    contents = {f"{FOLDER}/{name}{ENDING}": _text(one).encode() for name, one in every.items()}
    refuse_outside(root, contents)
    try:
        changes = [
            FileChange(file, before, content)
            for file, content in contents.items()
            if (before := _content(root / file)) != content
        ]
        write_all(root, changes)
    except OSError as error:
        raise unwritable(error, root / FOLDER) from error
    if has_errors(project.findings):
        console.print_note("The project has errors, so that names may be missing: run validate.")
    written = f"Wrote {readable.count(len(changes), 'schema')} into {root / FOLDER}.\n"
    console.print_summary(written if changes else f"{root / FOLDER} is up to date.\n")


def _content(file: Path) -> bytes | None:
    """Return the content of a file, or None if it does not exist."""
    return file.read_bytes() if file.exists() else None


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
