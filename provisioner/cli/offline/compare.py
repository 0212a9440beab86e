"""`provisioner diff`."""

from datetime import date
from pathlib import Path

import click

from provisioner.app.revision_difference import Revised, compare_revisions
from provisioner.cli.account.targets import overlay_target
from provisioner.cli.console.output import Console
from provisioner.cli.console.plan_formats import FORMATS, check_summary, print_plan, summary_option
from provisioner.cli.files.earlier_versions import open_version
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import at_option, format_option, path_or_nearest, target_option
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.git.checkout import has_revision


@click.command(
    cls=Command,
    examples=[
        "provisioner diff origin/main",
        "provisioner diff v1.0 v1.1 --format markdown",
        "provisioner diff HEAD~1 HEAD accounts/eu -t production",
    ],
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", required=False)
@click.argument("path", required=False, type=click.Path())
@target_option
@format_option(*FORMATS)
@summary_option
@at_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is a difference.")
@pass_console
def diff(
    console: Console,
    before: str,
    after: str | None,
    path: str | None,
    target: str | None,
    format_: str,
    summary: bool,
    at: date | None,
    detailed_exitcode: bool,
) -> int:
    """Show what changes for people between the revisions A and B of the project in PATH.

    A and B are commits, branches or tags. Without B, A is compared with the files as they are now.
    Profiles and the overlay of the target are resolved. No account is read, and no key is needed.
    """
    check_summary(format_, summary=summary)
    if ".." in before:
        raise click.UsageError("write the two revisions as two words: provisioner diff A B")
    after, path = _revision_or_path(after, path)
    root = Path(path_or_nearest(path))
    with console.reporting(str(root)):
        earlier = open_version(console, root, before, at)
        later = open_version(console, root, after, at)
        if after and not (earlier.project.desired.resources or later.project.desired.resources):
            raise ProvisionerError(
                Diagnostic(
                    code="empty-project",
                    summary=f"neither {before} nor {after} declares anything in {root}",
                    hint="name the folder of the project after the two revisions",
                )
            )
        name = overlay_target(later.project.settings, target)
        difference = compare_revisions(
            Revised(earlier.project, earlier.version), Revised(later.project, later.version), name
        )
    print_plan(console, difference, format_, summary=summary)
    return Exit.CHANGES if detailed_exitcode and not difference.settled else Exit.DONE


def _revision_or_path(after: str | None, path: str | None) -> tuple[str | None, str | None]:
    """Return B and PATH; one word after A may be either of them.

    Raises:
        click.UsageError: the word is a revision and a folder.
    """
    if after is None or path is not None or not Path(after).is_dir():
        return after, path
    if has_revision(Path(after), after):
        raise click.UsageError(
            f"{after!r} is a revision and a folder; write both, as in: provisioner diff A B PATH"
        )
    return None, after
