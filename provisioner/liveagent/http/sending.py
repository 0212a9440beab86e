"""Sends requests within the limits of requests per minute, ours and the account's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import RejectedError, TargetError
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.pacing import Pacer, Slots
from provisioner.liveagent.http.refusals import TOO_MANY_REQUESTS, old_look, rate_limited, refusal
from provisioner.liveagent.http.request_meter import RequestMeter
from provisioner.liveagent.http.transport import Transport

MOST_OLD_LOOKS = 30
"""A write fails after this many looks in a row that became too old before it was sent."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look has shown.

    Attributes:
        content: the decoded JSON.
        sent: the time of `Client.clock` when the request was sent.
    """

    content: Any
    sent: float


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A write that was prepared on a look at the account.

    Attributes:
        body: the body to send.
        until: the time of `Client.clock` after which the look is too old for the write.
        slots: keeps a place for the write below the limit per minute.
    """

    body: Mapping[str, Any] | None
    until: float
    slots: Slots


Prepare = Callable[[bool], LookedAt | None]
"""Looks at the account and prepares a write; None if nothing has to be written any more. It takes
whether an earlier try of the write may have taken effect."""


@dataclass
class _LimitWaits:
    """How long and how often the account has asked to wait for one request.

    Attributes:
        again: whether the request was sent before.
        seconds: the seconds of all waits.
        number: the number of waits.
    """

    again: bool
    seconds: float = 0.0
    number: int = 0


class Sender:
    """Sends requests to one account, from several threads at once.

    Attributes:
        guard: called right before each request with whether it writes; raises RunStoppedError if it
            must not be sent.
    """

    def __init__(
        self,
        transport: Transport,
        pacer: Pacer,
        meter: RequestMeter,
        on_answer: Callable[[str, int], None],
    ) -> None:
        """Make it.

        `meter` counts each request. `on_answer` is called with method and path, and the status of
        each answer.
        """
        self._transport = transport
        self._pacer = pacer
        self._meter = meter
        self._on_answer = on_answer
        self.guard: Callable[[bool], None] = lambda _writes: None

    def send_prepared(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        prepare: Callable[[], LookedAt | None],
        *,
        again: bool,
    ) -> Answer | None:
        """Prepare a write and send it; prepare it again if a wait has made the look too old.

        Raises:
            TargetError: see `send`; or all looks were too old.
        """
        waits, old_looks = _LimitWaits(again), 0
        while old_looks < MOST_OLD_LOOKS:
            ready = prepare()
            if ready is None:
                return None
            self._pacer.wait(ready.slots)
            self.guard(True)
            if self._pacer.clock() > ready.until:
                old_looks += 1
                continue
            answer = self._answer(method, path, {"params": params, "body": ready.body}, waits)
            if answer:
                return answer
        raise RejectedError(old_look(f"{method} {path}", old_looks), status=0)

    def send(
        self,
        method: str,
        path: str,
        request: Mapping[str, Any],
        slots: Slots | None,
        *,
        again: bool = False,
    ) -> tuple[Answer, float]:
        """Return the successful answer to a request, and when the request was sent.

        Raises:
            TargetError: the account declined it, or no usable answer came.
        """
        waits = _LimitWaits(again)
        while True:
            self._pacer.wait(slots)
            self.guard(method != "GET")
            sent = self._pacer.clock()
            if answer := self._answer(method, path, request, waits):
                return answer, sent

    def _answer(
        self, method: str, path: str, request: Mapping[str, Any], waits: _LimitWaits
    ) -> Answer | None:
        """Send a request and return the answer; None if the account asks to wait before it.

        A request that is answered 429 has had no effect, so it is sent again after a wait, until
        the waits add up to the longest total.
        """
        call = f"{method} {path}"
        self._meter.sent(again=waits.again)
        waits.again = True
        answer = self._transport.send(method, path, **request)
        self._on_answer(call, answer.status)
        if answer.status == TOO_MANY_REQUESTS:
            seconds = answer.asked_wait(bounded_connections.DEFAULT_WAIT_SECONDS)
            waits.seconds, waits.number = waits.seconds + seconds, waits.number + 1
            if waits.seconds > bounded_connections.LIMIT_WAIT_SECONDS:
                raise TargetError(rate_limited(call, waits.number))
            self._pacer.hold(seconds)
            return None
        if not answer.succeeded:
            raise refusal(call, answer)
        return answer
