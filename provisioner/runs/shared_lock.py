"""A lock that runs on several machines respect, in a place that all of them reach.

A run writes a claim into the place before its first write, renews it while it works, and removes it
at the end. A claim that was not removed ends at its time; the next run then takes the lock over. A
claim contains a random token, so that two claims are never equal.

There is no thread that renews: a run that hangs loses its lock.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from provisioner.diagnostics import Diagnostic, RefusedError, RunStoppedError
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import number, record, text
from provisioner.execution.report import Outcome
from provisioner.execution.steps import Step
from provisioner.runs.record import Actor

POLL_SECONDS = 5.0
"""The time between two looks while a run waits for the lock."""

_CLAIM = record(
    {"by": text, "host": text, "pid": number(), "at": text, "until": text, "token": text},
    closed=True,
)


@dataclass(frozen=True, slots=True)
class LockClaim:
    """What a run writes into the place of a lock.

    Attributes:
        by: the user.
        host: name of the machine.
        pid: id of the process.
        at: the start of the run, in UTC.
        until: the end of the claim, in UTC.
        token: a random text.
    """

    by: str
    host: str
    pid: int
    at: str
    until: str
    token: str

    def __str__(self) -> str:
        """Return the holder and the time."""
        return f"{self.by} on {self.host} (process {self.pid}, since {self.at})"

    def has_ended(self, at: datetime) -> bool:
        """Return whether the claim has ended at a time."""
        return datetime.fromisoformat(self.until) <= at

    def as_data(self) -> dict[str, Any]:
        """Return the claim as JSON data."""
        return asdict(self)


def claim_of(content: bytes) -> LockClaim:
    """Return the claim in the content of a file or commit.

    Raises:
        ValueError: it has another shape.
    """
    data = parse_json(content)
    _CLAIM(data)
    if datetime.fromisoformat(data["until"]).tzinfo is None:
        raise ValueError("a time without its zone")
    if not all(data[name].isprintable() for name in ("by", "host", "at", "until", "token")):
        raise ValueError("a character that can't be printed")
    return LockClaim(**data)


UNREADABLE = LockClaim(
    "another program", "an unknown machine", 0, "an unknown time", "9999-01-01T00:00:00Z", ""
)
"""Stands for content that is no claim. It never ends, since nobody knows what it means."""


class PlaceError(Exception):
    """The place of a lock can't be reached, read or written."""


