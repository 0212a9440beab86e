"""What the report of an apply of a fleet is made of, in words: every format draws it."""

from collections.abc import Iterator, Mapping, Sequence

from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.render import readable
from provisioner.render.fleet.fleet_texts import alone_command, change_lines
from provisioner.render.sentences import Sentence

Groups = Mapping[AccountOutcome, Sequence[ApplyResult]]

OUTCOMES = {
    AccountOutcome.INCOMPLETE: "Incomplete",
    AccountOutcome.FAILED: "Failed, nothing written",
    AccountOutcome.REFUSED: "Refused",
    AccountOutcome.NOT_BEGUN: "Not begun",
    AccountOutcome.DONE: "Done",
    AccountOutcome.NOTHING: "Nothing to do",
    AccountOutcome.UNTOUCHED: "Not touched",
}
"""The title of the accounts of each outcome."""

WITHOUT_RUN = {AccountOutcome.NOT_BEGUN, AccountOutcome.UNTOUCHED}
"""The outcomes that a result has a reason for."""

_AGAIN = "Run fleet apply again to do the rest."
_MEND = "Nothing was written. Mend the errors first, then run fleet apply again."


def state(result: ApplyResult) -> str:
    """Return how the apply of an account has ended, in a few words."""
    return result.outcome.value.replace("-", " ")


def by_outcome(results: Sequence[ApplyResult]) -> Groups:
    """Return the accounts of each outcome that any has, the most severe first."""
    groups = {one: [result for result in results if result.outcome is one] for one in OUTCOMES}
    return {outcome: group for outcome, group in groups.items() if group}


def is_complete(groups: Groups) -> bool:
    """Return whether the run leaves nothing to do."""
    return all(outcome.complete for outcome in groups)


def next_step(groups: Groups, *, unfit: bool) -> str:
    """Return what to do after the run; "" for nothing.

    `unfit` is whether no account has begun, because the files of some can't be applied.
    """
    return "" if is_complete(groups) else _MEND if unfit else _AGAIN


def outcomes_text(groups: Groups) -> str:
    """Return the number of accounts, in total and by outcome."""
    parts = [f"{len(group)} {state(group[0])}" for group in groups.values()]
    number = sum(len(group) for group in groups.values())
    return f"{readable.count(number, 'account')}: {', '.join(parts)}"


def by_reason(group: Sequence[ApplyResult]) -> dict[str, list[str]]:
    """Return the names of the accounts without a run for each reason."""
    reasons: dict[str, list[str]] = {}
    for result in group:
        reasons.setdefault(result.reason, []).append(result.account.name)
    return reasons


def written_lines(result: ApplyResult) -> Iterator[tuple[str, Sentence]]:
    """Yield what an apply has done, as a label and a sentence; the label can be ""."""
    if result.outcome in {AccountOutcome.DONE, AccountOutcome.REFUSED}:
        yield from ((label, sentence) for label, sentence in change_lines(result) if label)
    done, steps = result.steps
    if result.outcome is AccountOutcome.INCOMPLETE and steps:
        yield "", (f"{done} of {readable.count(steps, 'step')} applied",)
    if result.counts:
        yield "", (", ".join(f"{number} {word}" for word, number in result.counts.items()),)
    manual = result.digest.numbers.get("manual_steps") if result.digest else 0
    if manual and result.outcome is AccountOutcome.DONE:
        yield "", (f"{readable.count(manual, 'manual step')} left to people",)


def next_command(result: ApplyResult, folder: str) -> str:
    """Return the command that shows more of an account that is not done; "" if it is."""
    if result.outcome is AccountOutcome.INCOMPLETE and result.run:
        return alone_command(result, folder, f"runs show {result.run}")
    return "" if result.outcome.complete else alone_command(result, folder)
