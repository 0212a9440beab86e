"""`provisioner allowances`."""

import os

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.plan_files import digest_of_files
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import pull_request_option
from provisioner.cli.parsing import Command
from provisioner.cli.platform.tokens import check_token
from provisioner.platforms import allowances as platform
from provisioner.platforms.build_facts import pull_request_facts
from provisioner.platforms.comment_lists import platform_api


@click.command(
    cls=Command,
    examples=["provisioner allowances plan.json", "provisioner allowances --pull-request 7"],
)
@click.argument("plan_file", default="plan.json", type=click.Path(), metavar="[PLANFILE]")
@click.option(
    "--reviewed",
    type=click.Path(),
    metavar="PLANFILE",
    help="A plan that was reviewed, as for show --digest.",
)
@pull_request_option
@pass_console
def allowances(console: Console, plan_file: str, reviewed: str | None, number: int | None) -> int:
    """List what people have allowed for a saved plan, in comments of its pull request on GitHub.

    A comment '/provisioner allow deletes=6 DIGEST' allows the plan with this digest. It counts if
    its author may write to the repository and did not open the pull request, and if nobody has
    edited it. Prints words for plan --allow, and nothing if there are none.
    """
    with console.reporting("."):
        digest = digest_of_files(plan_file, reviewed)
        facts = pull_request_facts(os.environ, number)
        check_token(facts, "read comments with")
        with platform_api(facts) as api:
            given = platform.allowances(api, facts, digest)
    if given:
        console.print_result(" ".join(f"{name}={given[name]}" for name in sorted(given)) + "\n")
    return Exit.DONE
