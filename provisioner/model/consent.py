"""Settings about consent: when runs may write, who approves a plan, and what is confirmed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents import Document
from provisioner.model.policy import FieldRule, field_rule, fits, known_fields
from provisioner.suggestions import Vocabulary

_FIELDS = Vocabulary(known_fields)

UNDO, SUSPENSIONS = "undo", "suspensions"
"""What a window that freezes may permit nevertheless."""


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """A window of time that freezes an account, or that allows writes; an entry of `freeze`.

    Attributes:
        reason: why the window exists.
        allows: whether writes are allowed in the window, instead of refused.
        days: the days on which a weekly window begins; empty for a dated one.
        begin: weekly: a time such as `16:00`; dated: the first day, such as `2026-12-24`.
        end: weekly: a time up to `24:00`; dated: the last day.
        exempt: what may be written in spite of the window: `undo`, `suspensions`.
        span: its place in the file.
    """

    reason: str
    allows: bool
    days: tuple[str, ...]
    begin: str
    end: str
    exempt: frozenset[str] = frozenset()
    span: Span | None = field(default=None, compare=False)

    def __str__(self) -> str:
        verb = "allow" if self.allows else "deny"
        days = f"{' '.join(self.days)} " if self.days else ""
        exempt = f", except {', '.join(sorted(self.exempt))}" if self.exempt else ""
        return f"{verb} {days}{self.begin} to {self.end}{exempt}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Reviewers:
    """The reviewers of a part of the account; an entry of `approvals.owners`.

    Attributes:
        names: users and teams as the platform writes them, such as `@acme/support-leads`.
        departments: names or patterns of departments.
        roles: names or patterns of roles.
        fields: the fields.
        span: its place in the file.
    """

    names: tuple[str, ...]
    departments: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    span: Span | None = field(default=None, compare=False)

    def owns_department(self, name: str) -> bool:
        """Return whether a department is one of these."""
        return any(fits(name, pattern) for pattern in self.departments)

    def owns_role(self, name: str) -> bool:
        """Return whether a role is one of these."""
        return any(fits(name, pattern) for pattern in self.roles)

    def __str__(self) -> str:
        fields = [".".join((rule.kind.plural, *rule.path)) for rule in self.fields]
        parts = {"departments": self.departments, "roles": self.roles, "fields": fields}
        owned = "; ".join(f"{key} {', '.join(names)}" for key, names in parts.items() if names)
        return f"{owned}: {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """The section `approvals`.

    Attributes:
        points: risk to its points.
        need: points to the number of approvals from there on.
        owners: the reviewers by what they review.
    """

    points: Mapping[str, int] = field(default_factory=dict)
    need: Mapping[int, int] = field(default_factory=lambda: {1: 1})
    owners: tuple[Reviewers, ...] = ()

    def approvals_for(self, points: int) -> int:
        """Return how many approvals a plan with these points needs."""
        reached = [row for row in self.need if row <= points]
        return self.need[max(reached)] if reached else 0

    @classmethod
    def of(cls, section: Mapping[str, Any], config: Document | None = None) -> "ApprovalPolicy":
        """Return the policy in the section `approvals`; `config` has the places of its entries."""
        need = {row["from"]: row["approvals"] for row in section.get("need", ())}
        owners = (
            Reviewers(
                tuple(entry["reviewers"]),
                tuple(entry.get("departments", ())),
                tuple(entry.get("roles", ())),
                tuple(rule for word in entry.get("fields", ()) if (rule := field_rule(word))),
                config.span(("approvals", "owners", index)) if config else None,
            )
            for index, entry in enumerate(section.get("owners", ()))
        )
        return cls(section.get("points", {}), need or {1: 1}, tuple(owners))

    def as_data(self) -> dict[str, Any]:
        """Return the policy as plain data, for plans and comparisons."""
        return {
            "points": {name: points for name, points in self.points.items() if points},
            "need": {str(row): approvals for row, approvals in sorted(self.need.items())},
            "owners": sorted(map(str, self.owners)),
        }


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """The sections `freeze`, `approvals` and `confirm`.

    Attributes:
        windows: the windows of `freeze`, in the order of the file.
        approvals: who approves a plan; None if the project does not ask for approvals.
        confirmed: the effects that `confirm` lists.
    """

    windows: tuple[FreezeWindow, ...] = ()
    approvals: ApprovalPolicy | None = None
    confirmed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, config: Document | None) -> "ConsentPolicy":
        """Return the policy of a configuration that conforms to its schema."""
        if config is None:
            return cls()
        section = config.data.get("approvals")
        return cls(
            windows=tuple(_windows(config)),
            approvals=None if section is None else ApprovalPolicy.of(section, config),
            confirmed=frozenset(config.data.get("confirm", ())),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the policy as plain data, for plans and comparisons."""
        return {
            "approvals": self.approvals.as_data() if self.approvals else {},
            "confirm": sorted(self.confirmed),
            "freeze": sorted(map(str, self.windows)),
        }


