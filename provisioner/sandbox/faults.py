"""Faults on purpose, to test how a client handles a bad network or a busy server.

A fault is a rule: which requests it affects, how many of them, and how they fail. Random numbers
come from a seed, so that a run can be repeated.
"""

import random
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import read, setting


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule; the kind is required, and the other fields restrict or describe it."""

    kind: Literal["status", "html", "drop", "truncate", "delay", "lose", "lag"] = setting(
        "status",
        "status: an error as JSON; html: an error as a page; drop: no answer, the connection"
        " breaks; truncate: it breaks within the answer; delay: the answer comes later; lose: the"
        " answer reports success, but nothing is written; lag: a read gets its previous answer.",
    )
    method: str = setting("", "Only requests of this method.")
    path: str = setting("", "Only paths that this regular expression matches anywhere.")
    skip: int = setting(0, "Number of these requests to let through first.")
    times: int = setting(1, "Number of requests to affect after that; 0 for all.")
    chance: float = setting(1.0, "Probability that a request is affected.")
    status: int = setting(500, "Status of the kinds status and html.")
    seconds: float = setting(0.0, "Seconds that the kind delay waits.")
    lands: bool = setting(
        default=False, text="With status, html and drop: the write takes effect first."
    )

    def matches(self, method: str, path: str) -> bool:
        """Return whether the rule applies to this request."""
        return self.method in ("", method) and re.search(self.path, path) is not None


class Faults:
    """The rules of one sandbox; any thread may change them."""

    def __init__(self, rules: Iterable[Fault] = (), seed: int = 0) -> None:
        """Start with these rules.

        The first rule that affects a request is used.
        """
        self._rules = list(rules)
        self._seen = [0] * len(self._rules)
        self._random = random.Random(seed)  # noqa: S311 # repeatable on purpose
        self._lock = threading.Lock()

    @property
    def lagging(self) -> bool:
        """Whether a rule makes reads lag, so that answers must be stored."""
        with self._lock:
            return any(rule.kind == "lag" for rule in self._rules)

    def add(self, *rules: Fault) -> None:
        """Append rules."""
        with self._lock:
            self._rules += rules
            self._seen += [0] * len(rules)

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules.clear()
            self._seen.clear()

    def fault_of(self, method: str, path: str) -> Fault | None:
        """Return the fault of this request, or None; each call counts as one request."""
        with self._lock:
            affecting = [
                rule
                for number, rule in enumerate(self._rules)
                if self._affects(number, method, path)
            ]
        return affecting[0] if affecting else None

    def _affects(self, number: int, method: str, path: str) -> bool:
        rule = self._rules[number]
        if not rule.matches(method, path):
            return False
        self._seen[number] += 1
        turn = self._seen[number] - rule.skip
        in_turn = turn > 0 and (not rule.times or turn <= rule.times)
        return in_turn and self._random.random() < rule.chance


def parse_fault(text: str) -> Fault:
    """Return the rule of an option of the command line.

    Args:
        text: settings joined by commas, such as `kind=drop,method=POST,path=/agents,lands=on`.

    Raises:
        SandboxError: a name or a value is unknown; the message lists the allowed ones.
    """
    return Fault(**read(Fault, text.split(","), "fault setting"))
