"""`provisioner sandbox`."""

from pathlib import Path

import click

from provisioner.cli.exits import Exit
from provisioner.cli.output import put
from provisioner.cli.targets import not_installed
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.model.settings import REQUESTS_PER_MINUTE


@click.group()
def sandbox() -> None:
    """A LiveAgent-compatible server for trying things out: real HTTP, no account, no risk."""


@sandbox.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0: any free one.")
@click.option(
    "--db", default="sandbox.db", show_default=True, type=click.Path(), help="The SQLite file."
)
@click.option("--api-key", default="sandbox", show_default=True, help="The key that it accepts.")
@click.option("--surface", type=click.Choice(["full", "v3"]), default="full", show_default=True)
@click.option(
    "--rate-limit",
    default=REQUESTS_PER_MINUTE,
    show_default=True,
    type=click.IntRange(min=0),
    help="Requests a minute per key; 0: no limit.",
)
def serve(port: int, db: str, api_key: str, surface: str, rate_limit: int) -> int:
    """Serve until Ctrl-C. The address is printed when the server is ready."""
    try:
        # Imported here: only this command needs the packages of the extra.
        from provisioner.sandbox.errors import SandboxError  # noqa: PLC0415
        from provisioner.sandbox.server import Sandbox  # noqa: PLC0415
        from provisioner.sandbox.server import serve as run_server  # noqa: PLC0415
    except ImportError as error:
        raise TargetError(not_installed(error)) from error
    server = Sandbox(
        Path(db),
        api_key=api_key,
        surface="v3" if surface == "v3" else "full",
        rate_limit=rate_limit,
        port=port,
    )
    try:
        run_server(server, on_ready=lambda url: put(f"sandbox listening on {url}\n"))
    except SandboxError as error:
        raise TargetError(Diagnostic(code="sandbox-failed", summary=str(error))) from error
    return Exit.DONE
