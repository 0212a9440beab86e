"""`provisioner init`."""

import os
import shlex
from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import Command
from provisioner.diagnostics import Diagnostic, ProvisionerError

_FILES = {
    "provisioner.yaml": """\
# Targets and policy of this project.
version: 1

# The accounts that the files can be applied to. Keys are never written into files.
# targets:
#   production:
#     url: https://acme.ladesk.com
#     api_key: {env: LIVEAGENT_V3_API_KEY}
# default_target: production

# Objects in the account that no file declares: ignore or report.
manage:
  agents: {undeclared: report}
""",
    "departments.yaml": """\
departments:
  - name: Support
""",
    "agents.yaml": """\
# What is left out is not managed, null resets to the account's default, a value is enforced.
agents:
  - email: mia.chen@acme.example
    name: Mia Chen
    role: agent
    availability: {tickets: online, chats: online}
    departments:                  # the whole membership
      Support: {tickets: true, chats: true}
""",
}


@click.command(cls=Command)
@click.argument("directory", default=".", type=click.Path(), metavar="[DIR]")
@pass_console
def init(console: Console, directory: str) -> int:
    """Start a project in DIR, with a few small files that work on the sandbox at once.

    Existing files are not overwritten.
    """
    root = Path(directory)
    with console.reporting(directory):
        existing = [name for name in _FILES if os.path.lexists(root / name)]
        if existing:
            raise ProvisionerError(
                Diagnostic(
                    code="file-exists",
                    summary=f"{', '.join(existing)} already there",
                    hint="choose another folder; init starts new projects only",
                )
            )
        try:
            root.mkdir(parents=True, exist_ok=True)
            _write(root)
        except OSError as error:
            raise ProvisionerError(
                Diagnostic(
                    code="file-unwritable",
                    summary=f"{error.filename}: {error.strerror}",
                    hint="choose a folder that can be written to",
                )
            ) from error
    where = "" if directory == "." else f" {shlex.quote(directory)}"
    console.print_result(f"Started. Next: provisioner plan{where} -t sandbox\n")
    return Exit.DONE


def _write(root: Path) -> None:
    """Write the files of a new project, all or none.

    Raises:
        OSError: a file can't be written.
    """
    written: list[Path] = []
    try:
        for name, content in _FILES.items():
            with (root / name).open("x", encoding="utf-8") as file:
                written.append(root / name)
                file.write(content)
    except BaseException:  # Ctrl-C, too, must leave nothing behind
        for path in written:
            path.unlink(missing_ok=True)
        raise
