"""Fields and objects that the files set no more, in words: headlines, and a line for each."""

from collections.abc import Mapping

from provisioner.address import Address
from provisioner.model.fields import FieldPath
from provisioner.planning.access.access_fields import (
    decides_access,
    power,
)
from provisioner.planning.access.ownership import Released
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.change_texts import COMMIT_DIGITS
from provisioner.render.sentences import Quoted, Sentence, joined, name_list

_SHOWN_GROUPS = 3
_SHOWN_VALUE = 40

_RUN = "run "
"""The beginning of a `since` that names a run and no commit."""


def released_headline(plan: Plan) -> Sentence:
    """Return what is released: `role no longer managed for apc1@acme.example (stays admin)`.

    Equal fields with equal values are one phrase; a few phrases are shown and the others counted.
    """
    groups: dict[Sentence, list[Released]] = {}
    for one in sorted(plan.released, key=_rank):
        groups.setdefault((*_field(one), "\0", *_stays(one)), []).append(one)
    phrases = [_phrase(group) for group in groups.values()]
    if others := [*groups.values()][_SHOWN_GROUPS:]:
        number = readable.count(sum(map(len, others)), "more value")
        phrases[_SHOWN_GROUPS:] = [(f"{number} no longer managed",)]
    return joined(phrases, "; ")


def released_lines(plan: Plan, places: Mapping[Address, str]) -> tuple[tuple[Sentence, str], ...]:
    """Return a sentence for each released field or object, with the place of its object."""
    return tuple(
        (_line(one), places.get(one.address, "")) for one in sorted(plan.released, key=_rank)
    )


def _rank(one: Released) -> tuple[bool, int, str, FieldPath]:
    """Return the key by which released fields are sorted: the most powerful access first."""
    is_access = decides_access(one.address, one.path)
    path, value = one.path, one.value
    if not path and isinstance(value, Mapping):
        path, value = ("role",), value.get("role")
    return not is_access, power(path, value), str(one.address), one.path


def _phrase(group: list[Released]) -> Sentence:
    names = name_list([one.address.key for one in group])
    stays = (" (stays ", *_stays(group[0]), ")")
    if not group[0].path:
        return *_field(group[0]), " no longer managed: ", *names, *stays
    return *_field(group[0]), " no longer managed for ", *names, *stays


def _field(one: Released) -> Sentence:
    """Return a field in words: `role`, `chats in Support`, `chat / max_load`."""
    match one.path:
        case ():
            return (str(one.address.kind),)
        case ("departments", name):
            return "membership of ", Quoted(name)
        case ("departments", name, part):
            return f"{part} in ", Quoted(name)
        case (first, *others):
            return first, *(part for name in others for part in (" / ", Quoted(name)))
    raise AssertionError(one.path)


def _stays(one: Released) -> Sentence:
    """Return the value that a released field keeps."""
    match one.path, one.value:
        case (), Mapping() as kept if kept.get("state"):
            return ("suspended",)
        case (), Mapping() as kept if kept.get("role"):
            return (Quoted(kept["role"]),)
        case (), _:
            return ("as it is",)
        case ("departments",), Mapping() as kept:
            members = (
                (Quoted(readable.brief(readable.membership(*item), _SHOWN_VALUE)),)
                for item in readable.ordered(kept)
            )
            return joined(members) or ("without departments",)
        case ("departments", name), Mapping() as kept:
            return (Quoted(readable.brief(readable.membership(name, kept), _SHOWN_VALUE)),)
        case _:
            return (Quoted(readable.brief(readable.value(one.value), _SHOWN_VALUE)),)


def _line(one: Released) -> Sentence:
    what: Sentence = (*_field(one), ": stays ") if one.path else ("stays ",)
    line = (*what, *_stays(one), *_since(one.since), "; ", *_reset(one))
    return Quoted(str(one.address)), ": ", *line


def _since(since: str) -> Sentence:
    if not since:
        return ()
    shown = since if since.startswith(_RUN) else since[:COMMIT_DIGITS]
    return ", not declared since ", Quoted(shown)


def _reset(one: Released) -> Sentence:
    """Return how to end it: by a declaration, or by null, which resets a field."""
    match one.path:
        case ():
            return "declare it again, or end it with ", Quoted("state: absent")
        case ("state",):
            return ("declare the departments and the role that the agent shall have",)
        case ("departments", _):
            return "to end it, declare ", Quoted("departments"), " without this one"
        case path:
            return "to reset it, declare ", Quoted(f"{'.'.join(path)}: null")
