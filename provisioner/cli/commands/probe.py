"""`provisioner probe`."""

import sys
from pathlib import Path

import click

from provisioner.app.capabilities_file import with_facts
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.console.confirmation import require_yes
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.files.workspace import workspace
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import account_path_argument, target_option, yes_option
from provisioner.cli.parsing import Command
from provisioner.cli.run.interruption import signals_held
from provisioner.cli.run.shared_run import current_actor, shared_lock
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.documents.files.project_files import CAPABILITIES_NAME
from provisioner.liveagent.probing.account_probe import AccountProbe
from provisioner.liveagent.probing.findings import PROBE_NAME, ProbedAgent
from provisioner.liveagent.probing.throwaway import ThrowawayAgents
from provisioner.render.terminal.account_checks import probe_text
from provisioner.runs.lock import only_run

_PLAN = """\
The probe finds out how {account} behaves. It
  - creates the agent "{name}" <{email}>, or restores it if an earlier probe has created it
  - sets and resets the agent's fields, availability, services and planned hours
  - deletes the agent, restores it and deletes it again
  - writes what it has found to {file}
No other account is changed. LiveAgent may send a registration mail to {email}.
"""


@click.command(cls=Command, examples=["provisioner probe -t production --agent probe@acme.example"])
@account_path_argument
@target_option
@click.option(
    "--agent",
    "email",
    metavar="EMAIL",
    required=True,
    help="Email of the throwaway agent; no account may ever have had it.",
)
@yes_option
@pass_invocation
def probe(invocation: Invocation, path: str, target: str | None, email: str, yes: bool) -> int:
    """Find out how an account behaves, with a throwaway agent that is deleted at the end.

    What was found out is written to `capabilities.yaml` in PATH. Every command reads that file and
    no longer assumes what it lists. A question is asked before the first write. --yes answers it in
    advance, and is needed where there is no terminal.
    """
    console = invocation.console
    with console.reporting(path):
        require_yes("probe", yes=yes, preview="provisioner doctor")
        project = open_project_root(Path(path))
        with connect(console, project, target) as connection:
            file = project.root / CAPABILITIES_NAME
            account = connection.url or f"the target {connection.name}"
            console.print_note(
                _PLAN.format(account=account, name=PROBE_NAME, email=email, file=file)
            )
            if not yes and not click.confirm("Begin?", err=True):
                console.print_note("Not begun; nothing was written.")
                return Exit.ERROR
            account_name, actor = connection.url or connection.name, current_actor(project.root)
            announce, folder = console.print_note, workspace(project.root)
            with (
                only_run(folder, account_name, actor, timeout=0, announce=announce),
                shared_lock(
                    project.settings.lock,
                    project.root,
                    connection.url,
                    actor,
                    timeout=0,
                    announce=announce,
                ) as lock,
            ):
                if lock:
                    connection.client.guard_by(lock.guard)
                return _probe(invocation, project, connection, email, file)


def _probe(
    invocation: Invocation, project: ProjectRoot, connection: Connection, email: str, file: Path
) -> int:
    console, name = invocation.console, connection.name
    url = {"url": connection.url.removesuffix("/api/v3")} if connection.url else {}
    earlier = project.settings.capabilities.get(name)
    known_id = earlier.probe_id(email) if earlier else ""

    def record(agent: ProbedAgent) -> None:
        _write(file, name, {**url, "probe": {"email": agent.email, "id": agent.id}, "facts": {}})

    run = AccountProbe(
        client=connection.client,
        agents=ThrowawayAgents(connection.client, email, known_id),
        ask=_ask,
        hold_signals=lambda: signals_held(console.print_note),
        on_agent=record,
    )
    try:
        findings = run.run()
    finally:
        if run.agents.may_exist:
            outcome = f"the throwaway agent {email} may still exist; run the probe again."
            invocation.fix_exit_code(Exit.INCOMPLETE, outcome)
        elif run.agent:
            invocation.fix_exit_code(Exit.ERROR, "the throwaway agent is deleted again.")
    defaults = findings.new_agent_defaults
    entry = {**url, "facts": findings.facts}
    _write(file, name, entry | ({"new_agent_defaults": defaults} if defaults else {}))
    invocation.fix_exit_code(Exit.DONE, f"the facts are in {file}.")
    console.print_report(
        probe_text(findings.facts, findings.unknown, defaults, color=console.color)
        + f"\nWritten to {file}. The agent of the probe is deleted.\n",
        elsewhere=f"{file} has the facts.",
    )
    return Exit.DONE


def _ask(question: str, answers: tuple[str, ...]) -> str | None:
    """Return a person's answer, or None without a terminal or for `skip`."""
    if not sys.stdin.isatty():
        return None
    choice = click.Choice([*answers, "skip"]) if answers else None
    answer: str = click.prompt(question, type=choice, default="skip", err=True)
    return None if answer == "skip" else answer


def _write(file: Path, target: str, entry: dict[str, object]) -> None:
    try:
        before = file.read_text("utf-8") if file.exists() else ""
        after = with_facts(before, target, entry)
        if after != before:
            temporary = file.with_name(f".{file.name}.new")
            temporary.write_text(after, "utf-8")
            temporary.replace(file)
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="file-unwritable",
                summary=f"{file} can't be written: {error.strerror}",
                hint="allow writing to the project's folder",
            )
        ) from error
