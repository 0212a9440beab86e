"""Retries requests: after which failures, after which waits, and how often.

A request is retried only if it got no answer, and if it may take effect twice without harm or
certainly was not sent. An answer 429 is no failure; see `client` and `pacing`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    wait_random_exponential,
)

from provisioner.diagnostics import (
    RejectedError,
    RunStoppedError,
    TargetError,
    UnansweredError,
)
from provisioner.execution.polling import poll
from provisioner.liveagent.http.pacing import Pacer

TRIES = 6
"""The most tries of a request. If one try in five fails, one request in 15,000 fails."""

TRIES_AFTER_FAULT = 3
"""The most tries after a 500. LiveAgent's are mostly permanent (D: changelog 2023 to 2026)."""

FAULT = 500
NOT_FOUND = 404

FIRST_SECONDS = 0.5
"""The longest wait before the second try. It doubles with each try; the wait is a random part."""

MOST_SECONDS = 30.0
"""The longest wait before any try, unless a Retry-After asks for more."""

Result = TypeVar("Result")


class Retries:
    """Retries requests, for all threads of a run."""

    def __init__(
        self,
        pacer: Pacer,
        on_retry: Callable[[str, float, str], None] = lambda _what, _seconds, _why: None,
        lag_seconds: float = 0.0,
    ) -> None:
        """Prepare retries.

        `lag_seconds` is how late the account is known to show writes.
        """
        self._pacer = pacer
        self._on_retry = on_retry
        self._lag_seconds = lag_seconds

    def pause(self, seconds: float) -> None:
        """Wait; see `Pacer.pause`."""
        self._pacer.pause(seconds)

    def run(
        self, action: Callable[[], Result], may_repeat: Callable[[UnansweredError], bool]
    ) -> Result:
        """Return the result of an action, retried until it succeeds or a retry makes no sense.

        Raises:
            TargetError: the failure of the last try. Where a wait ends because the run stops, it
                is the failure of the try before.
        """
        failures: list[UnansweredError] = []

        def back_off(state: RetryCallState) -> None:
            error = _error(state)
            failures.append(error)
            seconds = state.upcoming_sleep
            self._on_retry("No usable answer yet", seconds, error.diagnostics[0].summary)
            self._pacer.pause(seconds)

        retrying = Retrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, UnansweredError) and may_repeat(error)
            ),
            stop=_spent,
            wait=_wait,
            before_sleep=back_off,
            sleep=lambda _seconds: None,
            reraise=True,
        )
        try:
            return retrying(action)
        except TargetError as error:
            if failures and isinstance(error, RunStoppedError):
                failures[-1].sent = any(one.sent for one in failures)
                raise failures[-1] from None
            if failures and isinstance(error, UnansweredError):
                diagnostic = error.diagnostics[0]
                summary = f"{diagnostic.summary} (tried {len(failures) + 1} times)"
                last = error.about(replace(diagnostic, summary=summary))
                # Any of the tries may have reached the account, not only the last.
                last.sent = any(one.sent for one in (*failures, error))
                raise last from error
            raise

    def poll(
        self, what: str, read: Callable[[], Result], is_complete: Callable[[Result], bool]
    ) -> Result:
        """Read several times until the result is complete; see `polling.poll`."""

        def wait(seconds: float) -> None:
            self._on_retry(f"Not there yet: {what}", seconds, "")
            self._pacer.pause(seconds)

        return poll(
            read,
            is_complete,
            first_seconds=FIRST_SECONDS,
            wait=wait,
            lag_seconds=self._lag_seconds,
        )

    def until_found(self, what: str, action: Callable[[], Result]) -> Result:
        """Return the result of an action on an object that this run has just created.

        The account may need some time until it finds the object (I), so the action is tried again
        while the answer is 404.

        Raises:
            RejectedError: the object is still not found, or the action was refused.
        """

        def attempt() -> tuple[RejectedError | None, list[Result]]:
            try:
                return None, [action()]
            except RejectedError as error:
                if error.status != NOT_FOUND:
                    raise
                return error, []

        refusal, results = self.poll(what, attempt, lambda tried: tried[0] is None)
        if refusal:
            raise refusal
        return results[0]


def _error(state: RetryCallState) -> UnansweredError:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, UnansweredError):
        raise TypeError(f"{error!r} can't be retried")
    return error


def _spent(state: RetryCallState) -> bool:
    tries = TRIES_AFTER_FAULT if _error(state).status == FAULT else TRIES
    return state.attempt_number >= tries


def _wait(state: RetryCallState) -> float:
    drawn = wait_random_exponential(multiplier=FIRST_SECONDS, max=MOST_SECONDS)(state)
    return max(drawn, _error(state).retry_after)
