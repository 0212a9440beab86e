"""What stays of people who leave, and changes that apply does not make, as sentences."""

from collections.abc import Iterable, Iterator, Sequence

from provisioner.planning.changes import Action, Change
from provisioner.planning.leavers import Departure, Leaver
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.change_texts import field_effect
from provisioner.render.sentences import Quoted, Sentence, joined, name_list

TITLE = "What stays of those who leave"

HELD_TITLE = "Not made by apply"

_WITHOUT_ENTRY = {
    "delete": "deletes the account",
    "drift": "only reports the account as drift",
    "report": "only reports the account",
    "ignore": "does not even report the account",
}
"""What a run does with an agent that no file declares, by the policy `undeclared`."""


def off_boarding(plan: Plan) -> Iterator[Sentence]:
    """Yield what stays of each leaver, what was not looked at, and the end of their entries."""
    suspended = [one for one in plan.leavers if one.departure is Departure.SUSPENDED]
    absent = [one for one in plan.leavers if one.departure is Departure.ABSENT]
    if suspended:
        names = _names(suspended)
        yield "Can still sign in, without rights: ", *names, ". `state: absent` ends that."
    for leaver in plan.leavers:
        if facts := joined(_stays(leaver), "; "):
            yield Quoted(str(leaver.address)), ": ", *facts, "."
    yield from _not_looked_at(plan.leavers)
    if absent:
        yield "Once the deletion was applied, the entry can be removed: ", *_names(absent), "."
    if suspended:
        undeclared = plan.policy.get("manage", {}).get("agents", {}).get("undeclared", "report")
        effect = _WITHOUT_ENTRY.get(undeclared, _WITHOUT_ENTRY["report"])
        reason = f"; without it, a run {effect} (`undeclared: {undeclared}`)."
        yield "The entry must stay, so that it stays suspended: ", *_names(suspended), reason


def _names(leavers: Sequence[Leaver]) -> Sentence:
    return name_list([str(one.address) for one in leavers])


def _stays(leaver: Leaver) -> Iterator[Sentence]:
    suspended = leaver.departure is Departure.SUSPENDED
    if leaver.tickets:
        number = readable.count(leaver.tickets, "active ticket")
        yield (f"{number} stay assigned" if suspended else f"LiveAgent unassigns {number}",)
    if leaver.keys:
        words = "keeps API keys, which still work: " if suspended else "owns API keys to replace: "
        yield words, *name_list(leaver.keys)
    if leaver.logins and not suspended:
        yield "has LivePhone logins: ", *name_list(leaver.logins)
    if leaver.kept:
        yield "stays in departments outside of the scope: ", *name_list(leaver.kept)


def _not_looked_at(leavers: Iterable[Leaver]) -> Iterator[Sentence]:
    without_tickets = [one for one in leavers if one.tickets is None]
    without_keys = [one for one in leavers if one.keys is None]
    if without_tickets:
        names = _names(without_tickets)
        yield (
            "Not looked at: open tickets of ",
            *names,
            "; the API shows only those of agents who are online.",
        )
    if without_keys:
        names = _names(without_keys)
        reason = "; the API key may not read them (api.read)."
        yield "Not looked at: API keys and LivePhone logins of ", *names, reason


def held_changes(plan: Plan) -> Iterator[Sentence]:
    """Yield the changes of objects with `mode: plan-only`, and the names of import-only ones."""
    for change in plan.planned_only:
        yield Quoted(str(change.address)), " (plan-only): ", *_effect(change)
    recorded = [str(one.address) for one in plan.held if one not in plan.planned_only]
    if recorded:
        names = name_list(recorded)
        yield "Differs from the files, which only record it (import-only): ", *names, "."


def _effect(change: Change) -> Sentence:
    if change.action is Action.UPDATE:
        return joined(field_effect(field) for field in change.fields)
    return ("would be created",) if change.action is Action.CREATE else ("would be deleted",)
