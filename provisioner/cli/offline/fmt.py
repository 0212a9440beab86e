"""`provisioner fmt`."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.edited_files import write_changes
from provisioner.cli.fleet.fleet_validation import account_files, is_fleet
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import paths_or_fleets_argument
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.documents import file_names
from provisioner.documents.editing import FileChange, unified_diff
from provisioner.documents.files.file_selection import RULE_TESTS
from provisioner.documents.files.project_files import (
    CONFIG_NAME,
    SourceFile,
    check_root,
    is_shared_file,
)
from provisioner.documents.formatting import formatted, schema_of
from provisioner.documents.schema.json_schema import SchemaName
from provisioner.fleet.fleet_file import fleet_file
from provisioner.fleet.fleet_reading import read_fleet
from provisioner.git.checkout import shared_files
from provisioner.render import readable

STDIN = "-"


class _File(NamedTuple):
    """A file to format.

    Attributes:
        path: its path as it is shown: that of the command line, and the path below it.
        schema: the schema that has the order of its keys.
    """

    path: Path
    schema: SchemaName


@click.command(
    cls=Command,
    examples=[
        "provisioner fmt",
        "provisioner fmt --check team",
        "provisioner fmt --diff team/support.yaml",
        "provisioner fmt - < support.yaml",
    ],
)
@paths_or_fleets_argument
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print the changes.")
@pass_console
def fmt(console: Console, paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Write the YAML files of the project in PATH in their canonical order and layout.

    PATH is a project, a fleet, a file, or - to format standard input to standard output. The values
    and the comments stay the same. The files that were changed are listed. A file with an error is
    reported and not changed, and the exit code is 1.
    """
    if STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("- can't be used together with other paths")
        return _format_input(console, check=check, diff=diff)
    changes, findings, number = _changes(_files(paths))
    console.print_diagnostics(findings)
    writes = not (check or diff)
    if writes:
        write_changes(Path(), changes)
    if diff:
        console.print_result(unified_diff(changes))
    else:
        console.print_result("".join(f"{change.file}\n" for change in changes))
    done = "formatted" if writes else "to format"
    unchanged = number - len(changes)
    console.print_tip(
        f"{readable.count(len(changes), 'file')} {done}, {unchanged} formatted already."
    )
    return Exit.ERROR if findings or (check and changes) else Exit.DONE


def _format_input(console: Console, *, check: bool, diff: bool) -> int:
    content = sys.stdin.buffer.read()
    result, findings = formatted(content, "stdin", schema_of("", content))
    console.print_diagnostics(findings)
    if result is None:
        return Exit.ERROR
    if diff and result != content:
        console.print_result(unified_diff([FileChange("stdin", content, result)]))
    elif not (diff or check):
        sys.stdout.buffer.write(result)
    return Exit.ERROR if check and result != content else Exit.DONE


def _changes(files: Iterable[_File]) -> tuple[list[FileChange], list[Diagnostic], int]:
    """Return the changes of files, the errors of others, and the number of those without errors."""
    changes, findings, number = list[FileChange](), list[Diagnostic](), 0
    seen = set[str]()
    for path, schema in files:
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        name = path.as_posix()
        content = SourceFile(path, name).read()
        if isinstance(content, Diagnostic):
            findings.append(content)
            continue
        result, errors = formatted(content, name, schema, _name_in_project(path))
        findings += errors
        number += result is not None
        if result is not None and result != content:
            changes.append(FileChange(name, content, result))
    return changes, findings, number


def _files(paths: Iterable[str]) -> Iterator[_File]:
    for path in paths:
        if is_fleet(path):
            yield from _files_of_fleet(Path(path))
        elif Path(path).is_file():
            yield _File(Path(path), schema_of(_name_in_project(Path(path))))
        else:
            yield from _files_of_project(Path(path))


def _name_in_project(path: Path) -> str:
    """Return the path of a file below the nearest project; without one, the path itself."""
    file = path.absolute()
    root = next((up for up in file.parents if os.path.lexists(up / CONFIG_NAME)), None)
    return file.relative_to(root).as_posix() if root else path.as_posix()


def _files_of_fleet(path: Path) -> Iterator[_File]:
    """Yield the file of a fleet, and those of all its accounts and shared folders."""
    fleet = read_fleet(path)
    yield _File(fleet_file(path), "fleet")
    for name in account_files(fleet):
        yield _File(fleet.folder / name, schema_of(name))
    for account in fleet.accounts:
        yield from _rule_tests(fleet.folder / account.project)


def _files_of_project(root: Path) -> Iterator[_File]:
    if missing := check_root(root):
        raise ProvisionerError(missing)
    for name in file_names(root, shared_files(root)):
        if not is_shared_file(name):
            yield _File(root / name, schema_of(name))
    yield from _rule_tests(root)


def _rule_tests(root: Path) -> Iterator[_File]:
    """Yield the tests of the team's rules, which are no files of objects."""
    folder = root / RULE_TESTS
    for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        yield _File(file, "rule-test")
