"""Confirmations: effects that each run must be allowed with their exact number.

A project lists the effects in `confirm`. Unlike a guard, a confirmation has no limit: it begins at
one, and a larger number in `--allow` is refused, too. So nobody can allow more than they have read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, Span
from provisioner.planning.changes import Action, Change, Risk
from provisioner.planning.checks import guards
from provisioner.planning.coverage import Cell, Coverage
from provisioner.suggestions import shown_names

Effects = Sequence[tuple[str, Span | None]]
"""The names of what is concerned, each with its place in the files."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An effect that a project can list in `confirm`.

    Attributes:
        word: its name in `confirm`.
        allowance: the word of `--allow`.
        counts: what is counted, for the documentation and the refusal.
        effects: returns what is counted in a plan.
    """

    word: str
    allowance: str
    counts: str
    effects: Callable[[Sequence[Change], Coverage], Effects]


def becomes_owner(change: Change) -> bool:
    """Return whether a change makes an agent an owner of the account."""
    return (
        change.address.kind is Kind.AGENT
        and (change.after or {}).get("role") == "owner"
        and (change.before or {}).get("role") != "owner"
    )


def lost_cover(coverage: Coverage) -> list[Cell]:
    """Return the services of departments that lose their last agent."""
    return [cell for cell in coverage.cells if cell.after == 0 and cell.before]


def _of_changes(changes: Iterable[Change]) -> Effects:
    return [(str(change.address), change.source) for change in changes]


def _owners(changes: Sequence[Change], _coverage: Coverage) -> Effects:
    return _of_changes(filter(becomes_owner, changes))


def _raises(changes: Sequence[Change], _coverage: Coverage) -> Effects:
    return _of_changes(change for change in changes if Risk.RAISES_RIGHTS in change.risk)


def _deletes(changes: Sequence[Change], _coverage: Coverage) -> Effects:
    return _of_changes(change for change in changes if change.action is Action.DELETE)


def _last_cover(_changes: Sequence[Change], coverage: Coverage) -> Effects:
    return [(f"{cell.department} {cell.service}", None) for cell in lost_cover(coverage)]


CONFIRMATIONS = (
    Confirmation("owner", "owners", "agents who become owners", _owners),
    Confirmation("raises", "raises", "agents and roles that gain rights", _raises),
    Confirmation("last_cover", "last_cover", "services that lose their last agent", _last_cover),
    Confirmation("deletes", "deletes", "deletions of any kind", _deletes),
)
"""All effects, in the order of the documentation."""

ALLOWANCES = tuple(dict.fromkeys((*guards.ALLOWANCES, *(one.allowance for one in CONFIRMATIONS))))
"""The words of `--allow` that take a number."""


def confirmation_refusals(
    confirmed: Iterable[str],
    changes: Sequence[Change],
    coverage: Coverage,
    allowed: Mapping[str, int],
) -> Iterator[Diagnostic]:
    """Yield a refusal for each effect of `confirm` that is not allowed with its exact number."""
    for one in CONFIRMATIONS:
        effects = one.effects(changes, coverage) if one.word in confirmed else ()
        given = allowed.get(one.allowance, 0)
        if len(effects) in {0, given}:
            continue
        names = shown_names([name for name, _ in effects])
        but = f", not {given}" if given else ""
        yield Diagnostic(
            code="not-confirmed",
            summary=f"{one.counts}: {len(effects)}{but} ({names})",
            span=effects[0][1],
            hint=f"if that is meant, confirm it for this run: "
            f"--allow {one.allowance}={len(effects)}",
        )
