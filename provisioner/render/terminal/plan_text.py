"""Plans as text for people. It shows what the data says and decides nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from provisioner.address import Kind
from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Attribution, Change, FieldChange
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.readable import brief
from provisioner.render.review import effects, policy_lines, review_words
from provisioner.render.review.effects import Cause, ChangeGroup
from provisioner.render.review.losses import losses
from provisioner.render.sentences import Quoted, Sentence, to_text
from provisioner.render.terminal.lines import Line, checklist, rendered

_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_STYLES = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}
_SHOWN_UNDECLARED = 10


def plan(content: Plan, *, color: bool = False, width: int | None = None) -> str:
    """Return a plan for reading in a terminal.

    Args:
        content: the plan.
        color: whether to add colours.
        width: how many columns a line has; None folds no line.
    """
    lines: list[Line] = [*_policy(content), *_losses(content), *_falls(content)]
    for group in effects.groups(content.effective, content.open_steps):
        lines += _group(group)
    lines += checklist(content.open_steps)
    lines += _undeclared(content)
    lines += _notes(content)
    lines += _summary(content)
    if content.taken:
        since = "What has changed in the account since is not in it."
        lines.append(
            (f"Made from the snapshot of {readable.harmless(content.taken)}. {since}", "yellow")
        )
    return rendered(lines, color=color, width=width)


def _policy(content: Plan) -> Iterator[Line]:
    """Yield the changed settings; they come first, since everything else depends on them."""
    if not content.policy_changes:
        return
    yield f"{policy_lines.TITLE} by this branch:", "bold red"
    for sentence, place in policy_lines.lines(content):
        yield f"    {_said(sentence)}  {brief(place)}".rstrip(), "red"
    if said := policy_lines.note(content):
        yield f"    {_said(said)}", "yellow"
    yield "", ""


def _losses(content: Plan) -> Iterator[Line]:
    """Yield who can do less than before: it comes before all that the plan does."""
    for origin, found in groupby(losses(content), key=lambda loss: loss.origin):
        yield f"Who loses access{review_words.BY[origin]}:", "bold red"
        for loss in found:
            where = brief(effects.place(loss.change.source, loss.change.commit))
            who = brief(str(loss.change.address))
            yield f"    {who}: {_said(loss.said)}  {where}".rstrip(), "red"
        yield "", ""


def _falls(content: Plan) -> Iterator[Line]:
    falls = review_words.falls(content)
    if not falls:
        return
    yield "Coverage falls:", "bold red"
    for sentence in falls:
        yield f"    {_said(sentence)}", "red"
    if left_out := review_words.not_counted(content):
        yield f"    {left_out}", "dim"
    yield "", ""


def _said(sentence: Sentence) -> str:
    return to_text(sentence, brief)


def _group(group: ChangeGroup) -> Iterator[Line]:
    if group.origin:
        yield f"{review_words.TITLES[group.origin]}:", "bold"
        yield "", ""
    causes, changes = effects.causes(
        sorted(
            (*group.joiners, *group.movers, *group.leavers, *group.structure),
            key=lambda change: str(change.address),
        )
    )
    for cause in causes:
        yield from _cause(cause)
        yield "", ""
    for change in changes:
        yield from _change(change, group.by_hand.get(change.address, {}))
        yield "", ""


def _cause(cause: Cause) -> Iterator[Line]:
    number = readable.count(cause.count, "agent")
    field = brief(effects.field_name(cause.field))
    where = brief(effects.place(cause.field.source, cause.field.commit))
    yield f"~ profile/{brief(cause.field.profile)}  {field} of {number}  {where}", "bold yellow"
    for said, names in cause.effects:
        yield f"    {_said(said)}: {', '.join(map(brief, names))}", ""


def _change(change: Change, by_hand: Mapping[str, Sequence[str]]) -> Iterator[Line]:
    title = f"{_SIGNS[change.action]} {brief(str(change.address))}"
    name = (change.after or change.before or {}).get("name")
    if change.address.kind is Kind.AGENT and name:
        title += f"  {brief(name)}"
    if said := effects.REASONS.get(change.reason):
        title += f" ({said})"
    where = effects.place(change.source, change.commit)
    yield f"{title}  {brief(where)}".rstrip(), f"bold {_STYLES[change.action]}"
    if change.action is Action.CREATE:
        for field, said in effects.created(change, by_hand):
            yield f"    {brief(field)}: {said}", ""
    elif change.action is Action.UPDATE:
        yield from _fields(change)
    else:
        yield from _deleted(change)


def _deleted(change: Change) -> Iterator[Line]:
    departments = (change.before or {}).get("departments")
    if departments:
        yield (
            f"    leaves {', '.join(brief(name) for name, _ in readable.ordered(departments))}",
            "",
        )


def _fields(change: Change) -> Iterator[Line]:
    """Yield the fields of an update, those of one department together."""
    inside = ""
    for field in change.fields:
        indent, said = "    ", effects.effect(field)
        match field.path:
            case ("departments", name, part):
                if name != inside:
                    yield f"    in {brief(name)}:", ""
                inside, indent = name, "        "
                said = (Quoted(part), ": ", *effects.before_and_after(field))
            case _:
                inside = ""
        yield f"{indent}{_said(said)}{_place(change, field)}", _style(field)


def _style(field: FieldChange) -> str:
    if field.path[0] != "departments" or len(field.path) != 2:
        return ""
    return "green" if field.before is None else "red" if field.after is None else ""


def _place(change: Change, field: FieldChange) -> str:
    """Return where a field is declared, unless that is where its object is."""
    own = effects.place(field.source, field.commit)
    return f"  {brief(own)}" if own and own != effects.place(change.source, change.commit) else ""


def _undeclared(content: Plan) -> Iterator[Line]:
    if not content.undeclared:
        return
    number = len(content.undeclared)
    shown = [brief(str(live.address)) for live in content.undeclared[:_SHOWN_UNDECLARED]]
    more = f" and {number - len(shown)} more" if number > len(shown) else ""
    yield f"Live but not declared, left alone: {', '.join(shown)}{more}", "dim"
    yield "", ""


def _notes(content: Plan) -> Iterator[Line]:
    for sentence in review_words.notes(content):
        yield _said(sentence), "yellow"
        yield "", ""


def _summary(content: Plan) -> Iterator[Line]:
    account = brief(content.target)
    if content.account.url:
        account += f", {brief(content.account.url)}"
    if content.surface is Surface.V3:
        account += " (API v3)"
    if content.settled:
        yield f"Nothing to change on {account}: {review_words.nothing(content)}", "bold green"
        if content.manual_steps:
            said = readable.count(len(content.manual_steps), "manual step")
            yield f"{said} acknowledged by people, which the API can't show.", "yellow"
        return
    yield f"Plan for {account}: {review_words.counts(content)}.", "bold"
    yield from _origins(content)
    if content.effective:
        yield from ((line, "yellow") for line in review_words.risk_lines(content))
        if mails := review_words.mails(content):
            yield mails, ""
        yield review_words.cost(content.requests), ""
    else:
        yield review_words.nothing(content), ""


def _origins(content: Plan) -> Iterator[Line]:
    """Yield how much of a plan the branch causes; an object that has both counts for both."""
    if content.base is None:
        return
    told = Counter(step.attribution for step in content.open_steps)
    for change in content.effective:
        told.update({change.attribution, *(field.attribution for field in change.fields)})
    since = readable.harmless(
        f"{content.base.ref} ({content.base.commit[: effects.COMMIT_DIGITS]})"
    )
    if told[None]:
        yield f"What of this is new since {since} is not known.", "yellow"
        return
    number = readable.count(told[Attribution.BRANCH], "change")
    yield f"This branch: {number} since {since}; earlier drift: {told[Attribution.DRIFT]}.", "bold"
