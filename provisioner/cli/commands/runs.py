"""`provisioner runs`."""

from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import ListingGroup, account_path_argument, format_option
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.diagnostics import ProvisionerError
from provisioner.render.terminal import run_history as runs_text
from provisioner.runs import chain
from provisioner.runs.chain import Proof
from provisioner.runs.store import RunStore


@click.group(cls=ListingGroup, examples=["provisioner runs", "provisioner runs show 14"])
def runs() -> None:
    """The records of runs: `runs [PATH]` lists them, `show` one, and `verify` proves them."""


@runs.command(
    name="list",
    hidden=True,
    cls=Command,
    examples=["provisioner runs", "provisioner runs --format json"],
)
@account_path_argument
@format_option("text", "json")
@pass_console
def list_runs(console: Console, path: str, format_: str) -> int:
    """List the runs of the project in PATH, the latest first."""
    with console.reporting(path):
        listed = RunStore(existing_workspace(Path(path))).all()
        if format_ == "json":
            console.print_result(runs_text.overview_data(listed))
        else:
            console.print_result(runs_text.overview(listed, color=console.color))
    return Exit.DONE


@runs.command(cls=Command, examples=["provisioner runs show 14"])
@click.argument("run_id", metavar="ID", type=click.IntRange(min=1), shell_complete=candidates.runs)
@account_path_argument
@format_option("text", "json")
@pass_console
def show(console: Console, run_id: int, path: str, format_: str) -> int:
    """Show each step of a run: the values before and after it, and its result."""
    with console.reporting(path):
        run = RunStore(existing_workspace(Path(path))).load(run_id)
        if format_ == "json":
            console.print_result(runs_text.details_data(run))
        else:
            console.print_result(runs_text.details(run, color=console.color))
    return Exit.DONE


@runs.command(cls=Command, examples=["provisioner runs verify"])
@account_path_argument
@click.option(
    "--head",
    metavar="HASH",
    default="",
    help="The hash of a record, kept in another place: the records up to it must be complete.",
)
@format_option("text", "json")
@pass_console
def verify(console: Console, path: str, head: str, format_: str) -> int:
    """Prove that no record was edited, removed or put in another place, by their hashes."""
    with console.reporting(path):
        results = RunStore(existing_workspace(Path(path))).checked()
        findings = [chain.finding(one) for one in results if one.proof in chain.DISPROVED]
        is_found = any(one.hash == head for one in results if one.proof is Proof.INTACT)
        if head and not is_found:
            findings.append(chain.head_missing(head))
        if format_ == "json":
            console.print_result(runs_text.proofs_data(results, findings))
        else:
            console.print_result(runs_text.proofs(results, color=console.color))
        if findings:
            raise ProvisionerError(*findings)
    return Exit.DONE
