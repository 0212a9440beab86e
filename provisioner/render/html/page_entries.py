"""Entries of the HTML page: what happens, to whom, and where it is declared.

Equal changes are one entry with its people. Nothing is listed twice: later sections leave out the
fields that are gained power or lost access.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from provisioner.address import Address, Kind
from provisioner.planning.changes import Action, Change, FieldChange, Risk
from provisioner.render import readable
from provisioner.render.review import change_texts
from provisioner.render.review.change_groups import (
    CHANGES,
    JOINS,
    LEAVES,
    MOVES,
    STRUCTURE,
    ChangeGroup,
    fold_updates,
    unlisted_fields,
)
from provisioner.render.review.change_texts import BY, Place, common_place, declared_at
from provisioner.render.review.equal_changes import EqualChange, shown_name
from provisioner.render.review.losses import LossGroup, place_of
from provisioner.render.review.newcomers import Newcomer
from provisioner.render.review.power_gains import PowerGain
from provisioner.render.review.text_diffs import ADDED, REMOVED, diff_lines, has_lines
from provisioner.render.sentences import Quoted, Sentence

Data = dict[str, Any]

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.NO_OP: "~"}

OPEN_UP_TO = 20
"""Up to this many people of a loss are unfolded at first: reviewers look for their names."""

_DIFF_TAGS = {ADDED: "ins", REMOVED: "del"}


def parts(sentence: Sentence) -> list[tuple[bool, str]]:
    """Return the parts of a sentence, each with whether it is quoted."""
    return [(isinstance(part, Quoted), str(part)) for part in sentence]


def changed_departments(changes: Iterable[Change]) -> list[str]:
    """Return the departments that changes are about, sorted."""
    names = {name for change in changes for name in _departments(change)}
    return sorted(names, key=lambda name: (readable.natural(name), name))


def _departments(change: Change) -> set[str]:
    if change.address.kind is Kind.DEPARTMENT:
        return {change.name}
    sides = (change.before or {}, change.after or {})
    return {name for side in sides for name in side.get("departments", {})}


@dataclass
class PageEntries:
    """Makes the entries of a page, from its first section to its last.

    Attributes:
        numbers: the number of each changed object; it connects its places on the page.
        departments: the names that the page filters by; people refer to them by number.
        line_url: returns the address of a line of a file; "" if it is not known.
    """

    numbers: Mapping[Address, int]
    departments: Sequence[str]
    line_url: Callable[[str, int], str]
    _described: set[Address] = field(default_factory=set)

    def place(self, place: str) -> Data:
        """Return a place in the files, and the address of the line."""
        source = place.source if isinstance(place, Place) else None
        url = self.line_url(source.file, source.line) if source else ""
        return {"text": str(place), "url": url}

    def gain(self, gain: PowerGain) -> Data:
        """Return the entry of somebody who gains power, or of a role."""
        lines = []
        text: Sentence = (*gain.before, " → ", *gain.after) if gain.before else gain.after
        if gain.permissions:
            text = ("grants more",)
            lines = [_set(ADDED, "grants", gain.permissions)]
            if gain.holders:
                lines.append({"kind": "list", "name": "for", "names": gain.holders})
        return self._entry([gain.change], gain.place, text, BY[gain.attribution], lines)

    def loss(self, group: LossGroup) -> Data:
        """Return the entry of equal losses."""
        changes = [loss.change for loss in group.losses]
        lines = [*_permissions([one for one in changes[0].fields if one.before == "grant"])]
        places = [place_of([loss]) for loss in group.losses]
        note = BY[group.attribution]
        entry = self._entry(changes, group.place, group.lost, note, lines, places)
        return entry | {"open": len(changes) <= OPEN_UP_TO, "reason": ""}

    def group(self, group: ChangeGroup) -> dict[str, list[Data]]:
        """Return the sections of a group: its blocks of entries by the section's title."""
        moves, equal = fold_updates((one, unlisted_fields(one)) for one in group.movers)
        sections = {
            JOINS: [
                {
                    "title": f"{people.role} in {', '.join(people.departments) or 'no department'}",
                    "entries": [self._newcomer(one) for one in people.people],
                }
                for people in group.newcomers.groups
            ],
            MOVES: _block(map(self._equal, moves)),
            CHANGES: _block(map(self._equal, equal)),
            LEAVES: _block(map(self._leaver, group.leavers)),
            STRUCTURE: _block(entry for entry in map(self._structure, group.structure) if entry),
        }
        return {title: blocks for title, blocks in sections.items() if blocks}

    def shared(self, group: ChangeGroup) -> list[Data]:
        """Return the values that several new people have."""
        total = len(group.joiners)
        return [
            {
                "name": name,
                "value": value,
                "extent": f"all {total}" if len(changes) == total else str(len(changes)),
                "of": [self.numbers[change.address] for change in changes],
            }
            for (name, value), changes in group.newcomers.shared
        ]

    def _newcomer(self, one: Newcomer) -> Data:
        lines = [_value(name, None, value) for name, value in one.own]
        return self._entry([one.change], declared_at(one.change), lines=lines)

    def _equal(self, equal: EqualChange) -> Data:
        by = f"by profile {equal.profile}" if equal.profile else ""
        paths = {one.path for one in equal.fields}
        places = [
            common_place([one for one in change.fields if one.path in paths])
            for change in equal.changes
        ]
        if equal.domain:
            before, after = (Quoted(f"@{domain}") for domain in equal.domain)
            proof = f" ({readable.count(equal.pure, 'pure rename')})"
            text = (before, " → ", after, proof)
            return self._entry(equal.changes, equal.place, text, by, places=places)
        lines = [*_lines(equal.fields)]
        return self._entry(equal.changes, equal.place, (), by, lines, places)

    def _leaver(self, change: Change) -> Data:
        departments = dict(change_texts.deleted_values(change)).get("departments")
        text: Sentence = ("was in ", Quoted(departments)) if departments else ()
        return self._entry([change], Place(), text, lines=[*_lines(unlisted_fields(change))])

    def _structure(self, change: Change) -> Data | None:
        """Return the entry of a department or role; None if the lists above have all of it."""
        fields = unlisted_fields(change)
        if change.fields and not fields:
            return None
        text = ("deleted",) if change.action is Action.DELETE else ()
        above = {"permissions"} if Risk.RAISES_RIGHTS in change.risk else set()
        lines = [*_lines(fields)]
        lines += [
            _value(name, None, value)
            for name, value in change_texts.created_values(change)
            if name not in above
        ]
        return self._entry([change], declared_at(change), text, lines=lines)

    def _entry(
        self,
        changes: Sequence[Change],
        place: Place,
        text: Sentence = (),
        note: str = "",
        lines: Sequence[Data] = (),
        places: Sequence[Place] = (),
    ) -> Data:
        first = changes[0]
        people = [self._person(change) for change in changes]
        if len(people) > 1 and place.source is None:
            for person, own in zip(people, places, strict=True):
                person["place"] = self.place(own)
        return {
            "sign": SIGNS[first.action],
            "action": first.action.value,
            "people": people,
            "text": parts(text),
            "reason": change_texts.REASONS.get(first.reason, "") if len(people) == 1 else "",
            "note": note.strip(),
            "lines": lines,
            "place": self.place(place),
            "open": False,
        }

    def _person(self, change: Change) -> Data:
        """Return who an object is; at its first entry also what a search finds it by."""
        is_agent = change.address.kind is Kind.AGENT
        name = shown_name(change) if is_agent else change.address.key
        data: Data = {
            "of": self.numbers[change.address],
            "name": "" if name == change.address.key and is_agent else name,
            "key": change.address.key if is_agent else change.address.kind.value,
            "place": None,
            "first": change.address not in self._described,
        }
        if data["first"]:
            self._described.add(change.address)
            own = _departments(change)
            data["words"] = " ".join(dict.fromkeys(_words(change))) if is_agent else ""
            data["departments"] = [n for n, name in enumerate(self.departments) if name in own]
        return data


