"""Evaluates the rules of a team in a child process, with limits of memory and time.

An expression comes from the files of a branch. CEL bounds its steps, but not the size of the values
that it makes; only a process can be bounded for certain.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from provisioner.planning.rules import evaluation
from provisioner.planning.rules.expressions import MEMORY_MIB
from provisioner.planning.rules.questions import RuleAnswer, RuleFacts, RuleQuestion

RULE_SECONDS = 10
"""The time of one rule for all its objects; a rule takes well under a second for 10,000 agents."""

START_SECONDS = 120
"""The time until the first rule begins, on a busy machine."""

_PROGRAM = (sys.executable, "-P", "-m", evaluation.__name__)


def evaluate_in_child(
    questions: Sequence[RuleQuestion], facts: RuleFacts, *, seconds: float = RULE_SECONDS
) -> Iterator[RuleAnswer]:
    """Yield the answer to each question, in order.

    A question that ends the child, or takes more than `seconds`, is answered with that problem; the
    next child answers those after it.
    """
    answered = 0
    while answered < len(questions):
        for answer in _answers(questions[answered:], facts, seconds):
            answered += 1
            yield answer


def _answers(
    questions: Sequence[RuleQuestion], facts: RuleFacts, seconds: float
) -> Iterator[RuleAnswer]:
    """Yield the answers of one child: at least one, and the last may be its end."""
    request = pickle.dumps((questions, facts), protocol=pickle.HIGHEST_PROTOCOL)
    process = subprocess.Popen(  # noqa: S603  a module of this package
        _PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    writer = Thread(target=_write, args=(process, request), daemon=True)
    lines = _Lines(process)
    try:
        writer.start()
        for _ in questions:
            began = lines.next(START_SECONDS)
            answer = lines.next(seconds) if began is not None else None
            if answer is None:
                yield RuleAnswer(problem=_end(process, seconds, started=began is not None))
                return
            failed = tuple((place, text) for place, text in answer["failed"])
            yield RuleAnswer(failed, answer["problem"], answer["at"])
    finally:
        process.kill()
        process.wait()
        writer.join()
        lines.close()


def _write(process: "subprocess.Popen[bytes]", request: bytes) -> None:
    try:
        with process.stdin or open(os.devnull, "wb") as stream:  # noqa: PTH123
            stream.write(request)
    except OSError:  # the child has ended, which its output shows
        return


def _end(process: "subprocess.Popen[bytes]", seconds: float, *, started: bool) -> str:
    """Return why a child gave no answer."""
    if not started:
        return "the program that evaluates rules did not start"
    try:
        process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        return f"it takes more than {seconds:g} seconds"
    return f"it needs more than {MEMORY_MIB} MiB of memory"


class _Lines:
    """The lines of JSON that a child writes."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._stream = process.stdout
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        # Windows can't wait for a pipe with a limit of time, so a thread does.
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def next(self, seconds: float) -> dict[str, Any] | None:
        """Return the next line; None if the child ends or the time is over first."""
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            return None
        if not line.endswith(b"\n"):
            return None
        data: dict[str, Any] = json.loads(line)
        return data

    def close(self) -> None:
        """Close the pipe of a child that has ended."""
        self._reader.join()
        if self._stream:
            self._stream.close()

    def _read(self) -> None:
        for line in self._stream or ():
            self._lines.put(line)
        self._lines.put(b"")
