"""Trying again: which failures may pass, how long to wait, and when to give up.

Only a request whose answer did not come is sent again, and only one that may take effect twice
without harm, or that surely was not sent. The limit of requests is no failure; see `pacing`.
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

from provisioner.diagnostics import RunStoppedError, TargetError, UnansweredError
from provisioner.execution.polling import poll
from provisioner.liveagent.http.pacing import Pacer

TRIES = 6
"""How often a request is sent at most. At one failure in five, one request in 15,000 fails."""

TRIES_AFTER_FAULT = 3
"""The same after a 500. LiveAgent's are mostly faults that stay: D, changelog 2023 to 2026."""

FAULT = 500

FIRST_SECONDS = 0.5
"""The longest wait before the second try; it doubles with each, and is drawn by chance below."""

MOST_SECONDS = 30.0
"""The longest wait before any try, but for what a Retry-After asks for."""

Result = TypeVar("Result")


class Retries:
    """Tries requests again for all threads of a run."""

    def __init__(
        self,
        pacer: Pacer,
        on_retry: Callable[[str, float], None] = lambda _why, _seconds: None,
    ) -> None:
        """Make it.

        Args:
            pacer: waits, and ends all waiting when the run is to stop.
            on_retry: is told why a request is sent again, and after how many seconds.
        """
        self._pacer = pacer
        self._on_retry = on_retry

    def pause(self, seconds: float) -> None:
        """Wait; see `Pacer.pause`."""
        self._pacer.pause(seconds)

    def run(
        self, action: Callable[[], Result], may_repeat: Callable[[UnansweredError], bool]
    ) -> Result:
        """Do something until it succeeds or trying again makes no sense.

        Args:
            action: makes a request.
            may_repeat: tells whether it may be made again after a failure.

        Raises:
            TargetError: what the last try raised; of a run that is to stop, what the last try
                raised whose effect is not known.
        """
        failed: list[TargetError] = []

        def back_off(state: RetryCallState) -> None:
            error = _error(state)
            failed.append(error)
            seconds = state.upcoming_sleep
            self._on_retry(error.diagnostics[0].summary, seconds)
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
            if failed and isinstance(error, RunStoppedError):
                raise failed[-1] from None
            if failed and isinstance(error, UnansweredError):
                finding = error.diagnostics[0]
                said = f"{finding.summary} (tried {len(failed) + 1} times)"
                told = error.about(replace(finding, summary=said))
                # Any of the tries may have arrived, not only the last.
                told.sent = any(getattr(one, "sent", True) for one in (*failed, error))
                raise told from error
            raise

    def until(
        self, what: str, look: Callable[[], Result], good: Callable[[Result], bool]
    ) -> Result:
        """Look several times until what is seen is good; see `polling.poll`.

        Args:
            what: is looked for, in words.
            look: makes the requests.
            good: tells whether that was it.
        """

        def wait(seconds: float) -> None:
            self._on_retry(f"Not to be seen yet: {what}", seconds)
            self._pacer.pause(seconds)

        return poll(look, good, first_seconds=FIRST_SECONDS, wait=wait)


def _error(state: RetryCallState) -> UnansweredError:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, UnansweredError):
        raise TypeError(f"{error!r} is not for trying again")
    return error


def _spent(state: RetryCallState) -> bool:
    tries = TRIES_AFTER_FAULT if _error(state).status == FAULT else TRIES
    return state.attempt_number >= tries


def _wait(state: RetryCallState) -> float:
    drawn = wait_random_exponential(multiplier=FIRST_SECONDS, max=MOST_SECONDS)(state)
    return max(drawn, _error(state).retry_after)
