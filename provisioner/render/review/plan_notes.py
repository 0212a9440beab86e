"""Notes about a plan: what it waits for, what its changes do not show, mails, and no changes."""

from collections.abc import Iterator

from provisioner.planning.access.access_drift import is_fully_declared
from provisioner.planning.consent.approvals import Approvals
from provisioner.planning.consent.freeze import Freeze
from provisioner.planning.dates.upcoming import Event, Turn
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.change_texts import field_effect
from provisioner.render.sentences import Quoted, Sentence, joined, name_list

CONSENT_TITLE = "Before it is applied"
"""The title of `consent_sentences`."""


def consent_sentences(plan: Plan, freeze: Freeze | None = None) -> Iterator[Sentence]:
    """Yield what must be given before an apply of a plan, or must have ended."""
    if freeze is not None:
        yield f"Runs are frozen {freeze.end}: ", Quoted(freeze.reason), "."
    if plan.approvals is not None:
        yield from _approvals(plan.approvals)


def _approvals(approvals: Approvals) -> Iterator[Sentence]:
    if approvals.required:
        number = readable.count(approvals.required, "approval")
        points = readable.count(approvals.points, "point")
        why = joined((f"{one.points} for {one.risk} ({one.count})",) for one in approvals.risks)
        yield f"Needs {number}, for {points}: ", *why, "."
    verb = "reviews" if approvals.required else "is asked for a review"
    for one in approvals.reviewers:
        yield Quoted(one.name), f" {verb}: ", Quoted(one.reason), "."


def plan_notes(plan: Plan) -> Iterator[Sentence]:
    """Yield facts that the list of changes does not show, such as restored accounts."""
    if plan.left_out:
        objects = joined(
            (Quoted(str(one.address)), " (needs ", Quoted(str(one.needs)), ")")
            for one in plan.left_out
        )
        why = "objects that apply does not write" if plan.held else "excluded objects"
        yield f"Also left out, since they need {why}: ", *objects, "."
    for title, event in _later_events(plan):
        who = f"{title} {event.day}: ", Quoted(event.address.key)
        yield *who, " ", *event_effect(event), "."
    restored = [str(change.address) for change in plan.effective if change.restores]
    if restored:
        yield (
            "Restores the deleted account of this email, with its tickets and settings: ",
            *name_list(restored),
            ". For another person choose another email.",
        )
    if plan.versions:
        yield from _endings(plan)
    elif plan.missing:
        title = "Not in the account, so there is nothing to delete or suspend: "
        rest = ". Once a deletion was applied, its entry can be removed."
        yield title, *name_list([str(address) for address in plan.missing]), rest


def _later_events(plan: Plan) -> Iterator[tuple[str, Event]]:
    if plan.day is None:
        return
    yield from (("Later, on", event) for event in plan.day.upcoming)
    shown = {
        (one.day, one.address, one.turn): {field.path for field in one.fields}
        for one in plan.day.upcoming
    }
    for event in plan.day.cancelled:
        # An event that only got more effects is shown once.
        new = shown.get((event.day, event.address, event.turn))
        if new is None or not new.issuperset(field.path for field in event.fields):
            yield "Not any more, on", event


def _endings(plan: Plan) -> Iterator[Sentence]:
    if plan.missing:
        title = "Declared absent or suspended, and not declared at all before: "
        rest = ". A plan shows whether the account has them."
        yield title, *name_list([str(address) for address in plan.missing]), rest


def endings_headline(plan: Plan) -> list[str]:
    """Return how many entries end access of the earlier revision, and how many days change."""
    found = []
    if plan.versions and plan.missing:
        found.append(f"{len(plan.missing)} newly declared absent or suspended")
    if days := {event.day for _, event in _later_events(plan)}:
        found.append(f"changes {readable.count(len(days), 'later day')}")
    return found


def mails_text(plan: Plan) -> str:
    """Return which mails LiveAgent sends to people; "" for none."""
    if not plan.registration_mails:
        return ""
    mails = readable.count(plan.registration_mails, "registration mail")
    return f"LiveAgent sends {mails} with a link to set a password."


def nothing_text(plan: Plan) -> str:
    """Return why an apply has nothing to do; "" if it has something to do."""
    if plan.effective:
        return ""
    declared = readable.count(len(plan.changes), "declared object")
    if plan.versions:
        return f"{declared}, with equal values." if plan.settled else ""
    if not plan.settled:
        return "There is nothing that apply could do."
    if is_fully_declared(plan):
        return f"{declared}, all as declared."
    return f"{declared}, and no field that was compared differs."


def event_effect(event: Event) -> Sentence:
    """Return what happens and its effects: `starts until 2030-09-30: joins Support (chats)`."""
    effects = joined(field_effect(field) for field in event.fields)
    return (*_head(event), ": ", *effects) if effects else _head(event)


def _head(event: Event) -> Sentence:
    until = f" until {event.until}" if event.until else ""
    match event.turn:
        case Turn.STARTS:
            return (f"starts{until}",)
        case Turn.ENDS:
            return ("is over: deleted" if event.detail == "delete" else "is over: suspended",)
        case Turn.BEGINS:
            return f"temporary{until} (", Quoted(event.detail), ")"
        case Turn.LAPSES:
            return "no longer (", Quoted(event.detail), ")"
