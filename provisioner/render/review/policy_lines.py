"""The settings that a branch changes, for every format: they stand before everything else."""

from collections.abc import Iterator

from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PolicyChange
from provisioner.render import readable
from provisioner.render.review import effects
from provisioner.render.sentences import Quoted, Sentence, joined

TITLE = "Policy changed"

_SECTIONS = ("targets", "default_target", "guards", "protect", "manage", "ignore", "initial")
"""The settings by what a change of them can do; all others follow."""


def headline(plan: Plan) -> str:
    """Return how many settings change; "" for none."""
    number = len(plan.policy_changes)
    return f"policy changed ({readable.count(number, 'setting')})" if number else ""


def lines(plan: Plan) -> list[tuple[Sentence, str]]:
    """Return what happens to each setting, with its place; the riskiest first.

    A format may cut the end. So those of the plan's own target come first, which nothing else in
    the file can push away.
    """
    own = f"targets.{plan.target}."

    def rank(change: PolicyChange) -> tuple[bool, int, str]:
        section = change.path.partition(".")[0]
        known = _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS)
        return not change.path.startswith(own), known, change.path

    return [
        ((Quoted(change.path), ": ", *_effect(change)), effects.place(change.source))
        for change in sorted(plan.policy_changes, key=rank)
    ]


def note(plan: Plan) -> Sentence:
    """Return which address was read, where the branch changes that or the source of the key."""
    own = {f"targets.{plan.target}.url", f"targets.{plan.target}.api_key"}
    if plan.base is None or not own & {change.path for change in plan.policy_changes}:
        return ()
    if plan.taken:
        return ("This plan was made from a snapshot; no account was read.",)
    return (
        "This plan was made with the address ",
        Quoted(plan.account.url),
        " and the key of ",
        Quoted(plan.account.api_key),
        *_whose(plan),
    )


def _whose(plan: Plan) -> Sentence:
    new = any(
        c.path == f"targets.{plan.target}.url" and c.before is None for c in plan.policy_changes
    )
    if new or plan.base is None:
        return (". The target is new; PROVISIONER_HOSTS allows its host.",)
    return (", as ", Quoted(plan.base.ref), " has them, and not as this branch has them.")


def _effect(change: PolicyChange) -> Sentence:
    before, after = change.before, change.after
    if isinstance(before, list) or isinstance(after, list):
        return joined(_moved(before or [], after or []))
    return _value(before), " → ", _value(after)


def _moved(before: list[str], after: list[str]) -> Iterator[Sentence]:
    """Yield what goes from a list, and what comes to it."""
    for sign, first, second in (("removed ", before, after), ("added ", after, before)):
        entries = [entry for entry in first if entry not in second]
        if entries:
            yield sign, *joined((Quoted(entry),) for entry in entries)


def _value(content: object) -> str:
    return "not set" if content is None else Quoted(readable.value(content))
