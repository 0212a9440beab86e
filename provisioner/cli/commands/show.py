"""`provisioner show`."""

from datetime import datetime
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from provisioner.app.inspect_agent import inspect_agent
from provisioner.cli.account.connection import connect
from provisioner.cli.console.output import Console
from provisioner.cli.console.plan_formats import FORMATS, check_summary, print_plan, summary_option
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.files.plan_files import digest_of_files, read_plan
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import account_path_argument, format_option, target_option
from provisioner.cli.parsing import Command, Group
from provisioner.cli.shell import candidates
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.live.agent_report import Period
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.on_demand_reader import LiveAgentReportReader
from provisioner.render.terminal import agent_account as render
from provisioner.runs.store import RunStore

DAY = click.DateTime(["%Y-%m-%d"])

_PLAN_FILE = "plan.json"
"""The plan file of the ready-made pipelines."""


class _Show(Group):
    """Runs the subcommand `plan` where none is named: `show PLANFILE`, `show --digest PLANFILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; `--digest` may be before the file."""
        return super().parse_args(ctx, ["plan", *args] if args[:1] == ["--digest"] else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that arguments mean; see `click.Group`."""
        if args[0] not in self.commands:
            self.refuse_typo(ctx, args[0])
            args = ["plan", *args]
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the subcommands that begin like a word, and the request for files."""
        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line."""
        del ctx
        return ["PLANFILE | agent EMAIL", "[OPTIONS]"]


@click.group(
    cls=_Show,
    examples=[
        "provisioner show saved.plan",
        "provisioner show --digest plan.json",
        "provisioner show agent mia.chen@acme.example -t production",
    ],
)
def show() -> None:
    """Show a saved plan (show PLANFILE), or the live account of an agent (show agent EMAIL)."""


@show.command(
    hidden=True,
    cls=Command,
    examples=[
        "provisioner show saved.plan --format html > plan.html",
        "provisioner show --digest plan.json --reviewed reviewed/plan.json",
    ],
)
@click.argument("file", required=False, type=click.Path(), metavar="PLANFILE")
@format_option(*FORMATS)
@summary_option
@click.option(
    "--digest",
    "is_digest",
    is_flag=True,
    help="Print only a digest of what the plan writes; without PLANFILE, of plan.json.",
)
@click.option(
    "--reviewed",
    type=click.Path(),
    metavar="PLANFILE",
    help="With --digest: a plan that was reviewed. Its manual steps may be done since.",
)
@pass_console
def plan(
    console: Console,
    file: str | None,
    format_: str,
    summary: bool,
    is_digest: bool,
    reviewed: str | None,
) -> int:
    """Show the plan that `plan --out` saved in PLANFILE, without any network."""
    if is_digest:
        if summary or format_ != FORMATS[0]:
            raise click.UsageError("--digest excludes --format and --summary")
        with console.reporting("."):
            digest = digest_of_files(file or _PLAN_FILE, reviewed)
        console.print_result(f"{digest}\n")
        return Exit.DONE
    if reviewed:
        raise click.UsageError("--reviewed goes with --digest")
    if file is None:
        raise click.UsageError("missing argument PLANFILE")
    check_summary(format_, summary=summary)
    with console.reporting("."):
        saved, basis, _ = read_plan(Path(file))
        console.print_diagnostics(saved.warnings)
    print_plan(console, saved, format_, summary=summary, revision=basis.revision)
    return Exit.DONE


@show.command(
    cls=Command,
    examples=[
        "provisioner show agent mia.chen@acme.example",
        "provisioner show agent mia.chen@acme.example --since 2026-01-01 --until 2026-01-31",
    ],
)
@click.argument("email", shell_complete=candidates.emails)
@account_path_argument
@target_option
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="First day of the report.")
@click.option("--until", type=DAY, metavar="YYYY-MM-DD", help="Last day of the report.")
@format_option("text", "json")
@pass_console
def agent(
    console: Console,
    email: str,
    path: str,
    target: str | None,
    since: datetime | None,
    until: datetime | None,
    format_: str,
) -> int:
    """Show the live account of the agent with this EMAIL.

    The output has every section of the account, the performance report of a period, and the
    applications that are logged in. Missing information is marked with the reason. The target is
    one of the project in PATH.
    """
    if since and until and since > until:
        raise UsageError(
            Diagnostic(
                code="usage",
                summary="--since is after --until",
                hint="the period goes from the first day to the last",
            )
        )
    period = Period(since and since.date(), until and until.date())
    with console.reporting(path):
        project = open_project_root(Path(path))
        with connect(console, project, target) as connection:
            store = RunStore(existing_workspace(project.root))
            recorded = store.facts(connection.name, connection.url)
            role_ids = {**recorded.role_ids, **project.settings.role_ids_of(connection.name)}
            report = inspect_agent(
                email,
                period,
                LiveAgentReader(connection.client),
                LiveAgentReportReader(connection.client),
                target=connection.name,
                roles={role_id: name for name, role_id in role_ids.items()},
            )
    console.print_result(
        render.as_json(report) if format_ == "json" else render.as_text(report, color=console.color)
    )
    return Exit.DONE
