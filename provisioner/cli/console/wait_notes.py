"""Messages about waits and repeated requests, always to standard error."""

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from provisioner.cli.console.output import Console
from provisioner.render import readable

if TYPE_CHECKING:
    from collections.abc import Callable


_LONG_SECONDS = 5
"""A wait from this length on is always shown."""


class WaitDisplay(Protocol):
    """Shows why a run waits."""

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Show a wait.

        Args:
            seconds: its length.
            limit: requests a minute; the reason of the wait unless the account asked for it.
            asked: how many times the account has asked this run to wait; 0 if it did not ask for
                this wait.
        """

    def retrying(self, what: str, seconds: float, why: str) -> None:
        """Show that a request is sent again.

        Args:
            what: what is missing.
            seconds: the length of the wait.
            why: the error of the last try; "" if there is none to show.
        """

    def note(self, text: str) -> None:
        """Write a line."""


class WaitLines:
    """Shows each wait as a line of text, or of JSON where the log is JSON."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def note(self, text: str) -> None:
        """Write a line."""
        self._console.print_note(text)

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Show a wait; see `WaitDisplay`."""
        time = readable.duration(round(seconds))
        if self._console.json_log:
            by_limit = None if asked else limit
            self._console.log_event(
                "waiting", seconds=round(seconds, 1), limit=by_limit, asked=asked or None
            )
        elif asked:
            self.note(f"The account asks to wait {time} ({readable.ordinal(asked)} time).")
        else:
            self.note(f"Waiting {time} for the limit of {limit} requests a minute.")

    def retrying(self, what: str, seconds: float, why: str) -> None:
        """Show that a request is sent again."""
        if self._console.json_log:
            self._console.log_event("retrying", seconds=round(seconds, 1), why=why or what)
        else:
            self.note(retry_text(what, seconds, why))


def retry_text(what: str, seconds: float, why: str) -> str:
    """Return a line about a retry; see `WaitDisplay.retrying`."""
    cause = f" ({why})" if why else ""
    return readable.harmless(f"{what}{cause}; trying again in {seconds:.1f} s.")


class WaitNotes:
    """Passes messages on to the current display: lines, or a live line while there is one.

    Attributes:
        display: the current display.
        answers: the number of answers so far.
        requests_left: returns how many requests may be sent at once; None without a limit.
    """

    def __init__(self, console: Console) -> None:
        self.display: WaitDisplay = WaitLines(console)
        self.answers = 0
        self.requests_left: Callable[[], int | None] = lambda: None
        self._quiet, self._verbose = console.quiet, console.verbose
        self._shows_causes = console.verbose or console.json_log
        self._noted: set[str] = set()

    def note(self, text: str) -> None:
        """Write a line. A signal handler may do so too, even while another line is written."""
        with suppress(RuntimeError):
            self.display.note(text)

    def tip(self, text: str) -> None:
        """Write a line about the progress, unless the run is quiet."""
        if not self._quiet:
            self.note(text)

    def answered(self, call: str, status: int) -> None:
        """Count an answer, and write a line about it if the run is verbose."""
        self.answers += 1
        if self._verbose:
            self.note(f"{status} {call}")

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Show a wait; see `WaitDisplay`."""
        if not self._quiet:
            self.display.waiting(seconds, limit, asked)

    def retrying(self, what: str, seconds: float, why: str) -> None:
        """Show that a request is sent again.

        Unless the run is verbose, short waits for the same are shown once. The cause is then in the
        error alone, if all tries fail.
        """
        if self._quiet or (
            not self._shows_causes and what in self._noted and seconds < _LONG_SECONDS
        ):
            return
        self._noted.add(what)
        self.display.retrying(what, seconds, why if self._shows_causes else "")
