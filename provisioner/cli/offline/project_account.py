"""The account of a project without one: an embedded account to which the project was applied."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from provisioner import address as addresses
from provisioner.address import Kind
from provisioner.app.account_reading import lists_of_names, take_snapshot
from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.cli.invocation import Exit
from provisioner.cli.offline.embedded_account import embedded_account
from provisioner.cli.offline.rehearsing import EmbeddedRun, Rehearser, SilentConsole
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Surface
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.model.consent import ConsentPolicy
from provisioner.model.policy import Guards, Protection
from provisioner.model.team.minimums import Minimums
from provisioner.model.team_rules import TeamRules
from provisioner.sandbox.faults import Fault

_OWNER = "account.owner@provisioner.example"
_CREATOR = "creator1"
_EVERYTHING = Guards(10**9, 100, 100, 10**9, 0)


def account_of_project(project: Project, options: PlanOptions, now: datetime) -> Snapshot:
    """Return the account that an apply of a project to a new account leaves.

    Raises:
        TargetError: it can't be applied to a new account.
    """
    settings, target = project.settings, options.target
    eased = replace(
        settings,
        consent=ConsentPolicy(),
        guards=_EVERYTHING,
        protection=Protection(),
        team_rules=TeamRules(),
        waivers=(),
        minimums=Minimums(),
    )
    rehearser = Rehearser(replace(project, settings=eased), _new_account(project, options), options)
    known, desired = settings.capabilities_of(target), project.desired_for(target)
    with (
        tempfile.TemporaryDirectory(prefix="provisioner-") as folder,
        embedded_account(Path(folder), rehearser.stored, desired, known) as account,
    ):
        code, problem = EmbeddedRun(rehearser, account, Path(folder) / "records").apply()
        if code != Exit.DONE:
            raise TargetError(_not_seeded(problem))
        with account.connected(SilentConsole(quiet=True), options) as connection:
            return take_snapshot(
                LiveAgentReader(connection.client),
                now,
                None,
                lists_of_names(project, target),
                target=target,
                url=options.url,
            )


def _new_account(project: Project, options: PlanOptions) -> Snapshot:
    """Return a new account, made by a declared owner, or else a protected agent."""
    desired = project.desired_for(options.target)
    agents = {one.address.key: one for one in desired.of(Kind.AGENT)}
    owners = [email for email, one in agents.items() if one.attributes.get("role") == "owner"]
    patterns = project.settings.protection.patterns.get(Kind.AGENT, ())
    others = [one for one in patterns if not {"*", "?"} & {*one} and one not in agents]
    email = min(owners or others, default=_OWNER)
    attributes = {"email": email, "name": "Owner", "role": "owner"}
    owner = LiveObject(
        addresses.agent(email), _CREATOR, {**attributes, "availability": {}, "departments": {}}
    )
    facts = AccountFacts(key_agent=_CREATOR, creator=_CREATOR)
    general = LiveObject(addresses.department("General"), "default", {"name": "General"})
    live = LiveState.of(
        [owner, general], account=facts.completed(project.settings.account), surface=Surface.FULL
    )
    return Snapshot(live, options.target, options.url, "")


@contextmanager
def failing_reader(
    project: Project, stored: Snapshot, options: PlanOptions, fault: str
) -> Iterator[Reader]:
    """Yield a reader of an account; the list of its agents fails in one way.

    Raises:
        TargetError: no account can be made from the snapshot.
    """
    settings, target = project.settings, options.target
    known, desired = settings.capabilities_of(target), project.desired_for(target)
    rule = (
        Fault("truncate", "GET", _AGENTS, times=0)
        if fault == "truncate"
        else Fault("status", "GET", _AGENTS, times=0)
    )
    with (
        tempfile.TemporaryDirectory(prefix="provisioner-") as folder,
        embedded_account(Path(folder), stored, desired, known) as account,
        account.connected(SilentConsole(quiet=True), options) as connection,
    ):
        account.faults.add(rule)
        yield LiveAgentReader(connection.client)


_AGENTS = r"/agents$"


def _not_seeded(problem: str) -> Diagnostic:
    return Diagnostic(
        code="sandbox-failed",
        summary=f"the project can't be applied to a new account: {problem or 'the run failed'}",
        hint="correct that, or prove the guards against an account: --snapshot FILE",
    )
