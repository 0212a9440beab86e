"""`provisioner apps`: the LivePhone logins of agents."""

from pathlib import Path

import click

from provisioner.app.inspect_agent import end_logins, logins_of
from provisioner.cli.account.connection import connect
from provisioner.cli.console.confirmation import require_yes
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import account_path_argument, target_option, yes_option
from provisioner.cli.parsing import Command, Group
from provisioner.cli.shell import candidates
from provisioner.liveagent.on_demand_reader import LiveAgentReportReader
from provisioner.render.terminal import agent_account as render


@click.group(cls=Group, examples=["provisioner apps disconnect mia.chen@acme.example"])
def apps() -> None:
    """End the LivePhone logins of an agent (apps disconnect EMAIL)."""


@apps.command(
    cls=Command, examples=["provisioner apps disconnect mia.chen@acme.example -t production"]
)
@click.argument("email", shell_complete=candidates.emails)
@account_path_argument
@target_option
@yes_option
@pass_invocation
def disconnect(invocation: Invocation, email: str, path: str, target: str | None, yes: bool) -> int:
    """End the LivePhone logins of the agent with this EMAIL.

    They are listed first, and a question is asked before the first one ends. --yes answers it in
    advance, and is needed where there is no terminal. The target is one of the project in PATH.
    """
    console = invocation.console
    with console.reporting(path):
        require_yes("apps disconnect", yes=yes, preview=f"provisioner show agent {email}")
        with connect(console, open_project_root(Path(path)), target) as connection:
            facts = LiveAgentReportReader(connection.client)
            logins = logins_of(email, facts)
            if not logins:
                console.print_result(
                    f"Nothing to disconnect: {email} is not logged in to LivePhone.\n"
                )
                return Exit.DONE
            if not yes:
                console.print_result("".join(f"{render.login_line(login)}\n" for login in logins))
                if not click.confirm(f"Disconnect these from {connection.name}?", err=True):
                    console.print_note("Not disconnected; nothing was written.")
                    return Exit.ERROR
            remaining = f"provisioner show agent {email} lists the logins that are left."
            invocation.fix_exit_code(Exit.INCOMPLETE, remaining)
            outcomes = end_logins(logins, facts)
            text = "".join(render.outcome(*outcome) for outcome in outcomes)
            console.print_report(text, elsewhere=remaining)
            failed = any(problem for _, problem in outcomes)
            invocation.fix_exit_code(Exit.INCOMPLETE if failed else Exit.DONE, remaining)
    return Exit.INCOMPLETE if failed else Exit.DONE
