"""Minimum numbers of agents: the sections `min_cover` and `required` of a project's settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import fold
from provisioner.diagnostics import Span
from provisioner.documents import Document
from provisioner.model.hours import shift_spans
from provisioner.model.kinds import DAYS, SERVICES

MIN_COVER, REQUIRED, LOCKED = "min_cover", "required", "locked"

BUILT_IN = (MIN_COVER, REQUIRED, LOCKED)
"""The names of the built-in rules, for waivers."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the week, in the account's zone.

    Attributes:
        days: the days on which the hours begin, in the order of the week.
        begin: the time when they begin, such as `09:00`.
        end: the time when they end; on the day after, if it is not later than `begin`.
    """

    days: tuple[str, ...]
    begin: str
    end: str

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The hours as minutes of the week; the last span may go beyond its end."""
        return shift_spans(self.days, self.begin, self.end)

    def __str__(self) -> str:
        return f"{' '.join(self.days)} {self.begin} to {self.end}"


@dataclass(frozen=True, slots=True)
class CoverMinimum:
    """The least number of agents for a service.

    Attributes:
        service: tickets, chats or calls.
        number: the minimum.
        department: the name of the department; "" for each one that offers the service.
        window: the hours in which the agents have planned hours; None for agents at all.
        span: its place in the settings.
    """

    service: str
    number: int
    department: str = ""
    window: Window | None = None
    span: Span | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The department and the service."""
        return self.department, self.service

    def __str__(self) -> str:
        return f"{self.number}{f' on {self.window}' if self.window else ''}"


@dataclass(frozen=True, slots=True)
class RequiredRole:
    """The agents who must have a role.

    Attributes:
        role: the name of the role.
        number: the minimum number of agents.
        agents: email to its place in the settings.
        span: its place in the settings.
    """

    role: str
    number: int
    agents: Mapping[str, Span]
    span: Span


@dataclass(frozen=True, slots=True)
class Minimums:
    """The sections `min_cover` and `required`."""

    cover: tuple[CoverMinimum, ...] = ()
    roles: tuple[RequiredRole, ...] = ()

    @property
    def given(self) -> bool:
        """Whether there are any."""
        return bool(self.cover or self.roles)

    @property
    def departments(self) -> dict[str, CoverMinimum]:
        """The names of departments with minimums of their own, each with one of these."""
        return {one.department: one for one in self.cover if one.department}

    def of(self, department: str, service: str) -> list[CoverMinimum]:
        """Return the minimums of a service: those of the department itself, or else of each."""
        those = [one for one in self.cover if one.service == service]
        own = [one for one in those if one.department and fold(one.department) == fold(department)]
        return own or [one for one in those if not one.department]

    def as_data(self) -> dict[str, Any]:
        """Return the sections as plain data, for plans and comparisons."""
        cover: dict[str, Any] = {}
        for one in self.cover:
            level = cover.setdefault(one.department, {}) if one.department else cover
            given = [other for other in self.cover if other.key == one.key]
            only = one.number if given == [one] and not one.window else None
            level[one.service] = sorted(map(str, given)) if only is None else only
        return {
            MIN_COVER: cover,
            REQUIRED: {
                role.role: {
                    **({"agents": sorted(map(fold, role.agents))} if role.agents else {}),
                    **({"min": role.number} if role.number else {}),
                }
                for role in self.roles
            },
        }


def read_minimums(config: Document | None) -> Minimums:
    """Return the minimums of a configuration that conforms to its schema."""
    if config is None:
        return Minimums()
    section = config.data.get(MIN_COVER, {})
    cover = [*_cover(config, section, "")]
    for name, entry in section.items():
        if name not in SERVICES:
            cover += _cover(config, entry, name)
    return Minimums(tuple(cover), tuple(_roles(config)))


def _cover(config: Document, entries: Mapping[str, Any], department: str) -> Iterator[CoverMinimum]:
    place = (MIN_COVER, department) if department else (MIN_COVER,)
    for service in SERVICES:
        value = entries.get(service)
        if isinstance(value, int):
            yield CoverMinimum(service, value, department, None, config.span((*place, service)))
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            span = config.span((*place, service, index))
            yield CoverMinimum(service, entry["min"], department, _window(entry), span)


def _window(entry: Mapping[str, Any]) -> Window | None:
    if not entry.keys() - {"min"}:
        return None
    days = tuple(day for day in DAYS if day in entry.get("days", DAYS))
    return Window(days, entry.get("from", "00:00"), entry.get("to", "24:00"))


def _roles(config: Document) -> Iterator[RequiredRole]:
    for role, entry in config.data.get(REQUIRED, {}).items():
        place: tuple[str | int, ...] = (REQUIRED, role)
        agents, number = entry, 0
        if isinstance(entry, dict):
            agents, number = entry.get("agents", ()), entry.get("min", 0)
            place = (*place, "agents")
        spans = {email: config.span((*place, index)) for index, email in enumerate(agents)}
        yield RequiredRole(role, number, spans, config.span((REQUIRED, role)))
