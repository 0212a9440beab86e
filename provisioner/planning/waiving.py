"""Applies waivers to the findings of rules: what is accepted, until when, and what has ended."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, Protocol, TypeVar

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.documents.schema.shapes import flag, number, optional, record, sequence, text
from provisioner.model.team.waivers import PLAN, Waiver
from provisioner.planning.plans.change_json import source_data, source_of
from provisioner.planning.scope import matches
from provisioner.suggestions import shown_names

CODES_OF_WAIVERS = frozenset({"waiver-ended", "waiver-ends", "waiver-not-needed"})

DAYS_BEFORE_END = 14
"""A waiver is listed as ending from this many days before its last day on."""


class Waivable(Protocol):
    """A finding of a rule."""

    @property
    def rule(self) -> str:
        """The id of the rule."""

    @property
    def address(self) -> Address | None:
        """The object; None for the plan as a whole."""

    @property
    def failed(self) -> bool:
        """Whether the rule could not be evaluated. Such a finding can't be waived."""


Finding = TypeVar("Finding", bound=Waivable)


@dataclass(frozen=True, slots=True)
class HeldWaiver:
    """A waiver that holds on the day of a plan.

    Attributes:
        rule: the id of the rule.
        object: the address, pattern, kind or `plan` that it is for.
        reason: why the team accepts it.
        until: its last day, as YYYY-MM-DD.
        who: the person who accepted it; "" if nobody is named.
        ends_soon: whether it ends within `DAYS_BEFORE_END` days.
        covers: the addresses, or `plan`, that do not conform to the rule, sorted.
        source: its place in the settings.
    """

    rule: str
    object: str
    reason: str
    until: str
    who: str
    ends_soon: bool
    covers: tuple[str, ...]
    source: Span | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "rule": self.rule,
            "object": self.object,
            "reason": self.reason,
            "until": self.until,
            "who": self.who,
            "ends_soon": self.ends_soon,
            "covers": list(self.covers),
            "source": source_data(self.source),
        }


HELD_WAIVERS = sequence(
    record(
        {
            **dict.fromkeys(("rule", "object", "reason", "until", "who"), text),
            "ends_soon": flag,
            "covers": sequence(text),
            "source": optional(record({"file": text, "line": number(1)})),
        }
    )
)
"""The shape of the key `waivers` of a plan file."""


def held_waiver_of(data: Mapping[str, Any]) -> HeldWaiver:
    """Return a waiver from JSON data that has its shape."""
    source = source_of(data["source"])
    return HeldWaiver(**{**data, "covers": tuple(data["covers"]), "source": source})


@dataclass(frozen=True, slots=True)
class Waiving(Generic[Finding]):
    """The findings of rules after the waivers.

    Attributes:
        kept: the findings that no waiver covers.
        held: the waivers that hold, in the order of the file.
        diagnostics: errors about waivers that have ended and are still needed, and warnings about
            those that end soon or are not needed.
    """

    kept: tuple[Finding, ...]
    held: tuple[HeldWaiver, ...]
    diagnostics: tuple[Diagnostic, ...]


def waive(
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    day: date,
    *,
    evaluated: Collection[str] | None = None,
) -> Waiving[Finding]:
    """Return the findings that no waiver covers, and what the waivers do.

    Args:
        findings: the findings of all rules.
        waivers: the waivers of the project.
        day: the day in the account's zone.
        evaluated: the rules that were evaluated for all objects; None for all rules. Only a waiver
            of one of these can be without need.
    """
    covers: dict[Waiver, set[str]] = {waiver: set() for waiver in waivers}
    kept = []
    for finding in findings:
        matching = [waiver for waiver in waivers if _covers(waiver, finding)]
        holding = [waiver for waiver in matching if waiver.until >= day]
        if not holding:
            kept.append(finding)
        for waiver in holding or matching:
            covers[waiver].add(_name(finding))
    held = tuple(_held(waiver, day, covers[waiver]) for waiver in waivers if waiver.until >= day)
    known = {waiver.rule for waiver in waivers if evaluated is None or waiver.rule in evaluated}
    notes = (
        note
        for waiver in waivers
        for note in _notes(waiver, day, covers[waiver], known=waiver.rule in known)
    )
    return Waiving(tuple(kept), held, tuple(notes))


def _covers(waiver: Waiver, finding: Waivable) -> bool:
    if finding.failed or waiver.rule != finding.rule:
        return False
    if finding.address is None:
        return waiver.object == PLAN
    return matches(finding.address, (), waiver.object)


def _name(finding: Waivable) -> str:
    return str(finding.address) if finding.address else PLAN


def _held(waiver: Waiver, day: date, covers: Iterable[str]) -> HeldWaiver:
    return HeldWaiver(
        rule=waiver.rule,
        object=waiver.object,
        reason=waiver.reason,
        until=waiver.until.isoformat(),
        who=waiver.who,
        ends_soon=_ends_soon(waiver, day),
        covers=tuple(sorted(covers)),
        source=waiver.span,
    )


def _ends_soon(waiver: Waiver, day: date) -> bool:
    return timedelta() <= waiver.until - day <= timedelta(days=DAYS_BEFORE_END)


def _notes(
    waiver: Waiver, day: date, covers: Collection[str], *, known: bool
) -> Iterator[Diagnostic]:
    """Yield what somebody must do about a waiver."""
    what = f'the waiver of rule "{waiver.rule}" for {waiver.object}'
    if covers and waiver.until < day:
        yield Diagnostic(
            code="waiver-ended",
            summary=f"{what} ended on {waiver.until}, and is still needed for "
            f"{shown_names(sorted(covers))}",
            span=waiver.span,
            rule=waiver.rule,
            object=waiver.object,
            hint="change the files so that they conform, or agree on another end",
        )
    elif covers and _ends_soon(waiver, day):
        yield Diagnostic(
            code="waiver-ends",
            summary=f"{what} holds until {waiver.until}, and is needed for "
            f"{shown_names(sorted(covers))}",
            span=waiver.span,
            rule=waiver.rule,
            object=waiver.object,
            hint="change the files so that they conform, or agree on another end",
            severity=Severity.WARNING,
        )
    elif known and not covers:
        yield Diagnostic(
            code="waiver-not-needed",
            summary=f"{what} is not needed: each object conforms",
            span=waiver.span,
            rule=waiver.rule,
            object=waiver.object,
            hint="remove the waiver",
            severity=Severity.WARNING,
        )


def changing_days(waivers: Iterable[Waiver]) -> Iterator[date]:
    """Yield the first days on which waivers do not hold any more."""
    for waiver in waivers:
        yield waiver.until + timedelta(days=1)
