"""Faults on purpose: what a network and a busy server do to a client, switched by the test.

A fault is a rule: which requests it hits, how many of them, and what then goes wrong. Chance is
drawn from a seed, so that a run can be repeated.
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
    """One rule; every field but the kind narrows it down or describes it."""

    kind: Literal["status", "html", "drop", "truncate", "delay", "lose", "lag"] = setting(
        "status",
        "status: an error as JSON; html: an error as a page; drop: no answer, the connection"
        " breaks; truncate: it breaks amid the answer; delay: the answer comes later; lose: success"
        " is answered, but nothing was written; lag: a read is answered as it was the last time.",
    )
    method: str = setting("", "Only requests of this method.")
    path: str = setting("", "Only paths in which this regular expression is found.")
    skip: int = setting(0, "So many of these requests are let through first.")
    times: int = setting(1, "So many are hit after that; 0 for all.")
    chance: float = setting(1.0, "Probability that one is hit.")
    status: int = setting(500, "Status of the kinds status and html.")
    seconds: float = setting(0.0, "How long the kind delay waits.")
    lands: bool = setting(
        default=False, text="With status, html and drop: the write takes effect before."
    )

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the rule is about this request."""
        return self.method in ("", method) and re.search(self.path, path) is not None


class Faults:
    """The rules of one sandbox; any thread may change them."""

    def __init__(self, rules: Iterable[Fault] = (), seed: int = 0) -> None:
        """Begin with these rules.

        Args:
            rules: asked in their order; the first that hits counts.
            seed: of every chance.
        """
        self._rules = list(rules)
        self._seen = [0] * len(self._rules)
        self._random = random.Random(seed)  # noqa: S311 # repeatable on purpose
        self._lock = threading.Lock()

    @property
    def lagging(self) -> bool:
        """Whether any rule makes reads lag, so that answers must be remembered."""
        with self._lock:
            return any(rule.kind == "lag" for rule in self._rules)

    def add(self, *rules: Fault) -> None:
        """Append rules."""
        with self._lock:
            self._rules += rules
            self._seen += [0] * len(rules)

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._rules.clear()
            self._seen.clear()

    def hit(self, method: str, path: str) -> Fault | None:
        """Say what goes wrong with this request; each call counts as one request."""
        with self._lock:
            hits = [
                rule for number, rule in enumerate(self._rules) if self._hits(number, method, path)
            ]
        return hits[0] if hits else None

    def _hits(self, number: int, method: str, path: str) -> bool:
        rule = self._rules[number]
        if not rule.matches(method, path):
            return False
        self._seen[number] += 1
        turn = self._seen[number] - rule.skip
        in_turn = turn > 0 and (not rule.times or turn <= rule.times)
        return in_turn and self._random.random() < rule.chance


def parse_fault(text: str) -> Fault:
    """Read a rule as a command line gives it.

    Args:
        text: settings joined by commas, such as `kind=drop,method=POST,path=/agents,lands=on`.

    Raises:
        SandboxError: a name or a value is unknown; the text says what is allowed.
    """
    return Fault(**read(Fault, text.split(","), "fault setting"))
