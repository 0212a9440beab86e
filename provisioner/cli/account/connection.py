"""The connection to a target: an HTTP client with the target's key and limit."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from provisioner.address import fold
from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Configured
from provisioner.cli.account.api_keys import read_key
from provisioner.cli.account.offline_options import evaluate_rules
from provisioner.cli.account.targets import (
    check_address,
    default_target,
    find_target,
    target_at_base,
    unencrypted_warning,
)
from provisioner.cli.console.output import Console
from provisioner.cli.console.wait_notes import WaitNotes
from provisioner.cli.files.workspace import workspace
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.execution.looks import LookRules
from provisioner.execution.workers import CONCURRENCY
from provisioner.live.state import LiveState
from provisioner.liveagent.costs import apply_cost
from provisioner.model.account_urls import is_loopback, is_unencrypted
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.effective import key_source
from provisioner.model.hours_form import HOURS_FACTS
from provisioner.model.settings import SANDBOX, Settings
from provisioner.planning.scope import Scope

if TYPE_CHECKING:
    from provisioner.liveagent.http.client import Client
    from provisioner.liveagent.http.limits import Limits

_is_among_workers: ContextVar[bool] = ContextVar("_is_among_workers", default=False)


@contextmanager
def among_workers() -> Iterator[None]:
    """Let connections that are made inside respect the limits together with other processes."""
    before = _is_among_workers.set(True)
    try:
        yield
    finally:
        _is_among_workers.reset(before)


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection to an account.

    Attributes:
        name: the target's name.
        client: sends requests to the account.
        per_minute: the limit of requests a minute; 0 is none.
        notes: shows the client's waits.
        url: the account's address; "" for the embedded sandbox, because its port changes.
        api_key: the source of its key, such as `env LIVEAGENT_V3_API_KEY`.
        parallelism: how many calls of an apply may run at a time.
    """

    name: str
    client: "Client"
    per_minute: int
    notes: WaitNotes
    url: str = ""
    api_key: str = ""
    parallelism: int = CONCURRENCY

    def looks(self, live: LiveState) -> LookRules:
        """Return how an apply to the account looks at what it overwrites."""
        # Imported here: only a plan of an account needs what it imports.
        from provisioner.liveagent.page_looks import look_rules  # noqa: PLC0415

        return look_rules(live, self.client.capabilities, self.per_minute)

    def plan_options(
        self,
        allowed: Mapping[str, int] | None = None,
        scope: Scope = Scope(),  # noqa: B008  frozen
    ) -> PlanOptions:
        """Return the options of a plan for this account, from the options of a command."""
        return PlanOptions(
            target=self.name,
            costs=partial(apply_cost, capabilities=self.client.capabilities),
            looks=self.looks,
            per_minute=self.per_minute,
            url=self.url,
            api_key=self.api_key,
            allowed=allowed or {},
            scope=scope,
            evaluate=evaluate_rules,
        )


@contextmanager
def connect(
    console: Console,
    project: Configured,
    name: str | None,
    base: Settings | None = None,
    *,
    parallelism: int = CONCURRENCY,
) -> Iterator[Connection]:
    """Connect to a target, and close the connection (or stop the sandbox) when the block ends.

    Args:
        console: for warnings, waits and the messages of a key's command.
        project: the folder that defines the target.
        name: the target's name; None for the project's default.
        base: reviewed settings that replace the address and the source of the key; None if the
            project's own are reviewed.
        parallelism: how many calls of an apply may run at a time.

    Raises:
        TargetError: there is no such target, or no usable key.
        RefusedError: the address may not get the key.
    """
    chosen = name or default_target(project.settings)
    notes = WaitNotes(console)
    if chosen == SANDBOX:
        with _sandbox(project, notes, parallelism) as connection:
            yield connection
        return
    target = find_target(project.settings, chosen)
    if base is not None and project.settings.targets:
        target = target_at_base(target, base)
    check_address(target)
    if is_unencrypted(target.url):
        console.print_diagnostics((unencrypted_warning(target),))
    console.print_detail(f"Account: {target.name}, {target.url}, key from {key_source(target)}.")
    limit = target.requests_per_minute
    key = read_key(target, project.root, console.print_note, of_branch=base is not None)
    known = project.settings.capabilities_of(chosen)
    with _client(target.url, key, limit, notes, parallelism, capabilities=known) as client:
        source = key_source(target)
        number = client.connections
        yield Connection(target.name, client, limit, notes, client.root, source, number)


