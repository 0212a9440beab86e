"""Access as an HTML page to search and print: by power, by department and by person."""

from collections.abc import Iterable
from typing import Any

from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.access.access_difference import AccessDifference
from provisioner.planning.access.access_fields import MEMBERSHIP_ROLE
from provisioner.planning.access.access_list import AccessList, AccessValue, Mark, PersonAccess
from provisioner.render import readable
from provisioner.render.access import access_words as words
from provisioner.render.html.html_page import render_page
from provisioner.render.review.ownership_texts import ownership_words

Data = dict[str, Any]

LAZY_FROM = 200
"""From this number of people on, a browser lays out only those that are in sight."""

_STYLES = ("plan.css", "access.css")

_MARKS = {
    Mark.DECLARED: "",
    Mark.DEFAULT: "left out",
    Mark.UNDECLARED: words.NOT_DECLARED,
    Mark.NOT_LOOKED_AT: "not compared",
}
"""Labels of marks that are not their names."""

_EMPTY: Data = {
    "tiles": [],
    "powerful": [],
    "departments": [],
    "people": [],
    "roles": [],
    "differences": [],
    "not_looked_at": [],
    "remarks": [],
    "total": 0,
    "lazy_from": LAZY_FROM,
}


def draw(report: AccessList) -> str:
    """Return a list of access as an HTML page."""
    number_of = {person.address: number for number, person in enumerate(report.people)}
    rows = [_person(person, number_of[person.address]) for person in report.people]
    by_power = list(zip(report.people, rows, strict=True))
    sections = _departments(by_power)
    numbers = {section["name"]: number for number, section in enumerate(sections)}
    for person, row in by_power:
        own = {one.path[-1] for one in person.memberships}
        row["departments"] = sorted(numbers[name] for name in own & numbers.keys())
    head, _, total = words.title(report).rpartition(": ")
    data = {
        **_EMPTY,
        "title": head,
        "verdict": ownership_words(report.ownership) if report.ownership else total,
        "mood": "loses" if any(row["marked"] for row in rows) else "nothing",
        "tiles": _tiles(report),
        "powerful": [row for person, row in by_power if words.is_powerful(person)],
        "departments": sections,
        "people": sorted(rows, key=lambda row: readable.natural(row["name"] or row["email"])),
        "total": len(rows),
        "roles": _roles(report.people),
        "not_looked_at": report.not_looked_at,
        "remarks": [*filter(None, _remarks(report))],
    }
    return render_page("access", _STYLES, data)


def draw_difference(report: AccessDifference) -> str:
    """Return the difference between two versions of the files as an HTML page."""
    head, _, total = words.difference_title(report).rpartition(": ")
    rows = [
        {
            "of": number,
            "name": person.name,
            "email": person.address.key,
            "entry": words.ENTRIES[person.entry],
            "former": person.former,
            "field": words.field_text(one.path) if one else "email",
            "before": sides[0],
            "after": sides[1],
            "place": words.place_text(one.place) if one else "",
            "since": words.since_text(one.place.since if one and one.place else None),
        }
        for number, person in enumerate(report.people)
        for one in person.values or (None,)
        for sides in (words.sides_text(one) if one else (person.former, person.address.key),)
    ]
    mood = "changes" if rows else "nothing"
    data = {
        "title": head,
        "verdict": total,
        "mood": mood,
        "differences": rows,
        "total": len(report.people),
    }
    return render_page("access", _STYLES, {**_EMPTY, **data})


def _person(person: PersonAccess, number: int) -> Data:
    newest = person.newest
    return {
        "of": number,
        "name": person.name,
        "email": person.address.key,
        "role": words.role_text(person),
        "role_key": person.role.shown or "",
        "access": words.departments_text(person),
        "marked": words.is_marked(person),
        "notes": list(words.notes(person)),
        "place": words.place_text(newest),
        "since": words.since_text(newest.since if newest else None),
        "protected": words.protected_text(person),
        "values": [_value(one) for one in person.values],
    }


def _value(value: AccessValue) -> Data:
    place = value.place
    return {
        "name": words.field_text(value.path),
        "text": words.value_text(value.path, value.shown),
        "marked": value.mark in words.MARKED,
        "mark": _MARKS.get(value.mark, value.mark.value),
        "place": words.place_text(place),
        "since": words.since_text(place.since if place else None),
    }


def _departments(people: Iterable[tuple[PersonAccess, Data]]) -> list[Data]:
    """Return the departments with their members, the most powerful first."""
    members: dict[str, list[Data]] = {}
    for person, row in people:
        for one in person.memberships:
            if len(one.path) > 1 and one.mark is not Mark.MISSING:
                members.setdefault(one.path[1], []).append({**row, **_membership(one)})
    return [{"name": name, "members": rows} for name, rows in readable.ordered(members)]


def _membership(value: AccessValue) -> Data:
    entry = value.shown if isinstance(value.shown, dict) else {}
    return {
        "services": ", ".join(service for service in SERVICES if entry.get(service)),
        "department_role": entry.get(MEMBERSHIP_ROLE) or "",
        **{key: part for key, part in _value(value).items() if key in {"place", "since"}},
        "department_notes": list(words.value_notes(value)),
        "is_marked_here": value.mark in words.MARKED,
    }


def _roles(people: Iterable[PersonAccess]) -> list[str]:
    """Return the roles that anybody has, the most powerful first."""
    roles = {person.role.shown: person.power for person in people if person.role.shown}
    return sorted(roles, key=lambda role: (roles[role], readable.natural(role)))


def _tiles(report: AccessList) -> list[Data]:
    people = report.people
    by_role = [
        (f"{role}s", sum(one.role.shown == role for one in people), "")
        for role in BUILT_IN_ROLES[:0:-1]
    ]
    undeclared = sum(one.place is None for one in people)
    marked = sum(map(words.is_marked, people))
    numbers = [
        ("people", len(people), ""),
        *by_role,
        (words.NOT_DECLARED, undeclared, "bad"),
        ("marked", marked, "warn"),
    ]
    return [
        {"label": label, "number": str(number), "tone": tone}
        for label, number, tone in numbers
        if number
    ]


def _remarks(report: AccessList) -> tuple[str, ...]:
    return words.outside_text(report), words.history_text(report), _made_from(report)


def _made_from(report: AccessList) -> str:
    if report.snapshot_time:
        return f"Made from the snapshot of {report.snapshot_time}."
    return "" if report.is_live else "No account was read: this is what the files declare."
