"""`provisioner set`."""

from pathlib import Path

import click

from provisioner.app.file_edits.set_fields import check_effect, set_fields
from provisioner.cli.console.output import Console
from provisioner.cli.files.edited_files import carry_out, edited_project, show_plan
from provisioner.cli.files.opening import desired_for, open_permanent
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import edit_options, path_or_nearest, target_option
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates


@click.command(
    name="set",
    cls=Command,
    examples=[
        "provisioner set agent/mia.chen@acme.example chat.max_load=4",
        "provisioner set member-of/Support departments.Support.chats=true",
    ],
)
@click.argument("selector", shell_complete=candidates.selectors_of_edits)
@click.argument(
    "words",
    nargs=-1,
    required=True,
    metavar="FIELD=VALUE... [PATH]",
    shell_complete=candidates.folders,
)
@target_option
@edit_options
@pass_console
def set_(
    console: Console,
    selector: str,
    words: tuple[str, ...],
    target: str | None,
    dry_run: bool,
    no_plan: bool,
) -> int:
    """Set fields in the files, print the difference, and show the plan of it.

    SELECTOR is an address such as agent/mia.chen@acme.example (also with * and ?), a kind such as
    agents, member-of/DEPARTMENT, or profile/NAME. FIELD is dotted, such as chat.max_load or
    departments.Support.chats. A value that comes from a profile is set on the object itself; to
    change it for everybody, select the profile. With -t, the target's overlay is included.
    """
    assignments, given = _assignments(words)
    path = path_or_nearest(given)
    with console.reporting(path):
        project = open_permanent(Path(path))
        desired = desired_for(project, target)
        rewrite = set_fields(desired, selector, assignments)
        edited = edited_project(project.root, rewrite.edits)
        after = desired_for(edited.project, target)
        check_effect(selector, rewrite, assignments, after)
        carry_out(console, project.root, edited, rewrite.notes, dry_run=dry_run)
        if not no_plan:
            show_plan(console, path, edited, rewrite, target, dry_run=dry_run)
    return Exit.DONE


def _assignments(words: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """Split the arguments into fields with values, and the path."""
    *rest, last = words
    path = None
    if "=" not in last or (rest and Path(last).is_dir()):
        words, path = tuple(rest), last
    pairs = [word.partition("=") for word in words]
    if not pairs or not all(field and equals for field, equals, _ in pairs):
        raise click.UsageError("write at least one FIELD=VALUE, such as chat.max_load=4")
    fields = [field for field, _, _ in pairs]
    if len({*fields}) < len(fields):
        raise click.UsageError("a field can be set only once")
    return {field: value for field, _, value in pairs}, path
