"""Cards of the HTML page: one for each change, with its risks, its fields and its place."""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.address import Address, Kind
from provisioner.planning.changes import Action, Change, FieldChange, Risk
from provisioner.render import readable
from provisioner.render.review import change_texts
from provisioner.render.review.change_groups import ChangeGroup
from provisioner.render.sentences import Quoted, Sentence

Data = dict[str, Any]

RISKS = {
    Risk.DELETES: ("bad", "is deleted"),
    Risk.LOWERS_RIGHTS: ("bad", "fewer rights"),
    Risk.REMOVES_ACCESS: ("bad", "loses access"),
    Risk.RAISES_RIGHTS: ("warn", "more rights"),
    Risk.LOGS_OUT: ("", "logged out"),
    Risk.SENDS_MAIL: ("", "gets mail"),
}
"""The tone and the label of each risk."""

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_PARTS = {
    "joiners": "Joiners",
    "movers": "Movers",
    "leavers": "Leavers",
    "structure": "Departments and roles",
}


def parts(sentence: Sentence) -> list[tuple[bool, str]]:
    """Return the parts of a sentence, each with whether it is quoted."""
    return [(isinstance(part, Quoted), str(part)) for part in sentence]


def person(change: Change) -> Data:
    """Return the name and email of a changed agent, or the name and kind of another object."""
    if change.address.kind is not Kind.AGENT:
        return {"name": change.address.key, "key": change.address.kind.value}
    name = (change.after or change.before or {}).get("name", "")
    return {"name": name, "key": change.address.key}


def changed_departments(changes: Iterable[Change]) -> list[str]:
    """Return the departments that changes are about, sorted."""
    names = {name for change in changes for name in _departments(change)}
    return sorted(names, key=lambda name: (readable.natural(name), name))


def _departments(change: Change) -> set[str]:
    if change.address.kind is Kind.DEPARTMENT:
        return {change.name}
    sides = (change.before or {}, change.after or {})
    return {name for side in sides for name in side.get("departments", {})}


def group_data(group: ChangeGroup, departments: list[str], numbers: Mapping[Address, int]) -> Data:
    """Return the cards of a group, in parts.

    Args:
        group: the changes of one attribution.
        departments: all names of the page; cards refer to them by number.
        numbers: the number of each changed object, which links its rows in other sections.
    """
    number_of = {name: number for number, name in enumerate(departments)}
    parts = [
        {
            "title": title,
            "cards": [
                _card(change, number_of, group.by_hand.get(change.address))
                | {"of": numbers[change.address]}
                for change in getattr(group, name)
            ],
        }
        for name, title in _PARTS.items()
    ]
    return {
        "title": change_texts.TITLES[group.attribution] if group.attribution else "",
        "level": 4 if group.attribution else 3,
        "parts": [part for part in parts if part["cards"]],
    }


def _card(
    change: Change, number_of: dict[str, int], by_hand: Mapping[str, tuple[str, ...]] | None
) -> Data:
    own = change_texts.declared_at(change)
    fields = [_field(field, own) for field in change.fields]
    fields += [
        {"name": name, "before": None, "after": {"short": value, "whole": None}, "place": ""}
        for name, value in change_texts.created_values(change, by_hand)
    ]
    fields += [
        {"name": name, "before": {"short": value, "whole": None}, "after": None, "place": ""}
        for name, value in change_texts.deleted_values(change)
    ]
    return {
        "action": change.action.value,
        "sign": SIGNS[change.action],
        "risk": [risk.value for risk in change.risk],
        "departments": sorted(number_of[name] for name in _departments(change)),
        "person": person(change),
        "reason": change_texts.REASONS.get(change.reason, ""),
        "tags": [RISKS[risk] for risk in change.risk],
        "place": own,
        "fields": fields,
    }


def _field(field: FieldChange, own: str) -> Data:
    before, after = change_texts.field_values(field)
    place = change_texts.declared_at(field)
    profile = f"profile {field.profile}, " if field.profile else ""
    return {
        "name": change_texts.field_name(field),
        "before": None if field.before is None else _value(before, field.before),
        "after": None if field.after is None else _value(after, field.after),
        "place": f"{profile}{place}" if place and place != own else "",
    }


def _value(short: str, content: Any) -> Data:
    """Return a short form of a value, and all lines of a long text, which the page folds."""
    long = isinstance(content, str) and len(content) > readable.LONGEST
    return {"short": short, "whole": content.splitlines() if long else None}
