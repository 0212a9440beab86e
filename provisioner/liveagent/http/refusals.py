"""Makes the errors for answers that report a failure, and names the privileges that calls need.

The scopes of a key are documented (D: vendor's README), but not which call needs which scope (I).
docs/surfaces.md lists the least privileges of a plan and of an apply.
"""

import re
from typing import NamedTuple

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError, UnansweredError
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.connection_faults import PROXY_CREDENTIALS
from provisioner.redaction import shown

PLAN, APPLY = ("agent.read", "device.manage"), ("agent.read", "agent.manage", "device.manage")
"""The least privileges of a plan and of an apply on v3."""

PLAN_FULL = ("agent.read", "settings.read")
APPLY_FULL = (*APPLY, "settings.read")
"""The same on the full surface."""

_NEEDED = tuple(
    (re.compile(methods), re.compile(paths), privilege)
    for methods, paths, privilege in (
        ("GET", "/grid/plugins", "plugin_settings.read"),
        ("GET", "/agents|/grid|/departments|/roles|/reports|/files/", "agent.read"),
        ("POST", "/files", "file.add"),
        ("GET|PUT|POST|DELETE", "/agents|/departments|/roles", "agent.manage"),
        ("GET|PUT|POST|DELETE", "/devices", "device.manage"),
        ("GET", "/settings|/account|/slack", "settings.read"),
        ("GET", "/apikeys", "api.read"),
        ("DELETE", "/apikeys", "api.delete"),
    )
)
"""Methods, beginning of the path, and privilege; the first row that matches counts."""


def needed_privilege(method: str, path: str) -> str:
    """Return the privilege that a call needs (I), or "" if it is unknown.

    `path` is below `/api/v3`.
    """
    matching = (
        privilege
        for methods, paths, privilege in _NEEDED
        if methods.fullmatch(method) and paths.match(path)
    )
    return next(matching, "")


class ReadCall(NamedTuple):
    """A reading call of a plan.

    Attributes:
        path: the path of the list.
        effect: the consequence if the key may not make it; "" if there is no plan without it.
    """

    path: str
    effect: str = ""


V3_READS = (
    ReadCall("/agents"),
    ReadCall("/grid/agents"),
    ReadCall("/grid/departments"),
    ReadCall("/devices"),
    ReadCall("/settings", "the zone of planned hours must be in provisioner.yaml"),
)

FULL_READS = (
    ReadCall("/agents"),
    ReadCall("/grid/agents"),
    ReadCall("/grid/departments"),
    ReadCall("/agents/profiles"),
    ReadCall("/roles"),
    ReadCall("/roles/permissions"),
    ReadCall("/account"),
)


GONE = frozenset({404, 410})
"""The statuses of an object that does not exist: 404 (D), or 410 as other APIs send it (I)."""

TOO_MANY_REQUESTS = 429
_DELETED = 410
"""Gone. Nothing but an account answers this, so it counts without a reason, too (I)."""

_PROXY_CREDENTIALS_MISSING = 407
_REDIRECTS = {301, 302, 303, 307, 308}
_NO_ACCESS = {401, 403}
_FIRST_OF_SERVER = 500
_LASTING = {501, 505}
"""Not implemented, and HTTP version not supported: a retry can't succeed."""

_PHRASE_LENGTH = 60


def not_liveagent(call: str, what: str) -> Diagnostic:
    """Return the diagnostic for an answer that API v3 does not send."""
    return Diagnostic(
        code="target-not-liveagent",
        summary=f"{call}: {what}",
        hint="check that the target's url is the LiveAgent account itself, such as "
        "https://acme.ladesk.com",
    )


def rate_limited(call: str, asked: int) -> Diagnostic:
    """Return the diagnostic for an account that keeps answering 429."""
    return Diagnostic(
        code="rate-limited",
        summary=f"{call}: the account asked {asked} times to wait, longer than "
        f"{bounded_connections.LIMIT_WAIT_SECONDS // 60} minutes in total",
        hint="look what else uses the same API key, lower requests_per_minute, or give this "
        "tool a key of its own; then run again",
    )


def old_look(call: str, times: int) -> Diagnostic:
    """Return the diagnostic for a write that had to wait too long after each look."""
    return Diagnostic(
        code="target-error",
        summary=f"{call}: nothing was sent, because what it overwrites was read too long before, "
        f"{times} times",
        hint="raise requests_per_minute, or lower --parallelism; then run again",
    )


def rejected(call: str, answer: Answer) -> RejectedError:
    """Return the error for an answer with a status of success and an error as its content."""
    reason = answer.reason() or "no reason is given"
    diagnostic = Diagnostic(
        code="target-error",
        summary=f"{call}: {_status(answer)}, but the answer is an error: {reason}",
    )
    return RejectedError(diagnostic, answer.status)


def refusal(call: str, answer: Answer) -> TargetError:
    """Return the error for an answer with a status other than success."""
    status = answer.status
    if status in _REDIRECTS and "Location" in answer.headers:
        address = shown(answer.headers["Location"])
        return TargetError(not_liveagent(call, f"redirected to {address}"))
    if status == _PROXY_CREDENTIALS_MISSING:
        what, hint = PROXY_CREDENTIALS
        summary = f"{call}: {what}"
        return TargetError(Diagnostic(code="target-unreachable", summary=summary, hint=hint))
    reason, of_the_api = answer.reason(), answer.is_of_the_api()
    note = "" if of_the_api else " (not an answer of the API)"
    summary = f"{call}: {_status(answer)}{note}" + (f": {reason}" if reason else "")
    if status in _NO_ACCESS:
        diagnostic = Diagnostic(
            code="target-refused",
            summary=summary,
            hint="check that the key is one of API v3 (a key of API v1 does not work), is still "
            f"valid, allows this machine's address, and has {_privilege_of(call)}",
        )
        return RejectedError(diagnostic, status)
    if status >= _FIRST_OF_SERVER and status not in _LASTING:
        diagnostic = Diagnostic(
            code="target-error",
            summary=summary,
            hint="the account had an internal error; if it persists, report the call and the time "
            "to LiveAgent's support",
        )
        return UnansweredError(diagnostic, status=status, retry_after=answer.asked_wait(0))
    diagnostic = Diagnostic(code="target-error", summary=summary)
    if status == _DELETED or (of_the_api and status < _FIRST_OF_SERVER):
        return RejectedError(diagnostic, status)
    return TargetError(diagnostic, status=status)


def _privilege_of(call: str) -> str:
    method, _, path = call.partition(" ")
    privilege = needed_privilege(method, path.removeprefix("/api/v3"))
    return f"the privilege {privilege}" if privilege else "the privileges for this call"


def _status(answer: Answer) -> str:
    return f"{answer.status} {shown(answer.phrase, _PHRASE_LENGTH)}".rstrip()