def _windows(config: Document) -> Iterator[FreezeWindow]:
    for index, entry in enumerate(config.data.get("freeze", ())):
        is_weekly = "days" in entry
        yield FreezeWindow(
            reason=entry["reason"],
            allows=entry.get("kind") == "allow",
            days=tuple(entry.get("days", ())),
            begin=entry.get("from", "00:00"),
            end=entry.get("to", "24:00") if is_weekly else entry.get("until", ""),
            exempt=frozenset(entry.get("except", ())),
            span=config.span(("freeze", index)),
        )


def check_consent(config: Document | None) -> Iterator[Diagnostic]:
    """Yield the errors in `freeze` and `approvals` that the schema can't express."""
    if config is None:
        return
    for index, entry in enumerate(config.data.get("freeze", ())):
        if problem := _window_problem(entry):
            yield Diagnostic(
                code="freeze-window",
                summary=f"freeze: {problem}",
                span=config.span(("freeze", index)),
                hint='write {days: [fri], from: "16:00", to: "24:00"} for each week, or '
                "{from: 2026-12-24, until: 2027-01-02} for some days",
            )
    approvals = config.data.get("approvals", {})
    for index, owner in enumerate(approvals.get("owners", ())):
        for number, word in enumerate(owner.get("fields", ())):
            if field_rule(word) is None:
                yield Diagnostic(
                    code="unknown-field",
                    summary=f'approvals: there is no field "{word}"',
                    span=config.span(("approvals", "owners", index, "fields", number)),
                    hint="write a field such as agents.level",
                    meant=(word, _FIELDS),
                )
    yield from _check_need(config, approvals.get("need", ()))


def _check_need(config: Document, rows: list[Mapping[str, int]]) -> Iterator[Diagnostic]:
    """Yield an error for each row that does not ask for more than the one with fewer points."""
    ordered = sorted(enumerate(rows), key=lambda row: row[1]["from"])
    for (_, lower), (index, higher) in pairwise(ordered):
        if higher["from"] == lower["from"] or higher["approvals"] < lower["approvals"]:
            yield Diagnostic(
                code="invalid-value",
                summary=f"approvals: the row from {higher['from']} points asks for no more than "
                f"the one from {lower['from']}",
                span=config.span(("approvals", "need", index)),
                hint="more points need more approvals",
            )


def _window_problem(entry: Mapping[str, Any]) -> str:
    """Return why a window is neither a weekly nor a dated one; "" if it is one of them."""
    begin, end = entry.get("from", "00:00"), entry.get("until", "")
    if "days" in entry:
        if "until" in entry or ":" not in begin:
            return "a window with `days` has times, and no dates"
        return "" if begin != entry.get("to", "24:00") else "the window has no length"
    if "to" in entry or "from" not in entry or not end or ":" in begin:
        return "a window without `days` has a first day `from` and a last day `until`"
    try:
        is_ordered = date.fromisoformat(begin) <= date.fromisoformat(end)
    except ValueError:
        return f"{begin} or {end} is no day of the calendar"
    return "" if is_ordered else f"the last day {end} is before the first day {begin}"
