"""Errors for answers other than success, with the account's own reason."""

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError, UnansweredError
from provisioner.liveagent.http import bounds
from provisioner.liveagent.http.answers import Answer, shown
from provisioner.liveagent.http.connection_faults import PROXY_CREDENTIALS

GONE = frozenset({404, 410})
"""The statuses of an object that does not exist: 404 (D), or 410 as other APIs send it (I)."""

TOO_MANY_REQUESTS = 429
_PROXY_CREDENTIALS_MISSING = 407
_REDIRECTS = {301, 302, 303, 307, 308}
_NO_ACCESS = {401, 403}
_FIRST_OF_SERVER = 500
_LASTING = {501, 505}
"""Not implemented, and a version of HTTP that is not spoken: another try can't mend them."""

_PHRASE_LENGTH = 60


def not_liveagent(call: str, what: str) -> Diagnostic:
    """Report an answer that is not what API v3 sends."""
    return Diagnostic(
        code="target-not-liveagent",
        summary=f"{call}: {what}",
        hint="check that the target's url is the LiveAgent account itself, such as "
        "https://acme.ladesk.com",
    )


def rate_limited(call: str, asked: int) -> Diagnostic:
    """Report that an account kept asking to wait.

    Args:
        call: method and path.
        asked: how often it asked.
    """
    return Diagnostic(
        code="rate-limited",
        summary=f"{call}: the account asked {asked} times to wait, longer than "
        f"{bounds.LIMIT_WAIT_SECONDS // 60} minutes in total",
        hint="look what else uses the same API key, lower requests_per_minute, or give this "
        "tool a key of its own; then run again",
    )


def rejected(call: str, answer: Answer) -> RejectedError:
    """Return the error for an answer that says success and holds an error."""
    reason = answer.reason() or "no reason is given"
    finding = Diagnostic(
        code="target-error",
        summary=f"{call}: {_status(answer)}, but the answer is an error: {reason}",
    )
    return RejectedError(finding, answer.status)


def refusal(call: str, answer: Answer) -> TargetError:
    """Return the error for a status other than success."""
    status = answer.status
    if status in _REDIRECTS and "Location" in answer.headers:
        place = shown(answer.headers["Location"])
        return TargetError(not_liveagent(call, f"redirected to {place}"))
    if status == _PROXY_CREDENTIALS_MISSING:
        what, hint = PROXY_CREDENTIALS
        summary = f"{call}: {what}"
        return TargetError(Diagnostic(code="target-unreachable", summary=summary, hint=hint))
    reason, of_the_api = answer.reason(), answer.is_of_the_api()
    note = "" if of_the_api else " (not an answer of the API)"
    summary = f"{call}: {_status(answer)}{note}" + (f": {reason}" if reason else "")
    if status in _NO_ACCESS:
        finding = Diagnostic(
            code="target-refused",
            summary=summary,
            hint="check that the key is one of API v3 (keys of API v1 are others), is still "
            "valid, allows this machine's address, and has the privileges for this call",
        )
        return RejectedError(finding, status)
    if status >= _FIRST_OF_SERVER and status not in _LASTING:
        finding = Diagnostic(
            code="target-error",
            summary=summary,
            hint="the account had trouble; run again, and if it stays so, ask LiveAgent's support "
            "with the call and the time",
        )
        return UnansweredError(finding, status=status, retry_after=answer.asked_wait(0))
    finding = Diagnostic(code="target-error", summary=summary)
    if of_the_api and status < _FIRST_OF_SERVER:
        return RejectedError(finding, status)
    return TargetError(finding)


def _status(answer: Answer) -> str:
    return f"{answer.status} {shown(answer.phrase, _PHRASE_LENGTH)}".rstrip()
