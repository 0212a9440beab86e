"""Changed policy, and waivers that hold, as lines: every format shows them."""

from collections.abc import Iterator

from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PolicyChange
from provisioner.planning.waiving import HeldWaiver
from provisioner.render import readable
from provisioner.render.review.change_texts import source_text
from provisioner.render.sentences import Quoted, Sentence, joined, name_list

_SECTIONS = (
    "targets",
    "default_target",
    "guards",
    "waivers",
    "confirm",
    "freeze",
    "approvals",
    "protect",
    "manage",
    "ignore",
    "initial",
)
"""Sections of `provisioner.yaml`, the riskiest first; all others follow."""


def title(plan: Plan) -> str:
    """Return the title of the section about changed settings."""
    return "Policy changed" if plan.versions else "Policy changed by this branch"


def policy_headline(plan: Plan) -> str:
    """Return the number of changed settings in words; "" for none."""
    number = len(plan.policy_changes)
    return f"policy changed ({readable.count(number, 'setting')})" if number else ""


def policy_lines(plan: Plan) -> tuple[tuple[Sentence, str], ...]:
    """Return the change of each setting, with its place in the files; the riskiest first.

    Formats may cut the end of a long list. So settings of the plan's own target come first: a
    branch can't push them out with many other changes.
    """
    own = f"targets.{plan.target}."

    def rank(change: PolicyChange) -> tuple[bool, int, str]:
        section = change.path.partition(".")[0]
        known = _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS)
        return not change.path.startswith(own), known, change.path

    return tuple(
        ((Quoted(change.path), ": ", *_effect(change)), source_text(change.source))
        for change in sorted(plan.policy_changes, key=rank)
    )


def policy_note(plan: Plan) -> Sentence:
    """Return a note about the account that was read, where the branch changes its address or key.

    It is empty where the branch changes neither.
    """
    own = {f"targets.{plan.target}.url", f"targets.{plan.target}.api_key"}
    if plan.base is None or not own & {change.path for change in plan.policy_changes}:
        return ()
    if plan.snapshot_time:
        return ("This plan was made from a snapshot; no account was read.",)
    return (
        "This plan was made with the address ",
        Quoted(plan.account.url),
        " and the key of ",
        Quoted(plan.account.api_key),
        *_origin_of_address(plan),
    )


def _origin_of_address(plan: Plan) -> Sentence:
    new = any(
        c.path == f"targets.{plan.target}.url" and c.before is None for c in plan.policy_changes
    )
    if new or plan.base is None:
        return (". The target is new; PROVISIONER_HOSTS allows its host.",)
    return (", as in ", Quoted(plan.base.ref), ", not as in this branch.")


def _effect(change: PolicyChange) -> Sentence:
    before, after = change.before, change.after
    if isinstance(before, list) or isinstance(after, list):
        return joined(_entries(before or [], after or []))
    return _value(before), " → ", _value(after)


def _entries(before: list[str], after: list[str]) -> Iterator[Sentence]:
    """Yield the entries that are removed from a list, and those that are added."""
    for sign, first, second in (("removed ", before, after), ("added ", after, before)):
        entries = [entry for entry in first if entry not in second]
        if entries:
            yield sign, *joined((Quoted(entry),) for entry in entries)


def _value(content: object) -> str:
    return "not set" if content is None else Quoted(readable.value(content))


WAIVERS = "Waived rules"
"""The title of the section about waivers."""


def waiver_lines(plan: Plan) -> tuple[tuple[Sentence, str], ...]:
    """Return a sentence for each waiver that holds, with its place; those that end soon first."""
    ordered = sorted(plan.waivers, key=lambda one: (not one.ends_soon, one.until))
    return tuple((tuple(_line(one)), source_text(one.source)) for one in ordered)


def _line(one: HeldWaiver) -> Iterator[str]:
    """Yield the parts of a sentence: `chat-needs-two for department/Sales until 2027-01-31 …`."""
    yield Quoted(one.rule)
    yield " for "
    yield Quoted(one.object)
    yield " until "
    yield Quoted(one.until)
    if one.ends_soon:
        yield ", which is soon"
    yield ": "
    yield Quoted(one.reason)
    if one.who:
        yield " ("
        yield Quoted(one.who)
        yield ")"
    if not one.covers:
        yield "; not needed"
    elif one.covers != (one.object,):
        yield "; needed for "
        yield from name_list(one.covers)
