"""What a page shows of single changes: a card each, and the words for it."""

from collections.abc import Mapping
from typing import Any

from provisioner.address import Address, Kind
from provisioner.planning.changes import Action, Change, FieldChange, Risk
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review import effects, review_words
from provisioner.render.review.effects import ChangeGroup
from provisioner.render.sentences import Quoted, Sentence, joined

Data = dict[str, Any]

RISKS = {
    Risk.DELETES: ("bad", "is deleted"),
    Risk.LOWERS_RIGHTS: ("bad", "fewer rights"),
    Risk.REMOVES_ACCESS: ("bad", "loses access"),
    Risk.RAISES_RIGHTS: ("warn", "more rights"),
    Risk.LOGS_OUT: ("", "logged out"),
    Risk.SENDS_MAIL: ("", "gets mail"),
}
"""How a risk is shown: the tone, and the words."""

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_PARTS = ("joiners", "movers", "leavers", "structure")


def parts(sentence: Sentence) -> list[tuple[bool, str]]:
    """Return the parts of a sentence, each with whether it is quoted."""
    return [(isinstance(part, Quoted), str(part)) for part in sentence]


def person(change: Change) -> Data:
    """Return whom or what a change is about."""
    if change.address.kind is not Kind.AGENT:
        return {"name": change.address.key, "key": change.address.kind.value}
    name = (change.after or change.before or {}).get("name", "")
    return {"name": name, "key": change.address.key}


def place(declared: Change | FieldChange) -> str:
    """Return where a change or a field is declared."""
    return effects.place(declared.source, declared.commit)


def departments_of(change: Change) -> set[str]:
    """Return the departments that a change is about."""
    if change.address.kind is Kind.DEPARTMENT:
        return {change.name}
    sides = (change.before or {}, change.after or {})
    return {name for side in sides for name in side.get("departments", {})}


def single(content: Plan) -> list[Data]:
    """Return the agents whom a service hangs on, each with what it is."""
    # Who joins or leaves by hand is not counted, so nobody knows who will be the last one.
    waiting = review_words.by_hand(content)
    found: dict[tuple[Address, str], list[Sentence]] = {}
    for cell in content.coverage.single:
        if cell.only and cell.department not in waiting:
            said = (f"{cell.service} in ", Quoted(cell.department))
            found.setdefault((cell.only.address, cell.only.name), []).append(said)
    return [
        {
            "person": {"name": name, "key": address.key},
            "said": parts(joined(sentences)),
        }
        for (address, name), sentences in sorted(found.items())
    ]


def group_data(group: ChangeGroup, departments: list[str], numbers: Mapping[Address, int]) -> Data:
    """Return the cards of a group, in parts.

    Args:
        group: the changes of one origin.
        departments: the names that cards tell by their numbers.
        numbers: of the changed objects, by which their rows elsewhere are found.
    """
    number_of = {name: number for number, name in enumerate(departments)}
    parts = [
        {
            "title": "Departments and roles" if name == "structure" else name.capitalize(),
            "cards": [
                _card(change, number_of, group.by_hand.get(change.address))
                | {"of": numbers[change.address]}
                for change in getattr(group, name)
            ],
        }
        for name in _PARTS
    ]
    return {
        "title": review_words.TITLES[group.origin] if group.origin else "",
        "level": 4 if group.origin else 3,
        "parts": [part for part in parts if part["cards"]],
    }


def _card(
    change: Change, number_of: dict[str, int], by_hand: Mapping[str, tuple[str, ...]] | None
) -> Data:
    own = place(change)
    fields = [_field(field, own) for field in change.fields]
    fields += [
        {"name": name, "before": None, "after": {"short": said, "whole": None}, "place": ""}
        for name, said in effects.created(change, by_hand)
    ]
    fields += [
        {"name": name, "before": {"short": said, "whole": None}, "after": None, "place": ""}
        for name, said in effects.deleted(change)
    ]
    return {
        "action": change.action.value,
        "sign": SIGNS[change.action],
        "risk": [risk.value for risk in change.risk],
        "departments": sorted(number_of[name] for name in departments_of(change)),
        "person": person(change),
        "reason": effects.REASONS.get(change.reason, ""),
        "tags": [RISKS[risk] for risk in change.risk],
        "place": own,
        "fields": fields,
    }


def _field(field: FieldChange, own: str) -> Data:
    before, after = effects.values(field)
    at = place(field)
    cause = f"profile {field.profile}, " if field.profile else ""
    return {
        "name": effects.field_name(field),
        "before": None if field.before is None else _value(before, field.before),
        "after": None if field.after is None else _value(after, field.after),
        "place": f"{cause}{at}" if at and at != own else "",
    }


def _value(short: str, content: Any) -> Data:
    """Return a value in short, and a long text with all of its lines to unfold."""
    long = isinstance(content, str) and len(content) > readable.LONGEST
    return {"short": short, "whole": content.splitlines() if long else None}
