"""`provisioner init`."""

import os
import re
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from provisioner.cli.account.export_reading import FirstAccount, read_first_account
from provisioner.cli.account.targets import KEY_VARIABLE
from provisioner.cli.console.output import Console
from provisioner.cli.files.new_project import (
    PLATFORMS,
    fleet_pipeline_files,
    pipeline_files,
    refuse_existing,
    without_other_tools,
    write_all_or_none,
    write_started,
)
from provisioner.cli.fleet.fleet_validation import is_fleet
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.documents.files.project_files import CONFIG_NAME
from provisioner.model.settings import SANDBOX, Target
from provisioner.render import readable

_TARGET_NAME = "production"
"""The name of a target that is given by its address alone."""

_PIPELINES_NEXT = (
    "Pipelines: fill in the repository and the commit of provisioner, and store the API {}, as {} "
    "describes.\n"
)

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


@dataclass(frozen=True, slots=True)
class _Choices:
    """What a new project begins with, from options or from answers.

    Attributes:
        source: the target to begin from; "" for a project with examples.
        url: the address of that target, if no project declares it yet; "" otherwise.
        key_variable: the environment variable with its API key.
        platform: the platform to write pipelines for; "" for none.
    """

    source: str = ""
    url: str = ""
    key_variable: str = KEY_VARIABLE
    platform: str = ""


@click.command(
    cls=Command,
    examples=[
        "provisioner init team",
        "provisioner init team --url https://acme.ladesk.com --ci github",
    ],
)
@click.argument(
    "directory", default=".", type=click.Path(), metavar="[DIR]", shell_complete=candidates.folders
)
@click.option(
    "--from",
    "source",
    metavar="TARGET",
    shell_complete=candidates.targets,
    help="Begin with what this account has: a target of the project here, or a new one with --url.",
)
@click.option(
    "--url",
    metavar="URL",
    help="Address of an account that no project declares yet, such as https://acme.ladesk.com.",
)
@click.option(
    "--key-env",
    "key_variable",
    metavar="NAME",
    help=f"With --url: the environment variable with its API key; by default {KEY_VARIABLE}.",
)
@click.option("--ci", "platform", type=click.Choice([*PLATFORMS]), help="Write pipelines, too.")
@pass_console
def init(
    console: Console,
    directory: str,
    source: str | None,
    url: str | None,
    key_variable: str | None,
    platform: str | None,
) -> int:
    """Start a project in DIR: with a few small files that work on the sandbox, or from an account.

    In a terminal and without options, questions are asked. No existing file is overwritten: if one
    of the new files is already there, nothing is written. YAML files of other tools in DIR are
    excluded in provisioner.yaml. In the folder of a fleet, --ci writes only the fleet's pipelines.
    """
    if key_variable and not url:
        raise click.UsageError("--key-env goes with --url")
    name = source or (_TARGET_NAME if url else "")
    root = Path(directory)
    if platform and not name and is_fleet(directory):
        with console.reporting(directory):
            _write_fleet_pipelines(root, platform)
        console.print_summary(_PIPELINES_NEXT.format("keys as secrets", "docs/fleets.md"))
        return Exit.DONE
    with console.reporting(directory):
        top = _repository_top(root)
        refuse_existing(root, [CONFIG_NAME] if name else [*_FILES])
        refuse_existing(top, _pipeline_names(platform) if platform else [])
        if not (name or platform) and sys.stdin.isatty():
            choices = _ask()
        else:
            choices = _Choices(name, url or "", key_variable or KEY_VARIABLE, platform or "")
        _check(choices)
        begun = _begun(console, root, choices)
        files = begun.exported.files if begun else _encoded(_FILES)
        pipelines = _pipelines(choices, begun, _below(root, top))
        files = without_other_tools(root, files, pipelines if top == root else ())
        write_started(root, files, top, pipelines)
    _report(console, directory, choices, begun)
    return Exit.DONE


