"""`provisioner agent`."""

from collections.abc import Callable
from pathlib import Path

import click

from provisioner.app.file_edits import agent_edits
from provisioner.app.file_edits.project_edits import Rewrite
from provisioner.app.open_project import Project
from provisioner.cli.console.output import Console
from provisioner.cli.files.edited_files import carry_out, edited_project, show_plan
from provisioner.cli.files.opening import desired_for, open_permanent
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import edit_options, path_argument, target_option
from provisioner.cli.parsing import Command, Group
from provisioner.cli.shell import candidates


@click.group(
    cls=Group, examples=["provisioner agent move mia.chen@acme.example --from Support --to Sales"]
)
def agent() -> None:
    """Edit the declaration of an agent, print the difference, and show the plan of it."""


@agent.command(
    cls=Command,
    examples=[
        'provisioner agent add eve@acme.example --name "Eve Hart" --like mia.chen@acme.example'
    ],
)
@click.argument("email")
@path_argument
@click.option("--name", required=True, help="The name of the new agent.")
@click.option(
    "--like",
    required=True,
    metavar="EMAIL",
    shell_complete=candidates.emails,
    help="A declared agent with the same role, departments and profiles.",
)
@target_option
@edit_options
@pass_console
def add(
    console: Console,
    email: str,
    path: str,
    name: str,
    like: str,
    target: str | None,
    dry_run: bool,
    no_plan: bool,
) -> int:
    """Declare a new agent with the settings of another one, without its personal ones."""

    def edit(project: Project) -> Rewrite:
        return agent_edits.add_agent(desired_for(project, target), email, name, like)

    return _run(console, path, edit, target, dry_run=dry_run, no_plan=no_plan)


@agent.command(
    cls=Command, examples=["provisioner agent move mia.chen@acme.example --from Support --to Sales"]
)
@click.argument("email", shell_complete=candidates.emails)
@path_argument
@click.option(
    "--from",
    "source",
    required=True,
    metavar="DEPT",
    shell_complete=candidates.departments,
    help="The department to leave.",
)
@click.option(
    "--to",
    "destination",
    required=True,
    metavar="DEPT",
    shell_complete=candidates.departments,
    help="The department to join.",
)
@target_option
@edit_options
@pass_console
def move(
    console: Console,
    email: str,
    path: str,
    source: str,
    destination: str,
    target: str | None,
    dry_run: bool,
    no_plan: bool,
) -> int:
    """Move an agent to another department, with the services, the role and the hours there."""

    def edit(project: Project) -> Rewrite:
        return agent_edits.move_agent(desired_for(project, target), email, source, destination)

    return _run(console, path, edit, target, dry_run=dry_run, no_plan=no_plan)


@agent.command(
    cls=Command,
    examples=[
        'provisioner agent rename mia.chen@acme.example mia.novak@acme.example --name "Mia Novak"'
    ],
)
@click.argument("email", shell_complete=candidates.emails)
@click.argument("new_email")
@path_argument
@click.option("--name", help="The new name of the agent.")
@target_option
@edit_options
@pass_console
def rename(
    console: Console,
    email: str,
    new_email: str,
    path: str,
    name: str | None,
    target: str | None,
    dry_run: bool,
    no_plan: bool,
) -> int:
    """Give an agent another email and keep the account; `previously:` ties the two together."""

    def edit(project: Project) -> Rewrite:
        return agent_edits.rename_agent(
            desired_for(project, target), project.settings, email, new_email, name
        )

    return _run(console, path, edit, target, dry_run=dry_run, no_plan=no_plan)


@agent.command(cls=Command, examples=["provisioner agent suspend mia.chen@acme.example"])
@click.argument("email", shell_complete=candidates.emails)
@path_argument
@target_option
@edit_options
@pass_console
def suspend(
    console: Console, email: str, path: str, target: str | None, dry_run: bool, no_plan: bool
) -> int:
    """Declare an agent as suspended: the account stays, and what it may do is taken away."""

    def edit(project: Project) -> Rewrite:
        return agent_edits.suspend_agent(desired_for(project, target), email)

    return _run(console, path, edit, target, dry_run=dry_run, no_plan=no_plan)


@agent.command(
    cls=Command,
    examples=[
        "provisioner agent remove mia.chen@acme.example",
        "provisioner agent remove mia.chen@acme.example --entry",
    ],
)
@click.argument("email", shell_complete=candidates.emails)
@path_argument
@click.option(
    "--entry",
    is_flag=True,
    help="Remove the entry of an absent agent, once the account is deleted.",
)
@target_option
@edit_options
@pass_console
def remove(
    console: Console,
    email: str,
    path: str,
    entry: bool,
    target: str | None,
    dry_run: bool,
    no_plan: bool,
) -> int:
    """Declare an agent as absent, so that an apply deletes the account."""

    def edit(project: Project) -> Rewrite:
        return agent_edits.remove_agent(desired_for(project, target), email, entry=entry)

    return _run(console, path, edit, target, dry_run=dry_run, no_plan=no_plan)


def _run(
    console: Console,
    path: str,
    edit: Callable[[Project], Rewrite],
    target: str | None,
    *,
    dry_run: bool,
    no_plan: bool,
) -> int:
    with console.reporting(path):
        project = open_permanent(Path(path))
        rewrite = edit(project)
        edited = edited_project(project.root, rewrite.edits)
        carry_out(console, project.root, edited, rewrite.notes, dry_run=dry_run)
        if not no_plan:
            show_plan(console, path, edited, rewrite, target, dry_run=dry_run)
    return Exit.DONE
