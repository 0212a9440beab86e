"""From a target's name to a connection: which account, with which key, under which limit."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Configured
from provisioner.cli.account.api_keys import read_key
from provisioner.cli.account.trust import as_at_base, check_address
from provisioner.cli.console.output import show_findings
from provisioner.cli.console.progress import Talk
from provisioner.cli.files.workspace import workspace
from provisioner.diagnostics import Diagnostic, Severity, TargetError, UsageError
from provisioner.execution.executor import CONCURRENCY
from provisioner.liveagent.costs import apply_cost
from provisioner.model.effective import key_source
from provisioner.model.hosts import account_address, is_unencrypted
from provisioner.model.settings import ENVIRONMENT, REQUESTS_PER_MINUTE, SANDBOX, Settings, Target
from provisioner.model.urls import address_problem
from provisioner.planning.scope import Scope
from provisioner.suggestions import did_you_mean

if TYPE_CHECKING:
    from provisioner.liveagent.http.client import Client

URL_VARIABLE = "LIVEAGENT_BASE_URL"
KEY_VARIABLE = "LIVEAGENT_V3_API_KEY"
"""The vendor's own names; they define a target where the project declares none."""

LIMIT_VARIABLE = "PROVISIONER_REQUESTS_PER_MINUTE"
"""The share of the limit that runs may use on that target; 0 leaves it to the account."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An account that can be talked to.

    Attributes:
        name: the target's name.
        client: talks to it.
        per_minute: the limit of requests; 0 is none.
        talk: tells of the client's waits.
        url: the account's address; "" for the embedded sandbox, whose port changes.
        api_key: where its key comes from, such as `env LIVEAGENT_V3_API_KEY`.
    """

    name: str
    client: "Client"
    per_minute: int
    talk: Talk
    url: str = ""
    api_key: str = ""

    def plan_options(
        self, allowed: Mapping[str, int], only: tuple[str, ...], exclude: tuple[str, ...]
    ) -> PlanOptions:
        """Return what a plan for this account is asked for by the options of a command."""
        return PlanOptions(
            target=self.name,
            costs=apply_cost,
            per_minute=self.per_minute,
            url=self.url,
            api_key=self.api_key,
            allowed=allowed,
            scope=Scope(only, exclude),
        )


@contextmanager
def connect(
    project: Configured, name: str | None, base: Settings | None = None
) -> Iterator[Connection]:
    """Connect to a target; the embedded sandbox is started for as long as this lasts.

    Args:
        project: the folder that defines the target.
        name: of the target; None for the project's default.
        base: settings that the address and the source of the key are taken from, where the
            project's own are not reviewed yet.

    Raises:
        TargetError: there is no such target, or its key can't be had.
        RefusedError: the address may not get the key.
    """
    chosen = name or _default(project.settings)
    if chosen == SANDBOX:
        with _sandbox(project.root) as connection:
            yield connection
        return
    target = _target(project.settings, chosen)
    if base is not None and project.settings.targets:
        target = as_at_base(target, base)
    _check_form(target)
    check_address(target)
    if is_unencrypted(target.url):
        show_findings((_insecure(target),))
    talk, limit = Talk(), target.requests_per_minute
    key = read_key(target, project.root, of_branch=base is not None)
    with _client(target.url, key, limit, talk) as client:
        yield Connection(target.name, client, limit, talk, client.root, key_source(target))


def offline(settings: Settings, name: str, url: str, base: Settings | None = None) -> PlanOptions:
    """Return the options of a plan for a target that is not connected to; no key is looked for.

    Args:
        settings: of the project.
        name: of the target.
        url: stands for the address of the environment's target where the environment has none.
        base: settings that the address is taken from, where they have the target.

    Raises:
        TargetError: there is no such target.
    """
    if name == SANDBOX:
        return PlanOptions(target=name, costs=apply_cost)
    if name == ENVIRONMENT and not settings.targets and URL_VARIABLE not in os.environ:
        target = Target(name, url, ("env", KEY_VARIABLE), _limit())
    else:
        target = _target(settings, name)
    if base is not None and name in base.targets:
        target = as_at_base(target, base)
    same = account_address(url) == account_address(target.url)
    return PlanOptions(
        target=name,
        costs=apply_cost,
        per_minute=target.requests_per_minute,
        url=url if same else target.url,
        api_key=key_source(target),
    )


