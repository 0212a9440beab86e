"""`provisioner doctor`."""

from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.doctor_checks import check_machine, check_target
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import account_path_argument, format_option, target_option
from provisioner.cli.parsing import Command
from provisioner.live.checkup import has_failed
from provisioner.render.terminal.account_checks import checkup_json, checkup_text


@click.command(cls=Command, examples=["provisioner doctor", "provisioner doctor -t production"])
@account_path_argument
@target_option
@format_option("text", "json")
@pass_console
def doctor(console: Console, path: str, target: str | None, format_: str) -> int:
    """Check the project in PATH, this machine and the account, without writing to the account.

    Each line is ok, a warning or an error, with what to do about it. All checks that can run do
    run, also if the project has errors or the account can't be reached.
    """
    root = Path(path)
    results = [*check_machine(root), *check_target(console, root, target)]
    if format_ == "json":
        console.print_result(checkup_json(results))
    else:
        console.print_result(checkup_text(results, color=console.color))
    return Exit.ERROR if has_failed(results) else Exit.DONE
