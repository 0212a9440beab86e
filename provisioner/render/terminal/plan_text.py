"""Plans as text for a terminal. It draws the review of a plan and decides nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from provisioner.address import Kind
from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Attribution, Change, FieldChange
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.suspicion import suspected_renames
from provisioner.render import readable
from provisioner.render.readable import brief
from provisioner.render.review import change_texts, off_boarding, policy_lines, rename_texts
from provisioner.render.review.change_groups import Cause, ChangeGroup
from provisioner.render.review.ownership_texts import OwnershipSection, exception_lines
from provisioner.render.review.review import UNDECLARED, Review
from provisioner.render.sentences import Quoted, Sentence, to_text
from provisioner.render.terminal.lines import Line, checklist, rendered

_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_STYLES = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}
_SHOWN_UNDECLARED = 10
_SHOWN_RENAMES = 20


def draw(review: Review, *, color: bool = False, width: int | None = None) -> str:
    """Return a plan for reading in a terminal.

    Args:
        review: the review of the plan.
        color: whether to add colours.
        width: the number of columns of a line; None folds no line.
    """
    plan = review.plan
    lines: list[Line] = [
        *_policy(review),
        *_renames(review),
        *_losses(review),
        *_falls(review),
    ]
    lines += ownership_lines(review.ownership)
    for group in review.groups:
        lines += _group(group)
    lines += _sentences(off_boarding.TITLE, review.off_boarding)
    lines += _sentences(off_boarding.HELD_TITLE, review.held)
    lines += checklist(plan.open_steps)
    lines += _undeclared(review)
    lines += _notes(review)
    lines += _summary(review)
    if plan.snapshot_time:
        since = "It does not have later changes of the account."
        lines.append(
            (
                f"Made from the snapshot of {readable.harmless(plan.snapshot_time)}. {since}",
                "yellow",
            )
        )
    return rendered(lines, color=color, width=width)


def _policy(review: Review) -> Iterator[Line]:
    """Yield the changed settings; they come first, since everything else depends on them."""
    if not review.policy:
        return
    yield f"{policy_lines.TITLE}:", "bold red"
    for sentence, place in review.policy:
        yield f"    {_text(sentence)}  {brief(place)}".rstrip(), "red"
    if review.policy_note:
        yield f"    {_text(review.policy_note)}", "yellow"
    yield "", ""


def _renames(review: Review) -> Iterator[Line]:
    if not review.renames:
        return
    yield f"{rename_texts.TITLE} ({suspected_renames.CODE}):", "bold red"
    for line in review.renames[:_SHOWN_RENAMES]:
        yield f"    {_text(line.text)}", "red"
        yield f"        {line.advice} {brief(line.place)}: {brief(line.code)}", "yellow"
    if (more := len(review.renames) - _SHOWN_RENAMES) > 0:
        yield f"    and {more} more; JSON has all of them", "red"
    yield "", ""


def _losses(review: Review) -> Iterator[Line]:
    """Yield the losses of access; they come before the changes that cause them."""
    for attribution, losses in groupby(review.losses, key=lambda loss: loss.attribution):
        yield f"Who loses access{change_texts.BY[attribution]}:", "bold red"
        for loss in losses:
            where = brief(change_texts.declared_at(loss.change))
            who = brief(str(loss.change.address))
            yield f"    {who}: {_text(loss.lost)}  {where}".rstrip(), "red"
        yield "", ""


def ownership_lines(sections: Iterable[OwnershipSection]) -> Iterator[Line]:
    """Yield the access that the files do not own: urgent sections, with a line for each entry."""
    for section in sections:
        if section.urgent:
            yield f"{section.title}:", "bold yellow"
            for sentence, place in section.lines:
                yield f"    {_text(sentence)}  {brief(place)}".rstrip(), ""
            yield "", ""


def exception_text(sections: Iterable[OwnershipSection]) -> Iterator[Line]:
    """Yield one line for each section about access that is no drift."""
    for sentence in exception_lines(sections):
        yield _text(sentence), "dim"
        yield "", ""


def _falls(review: Review) -> Iterator[Line]:
    if not review.falls:
        return
    yield "Coverage falls:", "bold red"
    for sentence in review.falls:
        yield f"    {_text(sentence)}", "red"
    if review.not_counted:
        yield f"    {review.not_counted}", "dim"
    yield "", ""


def _sentences(title: str, sentences: Sequence[Sentence]) -> Iterator[Line]:
    if sentences:
        yield f"{title}:", "bold"
        yield from ((f"    {_text(sentence)}", "") for sentence in sentences)
        yield "", ""


def _text(sentence: Sentence) -> str:
    return to_text(sentence, brief)


def _group(group: ChangeGroup) -> Iterator[Line]:
    if group.attribution:
        yield f"{change_texts.TITLES[group.attribution]}:", "bold"
        yield "", ""
    for cause in group.causes:
        yield from _cause(cause)
        yield "", ""
    changes = (*group.joiners, *group.other_movers, *group.leavers, *group.structure)
    for change in sorted(changes, key=lambda change: str(change.address)):
        yield from _change(change, group.by_hand.get(change.address, {}))
        yield "", ""


def _cause(cause: Cause) -> Iterator[Line]:
    number = readable.count(cause.count, "agent")
    field = brief(change_texts.field_name(cause.field))
    where = brief(change_texts.declared_at(cause.field))
    yield f"~ profile/{brief(cause.field.profile)}  {field} of {number}  {where}", "bold yellow"
    for effect, names in cause.effects:
        yield f"    {_text(effect)}: {', '.join(map(brief, names))}", ""


def _change(change: Change, by_hand: Mapping[str, Sequence[str]]) -> Iterator[Line]:
    title = f"{_SIGNS[change.action]} {brief(str(change.address))}"
    name = (change.after or change.before or {}).get("name")
    if change.address.kind is Kind.AGENT and name:
        title += f"  {brief(name)}"
    if reason := change_texts.REASONS.get(change.reason):
        title += f" ({reason})"
    where = brief(change_texts.declared_at(change))
    yield f"{title}  {where}".rstrip(), f"bold {_STYLES[change.action]}"
    if change.action is Action.CREATE:
        for field, value in change_texts.created_values(change, by_hand):
            yield f"    {brief(field)}: {value}", ""
    elif change.action is Action.UPDATE:
        yield from _fields(change)
    else:
        yield from _deleted(change)


def _deleted(change: Change) -> Iterator[Line]:
    if departments := (change.before or {}).get("departments"):
        names = ", ".join(brief(name) for name, _ in readable.ordered(departments))
        yield f"    leaves {names}", ""


def _fields(change: Change) -> Iterator[Line]:
    """Yield the fields of an update, those of one department together."""
    department = ""
    for field in change.fields:
        indent, effect = "    ", change_texts.field_effect(field)
        match field.path:
            case ("departments", name, part):
                if name != department:
                    yield f"    in {brief(name)}:", ""
                department, indent = name, "        "
                effect = (Quoted(part), ": ", *change_texts.before_and_after(field))
            case _:
                department = ""
        yield f"{indent}{_text(effect)}{_place(change, field)}", _style(field)


def _style(field: FieldChange) -> str:
    if field.path[0] != "departments" or len(field.path) != 2:
        return ""
    return "green" if field.before is None else "red" if field.after is None else ""


def _place(change: Change, field: FieldChange) -> str:
    """Return the place in the files that declares a field, where the object has another one."""
    own = change_texts.declared_at(field)
    return f"  {brief(own)}" if own and own != change_texts.declared_at(change) else ""


def _undeclared(review: Review) -> Iterator[Line]:
    yield from exception_text(review.ownership)
    if not review.undeclared:
        return
    shown = ", ".join(map(brief, review.undeclared[:_SHOWN_UNDECLARED]))
    more = len(review.undeclared) - _SHOWN_UNDECLARED
    yield f"{UNDECLARED}: {shown}{f' and {more} more' if more > 0 else ''}", "dim"
    yield "", ""


def _notes(review: Review) -> Iterator[Line]:
    if review.not_looked_at:
        yield _text(review.not_looked_at), "dim"
        yield "", ""
    for sentence in review.notes:
        yield _text(sentence), "yellow"
        yield "", ""


def _summary(review: Review) -> Iterator[Line]:
    plan = review.plan
    account = brief(plan.target)
    if plan.account.url:
        account += f", {brief(plan.account.url)}"
    if plan.surface is Surface.V3:
        account += " (API v3)"
    if plan.settled:
        urgent = any(section.urgent for section in review.ownership)
        style = "bold yellow" if urgent else "bold green"
        yield f"Nothing to change on {account}: {review.nothing}", style
        yield from _headlines(review)
        if number := sum(step.acknowledged is not None for step in plan.manual_steps):
            steps = readable.count(number, "manual step")
            yield f"{steps} acknowledged by people, which the API can't show.", "yellow"
        return
    yield f"Plan for {account}: {_text(review.counts)}.", "bold"
    yield from _headlines(review)
    yield from _attributions(plan)
    yield from ((line, "yellow") for line in review.risks)
    yield from ((line, "") for line in (review.mails, review.cost, review.nothing) if line)


def _headlines(review: Review) -> Iterator[Line]:
    """Yield one line for each kind of access that the files do not own."""
    for headline in review.headlines:
        yield f"{_text(headline)}.", "yellow"


def _attributions(plan: Plan) -> Iterator[Line]:
    """Yield how many changes are of the branch; an object with changes of both counts twice."""
    if plan.base is None:
        return
    numbers = Counter(step.attribution for step in plan.open_steps)
    for change in plan.effective:
        numbers.update({change.attribution, *(field.attribution for field in change.fields)})
    commit = plan.base.commit[: change_texts.COMMIT_DIGITS]
    since = readable.harmless(f"{plan.base.ref} ({commit})")
    if numbers[None]:
        yield f"Which changes are new since {since} is not known.", "yellow"
        return
    number = readable.count(numbers[Attribution.BRANCH], "change")
    drift = numbers[Attribution.DRIFT]
    yield f"This branch: {number} since {since}; earlier drift: {drift}.", "bold"