def _words(change: Change) -> Iterator[str]:
    """Yield what an agent is found by, although it may not be shown: roles, and a former email."""
    for side in (change.before or {}, change.after or {}):
        if "role" in side:
            yield readable.value(side["role"])
    for one in change.fields:
        if one.path == ("email",):
            yield readable.value(one.before)


def _block(entries: Iterable[Data]) -> list[Data]:
    own = list(entries)
    return [{"title": "", "entries": own}] if own else []


def _lines(fields: Iterable[FieldChange]) -> Iterator[Data]:
    """Yield fields: values before and after, texts as line diffs, permissions as sets."""
    for is_permission, same in groupby(fields, key=lambda one: one.path[0] == "permissions"):
        if is_permission:
            yield from _permissions([*same])
        else:
            yield from map(_line, same)


def _permissions(fields: Sequence[FieldChange]) -> Iterator[Data]:
    gained = [one.path[-1] for one in fields if one.after == "grant"]
    lost = [one.path[-1] for one in fields if one.after != "grant"]
    if gained:
        yield _set(ADDED, "grants", gained)
    if lost:
        yield _set(REMOVED, "no longer grants", lost)


def _set(sign: str, words: str, names: Iterable[str]) -> Data:
    return {
        "kind": "list",
        "name": f"{sign} {words}",
        "names": [*map(readable.harmless, names)],
    }


def _line(one: FieldChange) -> Data:
    if change_texts.is_event(one):
        return {"kind": "event", "text": parts(change_texts.field_effect(one)), "whole": None}
    name = change_texts.field_name(one)
    if has_lines(one.before, one.after):
        lines = [
            (_DIFF_TAGS.get(sign, "span"), sign, text)
            for sign, text in diff_lines(one.before, one.after)
        ]
        return {"kind": "diff", "name": name, "lines": lines, "whole": _whole(one.after)}
    before, after = change_texts.field_values(one)
    return _value(name, before, after) | {"whole": _whole(one.after)}


def _value(name: str, before: str | None, after: str) -> Data:
    return {"kind": "value", "name": name, "before": before, "after": after, "whole": None}


def _whole(content: object) -> list[str] | None:
    """Return all lines of a long text, which the page folds."""
    long = isinstance(content, str) and len(content) > readable.LONGEST
    return str(content).splitlines() if long else None
