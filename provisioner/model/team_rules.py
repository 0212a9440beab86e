"""Rules of the team: the sections `rules` and `data` of a project's settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.documents import Document
from provisioner.model.team.minimums import BUILT_IN


class Subject(StrEnum):
    """The objects that a rule is evaluated for."""

    AGENT = "agent"
    DEPARTMENT = "department"
    ROLE = "role"
    CHANGE = "change"
    PLAN = "plan"


class Level(StrEnum):
    """The severity of a rule's findings."""

    ERROR = "error"
    WARN = "warn"

    @property
    def severity(self) -> Severity:
        """The severity of the diagnostics."""
        return Severity.ERROR if self is Level.ERROR else Severity.WARNING


@dataclass(frozen=True, slots=True)
class TeamRule:
    """One rule of the team.

    Attributes:
        id: its name.
        level: the severity of its findings.
        subject: the objects that it is evaluated for.
        condition: the CEL expression that is true for every object that conforms.
        message: the text of a finding, with CEL expressions in braces; "" for the condition.
        only: selectors; an object must match one of them if there are any.
        exclude: selectors; an object must match none of them.
        span: its place in the settings.
    """

    id: str
    level: Level
    subject: Subject
    condition: str
    message: str = ""
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    span: Span | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the rule as plain data, without its id and place."""
        optional = {
            "message": self.message,
            "only": sorted(self.only),
            "exclude": sorted(self.exclude),
        }
        return {
            "level": self.level.value,
            "for": self.subject.value,
            "assert": self.condition,
            **{key: value for key, value in optional.items() if value},
        }


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of the project that rules can read.

    Attributes:
        path: its path, relative to the project's root.
        key: the column or key that the rows are looked up by; "" to keep the file's own form.
        span: the place of its path in the settings.
    """

    path: str
    key: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class TeamRules:
    """The rules of a project.

    Attributes:
        rules: the rules, in the order of the file.
        files: mapping from the name that rules use to a file of the project.
    """

    rules: tuple[TeamRule, ...] = ()
    files: Mapping[str, DataFile] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return the sections `rules`, by id, and `data` as plain data."""
        return {
            "rules": {rule.id: rule.as_data() for rule in self.rules},
            "data": {
                name: f"{file.path} by {file.key}" if file.key else file.path
                for name, file in self.files.items()
            },
        }


def read_team_rules(config: Document | None) -> TeamRules:
    """Return the rules of a configuration that conforms to its schema."""
    return TeamRules(_rules(config), _data_files(config)) if config else TeamRules()


def _rules(config: Document) -> tuple[TeamRule, ...]:
    """Return the rules of a configuration that conforms to its schema."""
    return tuple(
        TeamRule(
            id=entry["id"],
            level=Level(entry.get("level", Level.ERROR)),
            subject=Subject(entry["for"]),
            condition=entry["assert"],
            message=entry.get("message", ""),
            only=tuple(entry.get("only", ())),
            exclude=tuple(entry.get("exclude", ())),
            span=config.span(("rules", index)),
        )
        for index, entry in enumerate(config.data.get("rules", []))
    )


def _data_files(config: Document) -> Mapping[str, DataFile]:
    """Return the files in the section `data` by the name that rules use for them."""
    entries = config.data.get("data", {})
    return {
        name: DataFile(entry, "", config.span(("data", name)))
        if isinstance(entry, str)
        else DataFile(entry["file"], entry.get("key", ""), config.span(("data", name)))
        for name, entry in entries.items()
    }


def check_rules(team: TeamRules) -> Iterator[Diagnostic]:
    """Yield an error for each rule with an id that another one or a built-in rule has."""
    first: dict[str, TeamRule] = {}
    for rule in team.rules:
        if rule.id in BUILT_IN:
            yield Diagnostic(
                code="duplicate-rule",
                summary=f'the rule id "{rule.id}" is that of a built-in rule',
                span=rule.span,
                hint="give the rule an id of its own",
            )
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            yield Diagnostic(
                code="duplicate-rule",
                summary=f'the rule id "{rule.id}" is used twice',
                span=rule.span,
                hint="give each rule an id of its own",
                related=(("the first one", other.span),) if other.span else (),
            )