def _check_form(target: Target) -> None:
    """Check that the address of a target is well-formed; it may hold a password.

    Raises:
        TargetError: it is not.
    """
    if problem := address_problem(target.url):
        whose = URL_VARIABLE if target.name == ENVIRONMENT else f'the url of target "{target.name}"'
        raise TargetError(
            Diagnostic(
                code="target-url",
                summary=f"{whose} {problem}",
                hint="write an address such as https://acme.ladesk.com",
            )
        )


def _insecure(target: Target) -> Diagnostic:
    return Diagnostic(
        code="insecure-target",
        summary=f'target "{target.name}" is reached without encryption',
        hint="write https:// in its address",
        severity=Severity.WARNING,
    )


def _default(settings: Settings) -> str:
    """Return the target of a run that names none; it is never guessed among several."""
    if settings.default_target:
        return settings.default_target
    if len(settings.targets) == 1:
        return next(iter(settings.targets))
    if not settings.targets and URL_VARIABLE in os.environ:
        return ENVIRONMENT
    raise TargetError(
        Diagnostic(
            code="no-target",
            summary="no target is named",
            hint=f"name one with -t ({', '.join([*settings.targets, SANDBOX])}), set "
            f"default_target in provisioner.yaml, or set {URL_VARIABLE} and {KEY_VARIABLE}",
        )
    )


def _target(settings: Settings, name: str) -> Target:
    if name in settings.targets:
        return settings.targets[name]
    url = os.environ.get(URL_VARIABLE, "")
    if name == ENVIRONMENT and not settings.targets and url:
        return Target(ENVIRONMENT, url, ("env", KEY_VARIABLE), _limit())
    raise TargetError(
        Diagnostic(
            code="unknown-target",
            summary=f'there is no target "{name}"',
            hint=did_you_mean(name, [*settings.targets, SANDBOX]),
        )
    )


def _limit() -> int:
    given = os.environ.get(LIMIT_VARIABLE, str(REQUESTS_PER_MINUTE))
    if not (given.isdecimal() and given.isascii()):
        raise UsageError(
            Diagnostic(
                code="usage",
                summary=f"{LIMIT_VARIABLE} is not a number of requests",
                hint=f"write a number such as {REQUESTS_PER_MINUTE}; 0 for no limit of our own",
            )
        )
    return int(given)


@contextmanager
def _client(
    url: str, key: str, per_minute: int, talk: Talk, connections: int = CONCURRENCY
) -> Iterator["Client"]:
    # Imported here: a plan from a snapshot makes no request.
    from provisioner.liveagent.http.client import Client  # noqa: PLC0415
    from provisioner.liveagent.http.pacing import Pacer  # noqa: PLC0415

    def waiting(seconds: float, asked: int) -> None:
        talk.waiting(seconds, per_minute, asked)

    pacer = Pacer(per_minute, on_wait=waiting)
    client = Client(url, key, pacer=pacer, on_retry=talk.retrying, connections=connections)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def _sandbox(root: Path) -> Iterator[Connection]:
    # Imported here: only this target needs the packages of the extra.
    try:
        from provisioner.sandbox.descriptors import descriptors_for_connections  # noqa: PLC0415
        from provisioner.sandbox.errors import SandboxError  # noqa: PLC0415
        from provisioner.sandbox.server import Sandbox  # noqa: PLC0415
    except ImportError as error:
        raise TargetError(not_installed(error)) from error
    key = secrets.token_hex(16)
    database = workspace(root) / "sandbox.db"
    # Both ends of each connection are in this process.
    connections = descriptors_for_connections(2 * CONCURRENCY) // 2
    if not connections:
        raise TargetError(_too_few_descriptors())
    try:
        talk = Talk()
        with (
            Sandbox(database, api_key=key) as server,
            _client(server.url, key, 0, talk, connections) as client,
        ):
            yield Connection(SANDBOX, client, 0, talk)
    except SandboxError as error:
        raise TargetError(Diagnostic(code="sandbox-failed", summary=str(error))) from error


def _too_few_descriptors() -> Diagnostic:
    return Diagnostic(
        code="sandbox-failed",
        summary="the embedded sandbox can't start: too few file descriptors are left",
        hint="allow this process more open files, such as with `ulimit -n 256`",
    )


def not_installed(error: ImportError) -> Diagnostic:
    """Report that the sandbox's packages are missing."""
    return Diagnostic(
        code="sandbox-not-installed",
        summary=f"the embedded sandbox can't start: {error}",
        hint="pip install 'provisioner[sandbox]'",
    )
