"""Renames in the words of a review: those that are suspected, and those that are proved."""

from dataclasses import dataclass

from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.suspicion.suspected_renames import SuspectedRename
from provisioner.render import readable
from provisioner.render.sentences import Quoted, Sentence

TITLE = "Maybe a rename"


@dataclass(frozen=True, slots=True)
class RenameLine:
    """A creation that is probably a rename.

    Attributes:
        text: the two objects, and what they have in common.
        advice: what to do.
        code: the text to paste into the files.
        place: where to paste it.
    """

    text: Sentence
    advice: str
    code: str
    place: str


def rename_lines(plan: Plan) -> tuple[RenameLine, ...]:
    """Return the suspected renames of a plan."""
    return tuple(map(_line, plan.suspected_renames))


def renames_headline(plan: Plan) -> str:
    """Return the suspected and the proved renames of a plan in words; "" for neither."""
    suspected, pure = len(plan.suspected_renames), len(plan.pure_renames)
    parts = []
    if suspected:
        parts.append("maybe a rename" if suspected == 1 else f"maybe {suspected} renames")
    if pure:
        only = "nothing but " if plan.only_renames else ""
        parts.append(f"{only}{readable.count(pure, 'pure rename')}")
    return ", ".join(parts)


def _line(one: SuspectedRename) -> RenameLine:
    text = (
        Quoted(str(one.address)),
        " is to be created, and may be ",
        Quoted(str(one.former)),
        f": {', '.join(one.reasons)}.",
    )
    advice = "If it is, paste"
    if one.was_declared:
        advice = "If it was renamed in the panel, declare the new name; to rename it back, paste"
    return RenameLine(text, advice, one.pasted, one.place)
