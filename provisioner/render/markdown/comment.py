"""Plans as Markdown for a comment on a pull request, on GitHub and GitLab alike.

Text from files or from the account is only in code spans: there, neither platform interprets
markup, HTML, links, mentions, references or emoji. The comment counts what it has no room for.
Losses of access are cut last.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from provisioner.diagnostics import Diagnostic
from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Change
from provisioner.render import readable
from provisioner.render.markdown import tables
from provisioner.render.markdown.code_spans import LONGEST, cell, code
from provisioner.render.markdown.loss_section import loss_section
from provisioner.render.markdown.manual_steps import rows_in_short
from provisioner.render.markdown.size_budget import Section, fit, size
from provisioner.render.markdown.top_sections import headlines, ownership_lists, rename_section
from provisioner.render.review import change_texts, off_boarding, policy_lines, work_texts
from provisioner.render.review.change_groups import Cause, ChangeGroup
from provisioner.render.review.newcomers import ByHand
from provisioner.render.review.ownership_texts import exception_lines
from provisioner.render.review.review import UNDECLARED, Mood, Review
from provisioner.render.sentences import SHOWN_NAMES, Sentence, name_list, to_text

LIMIT = 65_000
"""Bytes of a comment. GitHub takes 65,536 characters; the tool that posts it may add a line."""

FOR_REFUSALS = 4_000
"""Bytes of it that the reasons of a refusal may take."""

FOR_POLICY = 8_000
"""Bytes of it that the changed settings may take."""

FOR_OTHERS = 3_000
"""Bytes of it that are kept for everything but the losses of access."""

SHORT = 50
"""Characters of a quoted text in tables that show only the main part of a change."""

SHOWN_EFFECTS = 4
"""Effects of a change that its row shows; the folded table has all of them."""

_NONE = cell(readable.value(None))

_SIGNS = {Mood.REFUSED: "⛔", Mood.LOSES: "⚠️", Mood.CHANGES: "✅", Mood.NOTHING: "✅"}

_SHARES = {
    "ownership": 5_000,
    "coverage": 4_000,
    "rights": 2_000,
    "causes": 5_000,
    "joiners": 5_000,
    "movers": 8_000,
    "leavers": 4_000,
    "structure": 4_000,
    "fields": 9_000,
    "leaving": 4_000,
    "held": 3_000,
    "manual": 8_000,
}
"""Bytes of each section where there is no room for all of them."""


def draw(review: Review) -> str:
    """Return a plan as a comment, which is always shorter than `LIMIT`."""
    head, foot = _head(review), _foot(review)
    losses = loss_section(review.losses, LIMIT - size(head + foot) - FOR_OTHERS)
    room = LIMIT - size(head + losses + foot)
    return f"{head}{losses}{fit([*_sections(review)], room)}{foot}"


def marker(target: str) -> str:
    """Return the hidden first line by which a later run finds its comment on the same target."""
    return f"<!-- provisioner-plan: {re.sub('[^A-Za-z0-9_.]+', '-', target)[:LONGEST]} -->\n"


def _short(text: str) -> str:
    """Return a text in short; the folded table has it in full."""
    return cell(text, SHORT)


def _table(share: str, title: str, columns: tuple[str, ...], rows: Iterable[str]) -> list[Section]:
    """Return a table as a section; nothing without rows."""
    lines = tuple(rows)
    head = f"{title}\n\n{tables.row(*columns)}{tables.row(*('---' for _ in columns))}"
    return [Section(_SHARES[share], head, lines)] if lines else []


def _head(review: Review) -> str:
    plan = review.plan
    account = code(plan.target)
    if plan.account.url:
        account += f", {code(plan.account.url)}"
    if plan.surface is Surface.V3:
        account += " (API v3)"
    title = f"## {_SIGNS[review.mood]} Plan for {account}: {to_text(review.verdict, code)}"
    head = f"{marker(plan.target)}{title}\n\n"
    unowned = headlines(review.headlines)
    if plan.settled:
        return f"{head}{review.nothing}\n\n{unowned}"
    counts = f"**{to_text(review.counts, code)}**\n\n"
    return f"{head}{counts}{unowned}{_policy(review)}{rename_section(review)}{_reasons(review)}"


def _policy(review: Review) -> str:
    """Return as many changed settings as there is room for, the riskiest first."""
    if not review.policy:
        return ""
    rows = tuple(
        f"- {to_text(sentence, code)}{f' ({code(place)})' if place else ''}\n"
        for sentence, place in review.policy
    )
    head = f"### {policy_lines.TITLE} ({len(rows)})\n\n"
    if review.policy_note:
        head += f"{to_text(review.policy_note, code)}\n\n"
    return Section(FOR_POLICY, head, rows).within(FOR_POLICY)


def _reasons(review: Review) -> str:
    """Return the reasons of a refusal, and the warnings."""
    return "".join(
        Section(FOR_REFUSALS, f"### {title}\n\n", tuple(map(_reason, diagnostics))).within(
            FOR_REFUSALS
        )
        for title, diagnostics in (
            ("Why it is refused", review.plan.refused),
            ("Not confirmed", review.unconfirmed),
        )
        if diagnostics
    )


def _reason(reason: Diagnostic) -> str:
    hint = f"  - hint: {code(reason.hint, readable.LONGEST)}\n" if reason.hint else ""
    return f"- {code(reason.summary, readable.LONGEST)} ({code(reason.code)})\n{hint}"


def _sections(review: Review) -> Iterator[Section]:
    yield from ownership_lists(review.ownership, _SHARES["ownership"])
    for share, title, sentences in (
        ("coverage", "### Coverage falls", review.falls),
        ("rights", "### Rights change", review.rights),
    ):
        yield from _sentences(share, title, sentences)
    for group in review.groups:
        yield from _group(group)
    for share, title, sentences in (
        ("leaving", off_boarding.TITLE, review.off_boarding),
        ("held", off_boarding.HELD_TITLE, review.held),
    ):
        yield from _sentences(share, f"### {title}", sentences)
    if review.plan.open_steps:
        extent = work_texts.extent(review.plan.work_list)
        command = code(work_texts.list_command(review.plan.target))
        head = f"### To be done by hand\n\n{extent}. All values: {command}.\n\n"
        yield Section(_SHARES["manual"], head, rows_in_short(review.plan))


def _sentences(share: str, title: str, sentences: Iterable[Sentence]) -> Iterator[Section]:
    rows = tuple(f"- {to_text(sentence, code)}\n" for sentence in sentences)
    if rows:
        yield Section(_SHARES[share], f"{title}\n\n", rows)


def _group(group: ChangeGroup) -> Iterator[Section]:
    if group.attribution is None:
        yield from _tables(group, "###")
        return
    first, *others = _tables(group, "####")
    yield replace(first, head=f"### {change_texts.TITLES[group.attribution]}\n\n{first.head}")
    yield from others


def _tables(group: ChangeGroup, level: str) -> Iterator[Section]:
    agents = {name for cause in group.causes for _, names in cause.effects for name in names}
    yield from _table(
        "causes",
        f"{level} Changed by a profile ({readable.count(len(agents), 'agent')})",
        ("Profile", "Field", "Change", "Agents", "Where"),
        (row for cause in group.causes for row in _cause(cause)),
    )
    for share, columns, changes in (
        ("joiners", ("Who", "Role", "Departments", "Where"), group.joiners),
        ("movers", ("Who", "Change", "Where"), group.other_movers),
        ("leavers", ("Who", "Change", "Where"), group.leavers),
        ("structure", ("What", "Change", "Where"), group.structure),
    ):
        title = "Departments and roles" if share == "structure" else share.capitalize()
        number = len(getattr(group, share))
        others = number - len(changes)
        count = f"{number}, {others} of them only by a profile" if others else f"{number}"
        make = partial(_joiner, by_hand=group.by_hand) if share == "joiners" else _mover
        yield from _table(share, f"{level} {title} ({count})", columns, map(make, changes))
    yield from _fields(group)


def _fields(group: ChangeGroup) -> Iterator[Section]:
    """Yield a folded table of every value before and after, with those that a profile changes."""
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
    who = tables.who(change, short=True)
    for field in change.fields:
        before, after = change_texts.field_values(field)
        name = change_texts.field_name(field)
        yield tables.row(who, cell(name), cell(before), cell(after), tables.place(field))


def _created(change: Change, by_hand: ByHand) -> Iterator[str]:
    who, where = tables.who(change, short=True), tables.place(change)
    for name, value in change_texts.created_values(change, by_hand.get(change.address)):
        yield tables.row(who, cell(name), "", cell(value), where)


def _deleted(change: Change) -> Iterator[str]:
    who, where = tables.who(change, short=True), tables.place(change)
    for name, value in change_texts.deleted_values(change):
        yield tables.row(who, cell(name), cell(value), _NONE, where)


def _cause(cause: Cause) -> Iterator[str]:
    profile = cell(cause.field.profile)
    field = cell(change_texts.field_name(cause.field))
    where = tables.place(cause.field)
    for effect, names in cause.effects:
        shown = ", ".join(cell(name) for name in names[:SHOWN_NAMES])
        more = f", … ({readable.count(len(names), 'agent')})" if len(names) > SHOWN_NAMES else ""
        yield tables.row(profile, field, tables.text(effect), f"{shown}{more}", where)


def _joiner(change: Change, by_hand: ByHand) -> str:
    after, waiting = change.after or {}, by_hand.get(change.address, {})
    joins = readable.ordered(after.get("departments", {}))
    departments = [cell(readable.membership(*item)) for item in joins]
    departments += [f"{cell(name)} (by hand)" for name in waiting.get("departments", ())]
    role = readable.value(after["role"]) if "role" in after else change_texts.FORMER_ROLE
    roles = [cell(change_texts.value_after(change, "role", role))]
    roles += [f"{cell(name)} (by hand)" for name in waiting.get("role", ())]
    reason = change_texts.REASONS.get(change.reason)
    return tables.row(
        tables.who(change) + (f" ({reason})" if reason else ""),
        ", then ".join(roles),
        ", ".join(departments[:SHOWN_EFFECTS]) + _more(len(departments)) or "none",
        tables.place(change),
    )


def _mover(change: Change) -> str:
    reason = change_texts.REASONS.get(change.reason)
    effects = [reason] if reason else []
    if change.action is Action.UPDATE:
        shown = change.fields[:SHOWN_EFFECTS]
        effects += [to_text(change_texts.field_effect(field), _short) for field in shown]
    else:
        effects.append("is created" if change.action is Action.CREATE else "is deleted")
    return tables.row(
        tables.who(change), "; ".join(effects) + _more(len(change.fields)), tables.place(change)
    )


def _more(number: int) -> str:
    return f" and {number - SHOWN_EFFECTS} more" if number > SHOWN_EFFECTS else ""


def _foot(review: Review) -> str:
    lines = []
    if review.undeclared:
        lines.append(f"{UNDECLARED}: {to_text(name_list(review.undeclared), code)}.")
    lines += [
        to_text(sentence, code) for sentence in exception_lines(review.ownership, SHOWN_NAMES)
    ]
    if review.not_looked_at:
        lines.append(to_text(review.not_looked_at, code))
    lines += [to_text(sentence, code) for sentence in review.notes]
    lines += [line for line in (review.mails, review.cost) if line]
    if review.plan.coverage.falling and review.not_counted:
        lines.append(review.not_counted)
    if not review.plan.settled:
        lines.append(f"Every value, and coverage by department and hour: {tables.WHOLE}.")
    return "---\n\n" + "  \n".join(lines) + "\n" if lines else ""