class LockPlace(Protocol):
    """A place that keeps claims: a folder, an SQLite file, or a ref of a git repository."""

    def read(self) -> tuple[LockClaim, ...]:
        """Return all claims. Raises PlaceError."""
        ...

    def take(self, ended: Sequence[LockClaim], own: LockClaim) -> bool:
        """Write a claim if there are no others than the ended ones, and remove those.

        Returns:
            Whether the claim is the only one now. Raises PlaceError.
        """
        ...

    def renew(self, own: LockClaim, renewed: LockClaim) -> bool:
        """Replace a claim, and return whether it was the only one. Raises PlaceError."""
        ...

    def release(self, own: LockClaim) -> None:
        """Remove a claim. Raises PlaceError."""
        ...


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class SharedLock:
    """The claim of one run; an `Observer` that stops the run if the claim is lost.

    Several threads of the run use it.
    """

    def __init__(
        self,
        place: LockPlace,
        name: str,
        actor: Actor,
        lasts: timedelta,
        *,
        announce: Callable[[str], object],
        clock: Callable[[], datetime] = utc_now,
        pause: Callable[[float], object] = time.sleep,
        is_dead: Callable[[LockClaim], bool] = lambda _claim: False,
    ) -> None:
        """Prepare a claim; nothing is written yet.

        `lasts` is the time until a claim ends, unless it is renewed, and `is_dead` returns whether
        the process of a claim is known to have ended before this time.
        """
        self._place, self._name, self._lasts = place, name, lasts
        self._announce, self._clock, self._pause = announce, clock, pause
        self._is_dead = is_dead
        at = clock()
        self._own = LockClaim(actor.by, actor.host, actor.pid, _text(at), _text(at), "")
        self._next = at
        self._lost: Diagnostic | None = None
        self._renewing = threading.Lock()

    @contextmanager
    def held(self, timeout: float) -> Iterator["SharedLock"]:
        """Hold the lock.

        Args:
            timeout: seconds to wait for another run to end.

        Raises:
            RefusedError: another run holds the lock, or its place can't be used.
        """
        try:
            self._acquire(timeout)
        except PlaceError as error:
            raise RefusedError(self._unusable(error)) from error
        try:
            yield self
        finally:
            try:
                self._place.release(self._own)
            except PlaceError as error:
                until = self._own.until
                self._announce(f"The shared lock can't be released ({error}); it ends at {until}.")

    def started(self, steps: Sequence[Step]) -> None:
        """Renew the claim if necessary; see `guard`."""
        if steps:
            self.guard(writes=True)

    def ended(self, outcome: Outcome) -> None:
        """Do nothing."""

    def guard(self, writes: bool) -> None:
        """Renew the claim if a third of its time is over; to be called before each request.

        Raises:
            RunStoppedError: the request writes, and another run has taken the lock over, or the
                claim can't be renewed before it ends.
        """
        with self._renewing:
            at = self._clock()
            if at >= self._next and not self._lost:
                self._renew(at)
            if writes and self._lost:
                raise RunStoppedError(self._lost)

    def _renew(self, at: datetime) -> None:
        """Renew the claim, or note that it is lost."""
        renewed = self._new_claim(at)
        try:
            if self._place.renew(self._own, renewed):
                self._hold(renewed, at)
            else:
                self._lost = self._lost_to_another()
        except PlaceError as error:
            # The claim still protects the run for a while, so a short outage does not stop it.
            if at >= datetime.fromisoformat(self._own.until) - self._lasts / 3:
                self._lost = self._lost_by(f"it can't be renewed: {error}")
            self._next = at + self._lasts / 12

    def _acquire(self, timeout: float) -> None:
        waited = 0.0
        while True:
            at = self._clock()
            claims = self._place.read()
            active = [one for one in claims if not (one.has_ended(at) or self._is_dead(one))]
            if not active:
                own = self._new_claim(at)
                if self._place.take(claims, own):
                    self._hold(own, at)
                    for claim in claims:
                        why = f"it ended at {claim.until}"
                        if not claim.has_ended(at):
                            why = "its process has ended"
                        self._announce(f"Taking over the shared lock of {claim}: {why}.")
                    return
                active = [*self._place.read()]
            if waited >= timeout:
                raise RefusedError(self._locked(active))
            if not waited:
                self._announce(f"Waiting up to {timeout:g} s for {_holder(active)} to end.")
            seconds = min(POLL_SECONDS, timeout - waited)
            self._pause(seconds)
            waited += seconds

    def _new_claim(self, at: datetime) -> LockClaim:
        return replace(self._own, until=_text(at + self._lasts), token=secrets.token_hex(16))

    def _hold(self, claim: LockClaim, at: datetime) -> None:
        self._own, self._next = claim, at + self._lasts / 3

    def _locked(self, active: Sequence[LockClaim]) -> Diagnostic:
        until = f", until {active[0].until} at the latest" if active else ""
        return Diagnostic(
            code="locked",
            summary=f"the account is being worked on by {_holder(active)}{until}; "
            f"the shared lock is in {self._name}",
            hint="wait for it to end, or let this run wait: --lock-timeout SECONDS",
        )

    def _lost_to_another(self) -> Diagnostic:
        try:
            others = [one for one in self._place.read() if one.token != self._own.token]
        except PlaceError:
            others = []
        return self._lost_by(f"{_holder(others)} has taken it over" if others else "it is gone")

    def _lost_by(self, why: str) -> Diagnostic:
        return Diagnostic(
            code="lock-lost",
            summary=f"the shared lock in {self._name} is lost: {why}",
            hint="nothing more was written; wait for the other run",
        )

    def _unusable(self, error: PlaceError) -> Diagnostic:
        return Diagnostic(
            code="lock-place",
            summary=f"the shared lock in {self._name} can't be used: {error}",
            hint="make the place of lock in provisioner.yaml reachable; nothing was written",
        )


def _holder(claims: Sequence[LockClaim]) -> str:
    return str(claims[0]) if claims else "another run"


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
