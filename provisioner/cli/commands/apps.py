"""`provisioner apps`: the applications that agents are logged in with."""

from pathlib import Path

import click

from provisioner.app.inspect_agent import end_logins, logins_of
from provisioner.cli.account.connection import connect
from provisioner.cli.account.opening import open_project_root
from provisioner.cli.console.confirmation import need_yes, yes_option
from provisioner.cli.console.output import put, put_at_last, reporting, say
from provisioner.cli.exits import Exit, account_written
from provisioner.cli.options import path_argument, target_option
from provisioner.cli.single_options import Command
from provisioner.liveagent.agent_report_reader import LiveAgentReportReader
from provisioner.render.terminal import agent_account as render


@click.group()
def apps() -> None:
    """The applications that agents are logged in with."""


@apps.command(cls=Command)
@click.argument("email")
@path_argument
@target_option
@yes_option
def disconnect(email: str, path: str, target: str | None, yes: bool) -> int:
    """End the LivePhone logins of the agent with this EMAIL.

    They are listed first. Without --yes it is asked before anything ends; without a terminal there
    is nobody to ask, and --yes is needed. The target is one of the project in PATH.
    """
    with reporting(path):
        need_yes("apps disconnect", yes=yes, first=f"provisioner show agent {email}")
        with connect(open_project_root(Path(path)), target) as connection:
            facts = LiveAgentReportReader(connection.client)
            logins = logins_of(email, facts)
            if not logins:
                put(f"Nothing to disconnect: {email} is not logged in to LivePhone.\n")
                return Exit.DONE
            if not yes:
                put("".join(f"{render.login_line(login)}\n" for login in logins))
                if not click.confirm(f"Disconnect these from {connection.name}?", err=True):
                    say("Not disconnected; nothing was written.")
                    return Exit.ERROR
            look = f"provisioner show agent {email} lists the logins that are left."
            account_written(Exit.INCOMPLETE, look)
            outcomes = end_logins(logins, facts)
            text = "".join(render.outcome(*outcome) for outcome in outcomes)
            put_at_last(text, elsewhere=look)
            failed = any(problem for _, problem in outcomes)
            account_written(Exit.INCOMPLETE if failed else Exit.DONE, look)
    return Exit.INCOMPLETE if failed else Exit.DONE
