"""Waivers: findings of rules that the team accepts for some objects until a day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents import Document
from provisioner.suggestions import Vocabulary, known_names

SECTION = "waivers"
"""The key of the entries in `provisioner.yaml`."""

PLAN = "plan"
"""The object of a waiver of a rule that is about the plan as a whole."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted exception from a rule.

    Attributes:
        rule: the id of the rule.
        object: an address with `*` and `?`, a kind, or `PLAN`.
        reason: why the team accepts it.
        until: the last day on which it holds, in the account's zone.
        who: the person who accepted it; "" if nobody is named.
        span: its place in the settings.
    """

    rule: str
    object: str
    reason: str
    until: date
    who: str = ""
    span: Span | None = None

    @property
    def label(self) -> str:
        """The rule and the object, which identify the waiver."""
        return f"{self.rule} of {self.object}"

    @property
    def terms(self) -> str:
        """The end, the reason and the person in one line."""
        return f"until {self.until}{f' by {self.who}' if self.who else ''}: {self.reason}"


def read_waivers(config: Document | None) -> tuple[Waiver, ...]:
    """Return the waivers of a configuration that conforms to its schema.

    An entry without a day of the calendar is left out; `check_waivers` reports it.
    """
    entries = config.data.get(SECTION, []) if config else []
    return tuple(
        Waiver(
            rule=entry["rule"],
            object=entry["object"],
            reason=entry["reason"],
            until=until,
            who=entry.get("who", ""),
            span=config.span((SECTION, index)) if config else None,
        )
        for index, entry in enumerate(entries)
        if (until := _day(entry["until"]))
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def check_waivers(config: Document | None, rules: Collection[str]) -> Iterator[Diagnostic]:
    """Yield the errors of waivers that the schema can't express.

    Args:
        config: the configuration.
        rules: the names of all rules that a waiver can be of.
    """
    if config is None:
        return
    first: dict[tuple[str, str], Span] = {}
    for index, entry in enumerate(config.data.get(SECTION, [])):
        path = (SECTION, index)
        rule, until = entry["rule"], entry["until"]
        if _day(until) is None:
            yield _invalid(f'"{until}" is no day of the calendar', config.span((*path, "until")))
        if rule not in rules:
            yield Diagnostic(
                code="waiver-invalid",
                summary=f'the waiver is of the rule "{rule}", which does not exist',
                span=config.span((*path, "rule")),
                hint=known_names(sorted({*rules})),
                meant=(rule, Vocabulary(lambda: sorted(rules))),
            )
        other = first.setdefault((rule, entry["object"]), config.span(path))
        if other != config.span(path):
            yield Diagnostic(
                code="waiver-invalid",
                summary=f'rule "{rule}" is waived twice for {entry["object"]}',
                span=config.span(path),
                hint="remove one of the two",
                related=(("the first one", other),),
            )


def _invalid(summary: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="waiver-invalid", summary=summary, span=span, hint="write a day such as 2027-01-31"
    )
