"""`provisioner sandbox`."""

from pathlib import Path
from typing import TextIO

import click

from provisioner.cli.account.connection import not_installed
from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command, Group
from provisioner.diagnostics import Diagnostic, TargetError, UsageError
from provisioner.model.settings import REQUESTS_PER_MINUTE


@click.group(cls=Group, examples=["provisioner sandbox serve --port 8080"])
def sandbox() -> None:
    """A LiveAgent-compatible server to try things out: real HTTP, no account, no risk."""


class _Serve(Command):
    """Adds the sandbox's own switches and fault settings to the help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._format_settings(formatter)
        super().format_epilog(ctx, formatter)

    @staticmethod
    def _format_settings(formatter: click.HelpFormatter) -> None:
        try:
            from provisioner.sandbox.faults import Fault  # noqa: PLC0415  needs the extra
            from provisioner.sandbox.settings import settings  # noqa: PLC0415
            from provisioner.sandbox.switches import Switches  # noqa: PLC0415
        except ImportError:
            return
        for title, kind in (("Switches", Switches), ("Settings of a fault", Fault)):
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (
                            f"{row.name}={row.default}",
                            f"{row.help} ({row.values})"
                            + (f" [{row.source}]" if row.source else ""),
                        )
                        for row in settings(kind)
                    ]
                )


@sandbox.command(
    cls=_Serve,
    examples=[
        "provisioner sandbox serve --port 8080",
        "provisioner sandbox serve --surface v3 --rate-limit 0",
        "provisioner sandbox serve --fault kind=drop,method=POST,path=/agents",
    ],
)
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="The port; 0 takes any free one."
)
@click.option(
    "--db",
    default="sandbox.db",
    show_default=True,
    type=click.Path(),
    help="The SQLite file of the account.",
)
@click.option(
    "--api-key", default="sandbox", show_default=True, help="The API key that it accepts."
)
@click.option(
    "--surface",
    type=click.Choice(["full", "v3"]),
    default="full",
    show_default=True,
    help="The API that it offers: everything, or only what LiveAgent documents.",
)
@click.option(
    "--rate-limit",
    default=REQUESTS_PER_MINUTE,
    show_default=True,
    type=click.IntRange(min=0),
    help="Requests a minute per key; 0: no limit.",
)
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="NAME=VALUE",
    help="Behaviour where that of LiveAgent is unknown; see below.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME=VALUE,…",
    help="A fault to cause, such as kind=drop,method=POST,path=/agents; see below.",
)
@click.option(
    "--seed-activity",
    "active",
    multiple=True,
    metavar="EMAIL",
    help="Give an existing agent some days of work, LivePhone logins and two-factor login.",
)
@click.option("--fault-seed", default=0, help="Seed of the random numbers for faults.")
@click.option(
    "--request-log",
    type=click.File("a", encoding="utf-8"),
    metavar="FILE",
    help="Write method, path and status of each request, a line each; status 0: no answer.",
)
@pass_console
def serve(  # noqa: PLR0913, PLR0917  one for each option
    console: Console,
    port: int,
    db: str,
    api_key: str,
    surface: str,
    rate_limit: int,
    switches: tuple[str, ...],
    faults: tuple[str, ...],
    fault_seed: int,
    active: tuple[str, ...],
    request_log: TextIO | None,
) -> int:
    """Serve until Ctrl-C. The address is printed when the server is ready."""
    try:
        # Imported here: only this command needs the packages of the extra.
        from provisioner.sandbox.errors import SandboxError  # noqa: PLC0415
        from provisioner.sandbox.faults import Faults, parse_fault  # noqa: PLC0415
        from provisioner.sandbox.server import Sandbox  # noqa: PLC0415
        from provisioner.sandbox.server import serve as run_server  # noqa: PLC0415
        from provisioner.sandbox.switches import parse_switches  # noqa: PLC0415
    except ImportError as error:
        raise TargetError(not_installed(error)) from error
    try:
        chosen = parse_switches(switches)
        rules = Faults([parse_fault(text) for text in faults], seed=fault_seed)
    except SandboxError as error:
        raise UsageError(Diagnostic(code="usage", summary=str(error))) from error
    server = Sandbox(
        Path(db),
        api_key=api_key,
        surface="v3" if surface == "v3" else "full",
        rate_limit=rate_limit,
        port=port,
        switches=chosen,
        faults=rules,
        request_log=request_log,
    )
    try:
        for email in active:
            server.seed_activity(email)
        run_server(
            server, on_ready=lambda url: console.print_result(f"sandbox listening on {url}\n")
        )
    except SandboxError as error:
        raise TargetError(Diagnostic(code="sandbox-failed", summary=str(error))) from error
    return Exit.DONE
