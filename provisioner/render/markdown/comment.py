"""Plans as Markdown for a comment on a pull request, for GitHub and GitLab alike.

Whatever comes from files or from the account stands in code spans and nowhere else: there, neither
platform sees markup, HTML, links, mentions, references or emoji. What the comment has no room for
is said to be missing; who loses access is the last to be cut.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Change
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.markdown import loss_section, tables
from provisioner.render.markdown.code_spans import LONGEST, cell, code
from provisioner.render.markdown.size_budget import Section, fit, size
from provisioner.render.review import effects, policy_lines, review_words
from provisioner.render.review.effects import ByHand, Cause, ChangeGroup
from provisioner.render.review.review_words import Mood
from provisioner.render.sentences import to_text

LIMIT = 65_000
"""Bytes of a comment. GitHub takes 65,536 characters; what posts it may want to add a line."""

FOR_REFUSALS = 4_000
"""Bytes of it that the reasons of a refusal may take."""

FOR_POLICY = 8_000
"""Bytes of it that the changed settings may take."""

FOR_OTHERS = 3_000
"""Bytes of it that are kept for everything but the list of who loses access."""

SHORT = 50
"""The same where a table tells only the main thing."""

SHOWN_EFFECTS = 4
"""Effects of a change that its row tells; all of them stand in the folded table."""


_NONE = cell(readable.value(None))

_SIGNS = {Mood.REFUSED: "⛔", Mood.LOSES: "⚠️", Mood.CHANGES: "✅", Mood.NOTHING: "✅"}


_SHARES = {
    "coverage": 4_000,
    "rights": 2_000,
    "causes": 5_000,
    "joiners": 5_000,
    "movers": 8_000,
    "leavers": 4_000,
    "structure": 4_000,
    "fields": 9_000,
    "manual": 8_000,
}


def plan(content: Plan) -> str:
    """Return a plan as a comment, which is always shorter than `LIMIT`."""
    head, foot = _head(content), _foot(content)
    lost = loss_section.losses_section(content, LIMIT - size(head + foot) - FOR_OTHERS)
    room = LIMIT - size(head + lost + foot)
    return f"{head}{lost}{fit([*_sections(content)], room)}{foot}"


def marker(target: str) -> str:
    """Return the hidden first line by which a comment on the same target is found again."""
    return f"<!-- provisioner-plan: {re.sub('[^A-Za-z0-9_.]+', '-', target)[:LONGEST]} -->\n"


def _short(text: str) -> str:
    """Return what the table of all values tells in full."""
    return cell(text, SHORT)


def _table(share: str, title: str, columns: tuple[str, ...], rows: Iterable[str]) -> list[Section]:
    """Return a table as a section, or nothing without rows."""
    kept = tuple(rows)
    head = f"{title}\n\n{tables.row(*columns)}{tables.row(*('---' for _ in columns))}"
    return [Section(_SHARES[share], head, kept)] if kept else []


def _head(content: Plan) -> str:
    mood, said = review_words.verdict(content)
    account = code(content.target)
    if content.account.url:
        account += f", {code(content.account.url)}"
    if content.surface is Surface.V3:
        account += " (API v3)"
    head = f"{marker(content.target)}## {_SIGNS[mood]} Plan for {account}: {said}\n\n"
    if content.settled:
        return f"{head}{review_words.nothing(content)}\n\n"
    return f"{head}**{review_words.counts(content)}**\n\n{_policy(content)}{_refused(content)}"


def _policy(content: Plan) -> str:
    """Return the changed settings, the riskiest first, as far as there is room."""
    if not content.policy_changes:
        return ""
    rows = tuple(
        f"- {to_text(sentence, code)}{f' ({code(place)})' if place else ''}\n"
        for sentence, place in policy_lines.lines(content)
    )
    head = f"### {policy_lines.TITLE} by this branch ({len(rows)})\n\n"
    if said := policy_lines.note(content):
        head += f"{to_text(said, code)}\n\n"
    return Section(FOR_POLICY, head, rows).within(FOR_POLICY)


def _refused(content: Plan) -> str:
    if not content.refused:
        return ""
    rows = tuple(
        f"- {code(finding.summary, readable.LONGEST)} ({code(finding.code)})\n"
        + (f"  - hint: {code(finding.hint, readable.LONGEST)}\n" if finding.hint else "")
        for finding in content.refused
    )
    return Section(FOR_REFUSALS, "### Why it is refused\n\n", rows).within(FOR_REFUSALS)


def _sections(content: Plan) -> Iterator[Section]:
    for share, title, sentences in (
        ("coverage", "### Coverage falls", review_words.falls(content)),
        ("rights", "### Rights change", review_words.rights(content)),
    ):
        if sentences:
            rows = tuple(f"- {to_text(sentence, code)}\n" for sentence in sentences)
            yield Section(_SHARES[share], f"{title}\n\n", rows)
    for group in effects.groups(content.effective, content.open_steps):
        yield from _group(group)
    if content.open_steps:
        head = "### To be done by hand\n\nThe API of this account can't do these.\n\n"
        yield Section(_SHARES["manual"], head, tuple(map(_step, content.open_steps)))


def _group(group: ChangeGroup) -> Iterator[Section]:
    if group.origin is None:
        yield from _tables(group, "###")
        return
    first, *others = _tables(group, "####")
    yield replace(first, head=f"### {review_words.TITLES[group.origin]}\n\n{first.head}")
    yield from others


def _tables(group: ChangeGroup, level: str) -> Iterator[Section]:
    causes, movers = effects.causes(group.movers)
    yield from _table(
        "causes",
        f"{level} Changed by a profile ({readable.count(_number(causes), 'agent')})",
        ("Profile", "Field", "Change", "Agents", "Where"),
        (row for cause in causes for row in _cause(cause)),
    )
    for share, columns, changes in (
        ("joiners", ("Who", "Role", "Departments", "Where"), group.joiners),
        ("movers", ("Who", "Change", "Where"), movers),
        ("leavers", ("Who", "Change", "Where"), group.leavers),
        ("structure", ("What", "Change", "Where"), group.structure),
    ):
        title = "Departments and roles" if share == "structure" else share.capitalize()
        number = len(getattr(group, share))
        others = number - len(changes)
        said = f"{number}, {others} of them only by a profile" if others else f"{number}"
        make = partial(_joiner, by_hand=group.by_hand) if share == "joiners" else _mover
        yield from _table(share, f"{level} {title} ({said})", columns, map(make, changes))
    yield from _fields(group)


def _number(causes: Iterable[Cause]) -> int:
    """Return how many agents profiles change."""
    return len({name for cause in causes for _, names in cause.effects for name in names})


def _fields(group: ChangeGroup) -> Iterator[Section]:
    """Yield every value before and after, folded: those that a profile changes, too."""
    rows = tuple(
        row
        for change in (*group.joiners, *group.movers, *group.leavers, *group.structure)
        for row in (*_updated(change), *_created(change, group.by_hand), *_deleted(change))
    )
    if rows:
        columns = ("Who", "Field", "Before", "After", "Where")
        yield Section(
            _SHARES["fields"],
            f"<details><summary>Every value, before and after ({len(rows)})</summary>\n\n"
            f"{tables.row(*columns)}{tables.row(*('---' for _ in columns))}",
            rows,
            tail="\n</details>\n",
        )


def _updated(change: Change) -> Iterator[str]:
    for field in change.fields:
        before, after = effects.values(field)
        name = effects.field_name(field)
        yield tables.row(
            tables.who(change, short=True),
            cell(name),
            cell(before),
            cell(after),
            tables.place(field),
        )


def _created(change: Change, by_hand: ByHand) -> Iterator[str]:
    for name, value in effects.created(change, by_hand.get(change.address)):
        yield tables.row(
            tables.who(change, short=True), cell(name), "", cell(value), tables.place(change)
        )


def _deleted(change: Change) -> Iterator[str]:
    for name, value in effects.deleted(change):
        yield tables.row(
            tables.who(change, short=True), cell(name), cell(value), _NONE, tables.place(change)
        )


def _cause(cause: Cause) -> Iterator[str]:
    where = tables.place(cause.field)
    for said, names in cause.effects:
        people = readable.count(len(names), "agent")
        listed = ", ".join(cell(name) for name in names[: review_words.SHOWN_NAMES])
        more = f", … ({people})" if len(names) > review_words.SHOWN_NAMES else ""
        field = cell(effects.field_name(cause.field))
        yield tables.row(
            cell(cause.field.profile), field, tables.said(said), f"{listed}{more}", where
        )


def _joiner(change: Change, by_hand: ByHand) -> str:
    after, waiting = change.after or {}, by_hand.get(change.address, {})
    joins = readable.ordered(after.get("departments", {}))
    departments = [cell(readable.membership(*item)) for item in joins]
    departments += [f"{cell(name)} (by hand)" for name in waiting.get("departments", ())]
    roles = [cell(readable.value(after.get("role", "agent")))]
    roles += [f"{cell(name)} (by hand)" for name in waiting.get("role", ())]
    said = f" ({effects.REASONS[change.reason]})" if change.reason in effects.REASONS else ""
    return tables.row(
        f"{tables.who(change)}{said}",
        ", then ".join(roles),
        ", ".join(departments[:SHOWN_EFFECTS]) + _more(len(departments)) or "none",
        tables.place(change),
    )


def _mover(change: Change) -> str:
    said = [effects.REASONS[change.reason]] if change.reason in effects.REASONS else []
    if change.action is Action.UPDATE:
        shown = change.fields[:SHOWN_EFFECTS]
        said += [to_text(effects.effect(field), _short) for field in shown]
    else:
        said.append("is created" if change.action is Action.CREATE else "is deleted")
    return tables.row(
        tables.who(change), "; ".join(said) + _more(len(change.fields)), tables.place(change)
    )


def _more(number: int) -> str:
    return f" and {number - SHOWN_EFFECTS} more" if number > SHOWN_EFFECTS else ""


def _step(step: ManualStep) -> str:
    where = f" ({code(effects.place(step.source))})" if step.source else ""
    lines = [f"- [ ] {code(str(step.address))}: {code(step.panel)}{where}"]
    lines += [f"  - {code(line)}" for line in step.todo]
    lines += [f"  - then apply sets {code(line)}" for line in step.then]
    if not step.verifiable:
        lines.append(f"  - then acknowledge {code(step.id)} in `provisioner.yaml`")
    if step.hint:
        lines.append(f"  - hint: {code(step.hint, readable.LONGEST)}")
    return "\n".join(lines) + "\n"


def _foot(content: Plan) -> str:
    lines = []
    if undeclared := review_words.undeclared(content):
        lines.append(to_text(undeclared, code))
    lines += [to_text(sentence, code) for sentence in review_words.notes(content)]
    if content.effective:
        lines += [said for said in (review_words.mails(content),) if said]
        lines.append(review_words.cost(content.requests))
    if content.coverage.falling and (left_out := review_words.not_counted(content)):
        lines.append(left_out)
    if not content.settled:
        lines.append(f"Every value, and coverage by department and hour: {tables.WHOLE}.")
    said = "  \n".join(lines)
    return f"---\n\n{said}\n" if lines else ""