def _ask() -> _Choices:
    """Ask what the project is to begin with."""
    question = "Address of your account, such as https://acme.ladesk.com (empty: with examples)"
    url = click.prompt(question, default="", show_default=False, err=True).strip()
    choices = _Choices()
    if url:
        name = click.prompt("Name of this account in the files", default=_TARGET_NAME, err=True)
        variable = click.prompt(
            "Environment variable with its API key", default=KEY_VARIABLE, err=True
        )
        choices = _Choices(name, url, variable)
    platform = click.prompt(
        "Pipelines", type=click.Choice([*PLATFORMS, "none"]), default="none", err=True
    )
    return choices if platform == "none" else replace(choices, platform=platform)


def _check(choices: _Choices) -> None:
    """Refuse choices that can't work, before the account is read."""
    if choices.url and not re.fullmatch(r"(?!sandbox$)[A-Za-z0-9][A-Za-z0-9._-]*", choices.source):
        raise click.UsageError("a target's name has only letters, digits, dots, dashes and _")
    # The message does not repeat it: somebody may have pasted a key.
    if not choices.key_variable.isidentifier():
        raise click.UsageError("--key-env needs the name of an environment variable, not a key")


def _write_fleet_pipelines(root: Path, platform: str) -> None:
    """Write the pipelines of a fleet, and nothing else: its projects are there already."""
    if (top := _repository_top(root)) != root:
        raise click.UsageError(
            f"pipelines must be at the top of a repository, and {root} is inside of {top}: leave "
            "--ci out, and copy the pipelines as docs/pipelines.md describes"
        )
    pipelines = fleet_pipeline_files(platform)
    if not pipelines:
        raise click.UsageError(f"there are no pipelines of {platform} for a fleet")
    refuse_existing(root, [*pipelines])
    write_all_or_none(root, pipelines)


def _repository_top(root: Path) -> Path:
    """Return the top of the repository that a folder is in; without one, the folder."""
    folder = Path(os.path.realpath(root))
    top = next((up for up in (folder, *folder.parents) if os.path.lexists(up / ".git")), folder)
    return root if top == folder else top


def _below(root: Path, top: Path) -> str:
    """Return the path of a folder from the top of its repository."""
    return Path(os.path.realpath(root)).relative_to(os.path.realpath(top)).as_posix()


def _begun(console: Console, root: Path, choices: _Choices) -> FirstAccount | None:
    if not choices.source:
        return None
    target = None
    if choices.url:
        target = Target(choices.source, choices.url.rstrip("/"), ("env", choices.key_variable))
    return read_first_account(console, root, choices.source, target)


def _encoded(texts: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}


def _pipeline_names(platform: str) -> list[str]:
    return [*pipeline_files(platform, _TARGET_NAME, KEY_VARIABLE)]


def _pipelines(choices: _Choices, begun: FirstAccount | None, project: str) -> dict[str, bytes]:
    if not choices.platform:
        return {}
    target = begun.target if begun else None
    variable = target.api_key[1] if target and target.api_key[0] == "env" else KEY_VARIABLE
    name = target.name if target else _TARGET_NAME
    return pipeline_files(choices.platform, name, variable, project)


def _report(
    console: Console, directory: str, choices: _Choices, begun: FirstAccount | None
) -> None:
    where = "" if directory == "." else f" {shlex.quote(directory)}"
    if begun is None:
        console.print_summary(f"Started. Next: provisioner plan{where} -t {SANDBOX}\n")
    else:
        exported = begun.exported
        console.print_diagnostics(exported.warnings)
        counts = [
            readable.count(number, kind) for kind, number in exported.objects.items() if number
        ]
        fill_in = f"fill in a target in {Path(directory, CONFIG_NAME)}, then "
        console.print_summary(
            f"Started from {choices.source}: {', '.join(counts)}.\n"
            f"Next: {'' if begun.target else fill_in}provisioner plan{where}, which is empty; "
            "then commit the files.\n"
        )
    if choices.platform:
        console.print_summary(_PIPELINES_NEXT.format("key as a secret", "docs/pipelines.md"))