@contextmanager
def _client(
    url: str,
    key: str,
    per_minute: int,
    notes: WaitNotes,
    connections: int,
    *,
    capabilities: AccountCapabilities,
) -> Iterator["Client"]:
    # Imported here: a plan from a snapshot makes no request.
    from provisioner.liveagent.http.client import Client  # noqa: PLC0415
    from provisioner.liveagent.http.pacing import Pacer  # noqa: PLC0415
    from provisioner.liveagent.http.request_meter import RequestMeter  # noqa: PLC0415

    def waiting(seconds: float, asked: int) -> None:
        meter.waited(seconds)
        notes.waiting(seconds, per_minute, asked)

    meter = RequestMeter(per_minute)
    with _limits(url, key, per_minute, connections) as (limits, number):
        pacer = Pacer(per_minute, on_wait=waiting, limits=limits)
        notes.requests_left = pacer.left
        client = Client(
            url,
            key,
            pacer=pacer,
            on_retry=notes.retrying,
            on_answer=notes.answered,
            connections=number,
            meter=meter,
            capabilities=capabilities,
        )
        try:
            yield client
        finally:
            client.close()


@contextmanager
def _limits(
    url: str, key: str, per_minute: int, wanted: int
) -> Iterator[tuple["Limits | None", int]]:
    """Yield the limits to share with other processes, if there are any, and the connections."""
    # Requests to this machine itself leave from no address that an account counts.
    is_local = is_loopback(url)
    if not _is_among_workers.get() or (is_local and not per_minute):
        yield None, wanted
        return
    # Imported here: a run alone shares nothing.
    from provisioner.liveagent.http.machine_limits import (  # noqa: PLC0415
        REQUESTS_PER_SECOND,
        MachineLimits,
        connections,
    )

    per_second = 0 if is_local else REQUESTS_PER_SECOND
    limits = MachineLimits(fold(url.rstrip("/")), key, per_minute, per_second=per_second)
    if is_local:
        yield limits, wanted
        return
    with connections(wanted) as number:
        yield limits, number


@contextmanager
def _sandbox(project: Configured, notes: WaitNotes, parallelism: int) -> Iterator[Connection]:
    # Imported here: only this target needs the packages of the extra.
    try:
        from provisioner.sandbox.connections import descriptors_for_connections  # noqa: PLC0415
        from provisioner.sandbox.errors import SandboxError  # noqa: PLC0415
        from provisioner.sandbox.server import Sandbox  # noqa: PLC0415
        from provisioner.sandbox.switches import Switches  # noqa: PLC0415
    except ImportError as error:
        raise TargetError(not_installed(error)) from error
    key = secrets.token_hex(16)
    database = workspace(project.root) / "sandbox.db"
    of_project = project.settings.capabilities_of(SANDBOX)
    # This process starts the sandbox, so its form of planned hours is known.
    facts = {name: getattr(Switches(), name) for name in HOURS_FACTS}
    known = replace(of_project, facts={**facts, **of_project.facts})
    # Both ends of each connection are in this process.
    connections = descriptors_for_connections(2 * parallelism) // 2
    if not connections:
        raise TargetError(_too_few_descriptors())
    try:
        with (
            Sandbox(database, api_key=key) as server,
            _client(server.url, key, 0, notes, connections, capabilities=known) as client,
        ):
            yield Connection(SANDBOX, client, 0, notes, parallelism=parallelism)
    except SandboxError as error:
        raise TargetError(Diagnostic(code="sandbox-failed", summary=str(error))) from error


def _too_few_descriptors() -> Diagnostic:
    return Diagnostic(
        code="sandbox-failed",
        summary="the embedded sandbox can't start: too few file descriptors are left",
        hint="allow this process more open files, such as with `ulimit -n 256`",
    )


def not_installed(error: ImportError) -> Diagnostic:
    """Return the error that the sandbox's packages are not installed."""
    return Diagnostic(
        code="sandbox-not-installed",
        summary=f"the embedded sandbox can't start: {error}",
        hint="pip install -U 'liveagent-provisioner[sandbox]'",
    )
