"""Plans as Markdown for a comment on a pull request, for GitHub and GitLab alike.

Whatever comes from files or from the account stands in code spans and nowhere else: there, neither
platform sees markup, HTML, links, mentions, references or emoji. What the comment has no room for
is said to be missing; who loses access is the last to be cut.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Change, Commit, FieldChange
from provisioner.planning.manual import ManualStep
from provisioner.planning.plan import Plan
from provisioner.render import effects, origins, review, words
from provisioner.render.budget import Section, fit, size, within
from provisioner.render.codespan import LONGEST, cell, code
from provisioner.render.effects import ByHand, Cause, Group
from provisioner.render.losses import Gravity, Loss, losses
from provisioner.render.quoted import Sentence, say
from provisioner.render.review import Mood

LIMIT = 65_000
"""Bytes of a comment. GitHub takes 65,536 characters; what posts it may want to add a line."""

FOR_REFUSALS = 4_000
"""Bytes of it that the reasons of a refusal may take."""

FOR_OTHERS = 3_000
"""Bytes of it that are kept for everything but the list of who loses access."""

FOR_TABLES = 50_000
"""Bytes that this list may take as a table, which tells more than the names."""

SHORT = 50
"""The same where a table tells only the main thing."""

SHOWN_EFFECTS = 4
"""Effects of a change that its row tells; all of them stand in the folded table."""

FOR_COUNTS = 300
"""Bytes that say how many names of what sort are left out."""

_WHOLE = "the whole report (`provisioner show PLANFILE --format html`)"

_SIGNS = {Mood.REFUSED: "⛔", Mood.LOSES: "⚠️", Mood.CHANGES: "✅", Mood.NOTHING: "✅"}

_COMMIT = re.compile("[0-9a-f]{40}")

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
    lost = _losses(content, LIMIT - size(head + foot) - FOR_OTHERS)
    room = LIMIT - size(head + lost + foot)
    return f"{head}{lost}{fit([*_sections(content)], room)}{foot}"


def marker(target: str) -> str:
    """Return the hidden first line by which a comment on the same target is found again."""
    return f"<!-- provisioner-plan: {re.sub('[^A-Za-z0-9_.]+', '-', target)[:LONGEST]} -->\n"


def _short(text: str) -> str:
    """Return what the table of all values tells in full."""
    return cell(text, SHORT)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _table(share: str, title: str, columns: tuple[str, ...], rows: Iterable[str]) -> list[Section]:
    """Return a table as a section, or nothing without rows."""
    kept = tuple(rows)
    head = f"{title}\n\n{_row(*columns)}{_row(*('---' for _ in columns))}"
    return [Section(_SHARES[share], head, kept)] if kept else []


def _head(content: Plan) -> str:
    mood, said = review.verdict(content)
    account = code(content.target) + (" (API v3)" if content.surface is Surface.V3 else "")
    head = f"{marker(content.target)}## {_SIGNS[mood]} Plan for {account}: {said}\n\n"
    if content.empty:
        return f"{head}{review.nothing(content)}\n\n"
    return f"{head}**{review.counts(content)}**\n\n{_refused(content)}"


def _refused(content: Plan) -> str:
    if not content.refused:
        return ""
    rows = tuple(
        f"- {code(finding.summary, words.LONGEST)} ({code(finding.code)})\n"
        + (f"  - hint: {code(finding.hint, words.LONGEST)}\n" if finding.hint else "")
        for finding in content.refused
    )
    return Section(FOR_REFUSALS, "### Why it is refused\n\n", rows).within(FOR_REFUSALS)


def _losses(content: Plan, room: int) -> str:
    """Return who loses access: in tables, or by name only where there are too many for that."""
    parts = [
        (f"### Who loses access{origins.BY[origin]}", tuple(found))
        for origin, found in groupby(losses(content), key=lambda loss: loss.origin)
    ]
    tables = "".join(_loss_table(f"{title} ({len(found)})", found) for title, found in parts)
    if size(tables) <= FOR_TABLES:
        return tables
    told = []
    for title, found in parts:
        told.append(_loss_names(f"{title} ({len(found)})", found, room))
        room = max(0, room - size(told[-1]))
    return "".join(told)


def _loss_table(title: str, found: Iterable[Loss]) -> str:
    rows = (_row(_who(loss.change), _said(loss.said), _place(loss.change)) for loss in found)
    head = f"{title}\n\n{_row('Who', 'What', 'Where')}{_row('---', '---', '---')}"
    return f"{head}{''.join(rows)}\n"


def _loss_names(title: str, found: Sequence[Loss], room: int) -> str:
    """Return the names of who loses access, the gravest first, as far as there is room."""
    text = (
        f"{title}\n\nToo many for a table, so here are the names; what each loses stands in "
        f"{_WHOLE}.\n\n"
    )
    left: dict[Gravity, int] = {}
    left_room = room - size(text) - FOR_COUNTS
    for gravity, own in groupby(found, key=lambda loss: loss.gravity):
        people = tuple(own)
        names = [f" {code(_key(loss.change))}" for loss in people]
        line = f"**{gravity.value.capitalize()} ({len(people)}):**"
        kept = within(names, left_room - size(line))
        left_room -= size(line) + sum(map(size, kept)) + 2
        left |= {gravity: len(names) - len(kept)} if len(kept) < len(names) else {}
        text += f"{line}{''.join(kept)}\n\n" if kept else ""
    if not left:
        return text
    said = ", ".join(f"{number} {gravity.value}" for gravity, number in left.items())
    return (
        f"{text}**{sum(left.values())} more lose access, for whom there is no room: {said}.**\n\n"
    )


def _sections(content: Plan) -> Iterator[Section]:
    for share, title, sentences in (
        ("coverage", "### Coverage falls", review.falls(content)),
        ("rights", "### Rights change", review.rights(content)),
    ):
        if sentences:
            rows = tuple(f"- {say(sentence, code)}\n" for sentence in sentences)
            yield Section(_SHARES[share], f"{title}\n\n", rows)
    for group in effects.groups(content.effective, content.open_steps):
        yield from _group(group)
    if content.open_steps:
        head = "### To be done by hand\n\nThe API of this account can't do these.\n\n"
        yield Section(_SHARES["manual"], head, tuple(map(_step, content.open_steps)))


def _group(group: Group) -> Iterator[Section]:
    if group.origin is None:
        yield from _tables(group, "###")
        return
    first, *others = _tables(group, "####")
    yield replace(first, head=f"### {origins.TITLES[group.origin]}\n\n{first.head}")
    yield from others


def _tables(group: Group, level: str) -> Iterator[Section]:
    causes, movers = effects.causes(group.movers)
    yield from _table(
        "causes",
        f"{level} Changed by a profile ({words.count(_number(causes), 'agent')})",
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


def _fields(group: Group) -> Iterator[Section]:
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
            f"{_row(*columns)}{_row(*('---' for _ in columns))}",
            rows,
            tail="\n</details>\n",
        )


def _updated(change: Change) -> Iterator[str]:
    for field in change.fields:
        before, after = effects.values(field)
        name = effects.field_name(field)
        yield _row(_who(change, short=True), cell(name), cell(before), cell(after), _place(field))


def _created(change: Change, by_hand: ByHand) -> Iterator[str]:
    for name, value in effects.created(change, by_hand.get(change.address)):
        yield _row(_who(change, short=True), cell(name), "", cell(value), _place(change))


def _deleted(change: Change) -> Iterator[str]:
    for name, value in effects.deleted(change):
        yield _row(_who(change, short=True), cell(name), cell(value), "(none)", _place(change))


def _cause(cause: Cause) -> Iterator[str]:
    where = _place(cause.field)
    for said, names in cause.effects:
        people = words.count(len(names), "agent")
        listed = ", ".join(cell(name) for name in names[: review.SHOWN_NAMES])
        more = f", … ({people})" if len(names) > review.SHOWN_NAMES else ""
        field = cell(effects.field_name(cause.field))
        yield _row(cell(cause.field.profile), field, _said(said), f"{listed}{more}", where)


def _who(change: Change, *, short: bool = False) -> str:
    name = (change.after or change.before or {}).get("name")
    shown = cell(_key(change))
    return f"{cell(name)} {shown}" if name and not short and _is_agent(change) else shown


def _key(change: Change) -> str:
    return change.address.key if _is_agent(change) else str(change.address)


def _is_agent(change: Change) -> bool:
    return change.address.kind is Kind.AGENT


def _joiner(change: Change, by_hand: ByHand) -> str:
    after, waiting = change.after or {}, by_hand.get(change.address, {})
    joins = words.ordered(after.get("departments", {}))
    departments = [cell(words.membership(*item)) for item in joins]
    departments += [f"{cell(name)} (by hand)" for name in waiting.get("departments", ())]
    roles = [cell(words.value(after.get("role", "agent")))]
    roles += [f"{cell(name)} (by hand)" for name in waiting.get("role", ())]
    said = f" ({effects.REASONS[change.reason]})" if change.reason in effects.REASONS else ""
    return _row(
        f"{_who(change)}{said}",
        ", then ".join(roles),
        ", ".join(departments[:SHOWN_EFFECTS]) + _more(len(departments)) or "none",
        _place(change),
    )


def _mover(change: Change) -> str:
    said = [effects.REASONS[change.reason]] if change.reason in effects.REASONS else []
    if change.action is Action.UPDATE:
        shown = change.fields[:SHOWN_EFFECTS]
        said += [say(effects.effect(field), _short) for field in shown]
    else:
        said.append("is created" if change.action is Action.CREATE else "is deleted")
    return _row(_who(change), "; ".join(said) + _more(len(change.fields)), _place(change))


def _more(number: int) -> str:
    return f" and {number - SHOWN_EFFECTS} more" if number > SHOWN_EFFECTS else ""


def _said(sentence: Sentence) -> str:
    return say(sentence, cell)


def _place(declared: Change | FieldChange) -> str:
    return _where(declared.source, declared.commit)


def _where(source: Span | None, commit: Commit | None = None) -> str:
    """Return a place; a commit's id stands for itself, so that the platforms link it."""
    shown = [cell(effects.place(source))] if source else []
    if commit and _COMMIT.fullmatch(commit.id):
        shown.append(commit.id[: effects.COMMIT_DIGITS])
    return " ".join(shown)


def _step(step: ManualStep) -> str:
    where = f" ({code(effects.place(step.source))})" if step.source else ""
    lines = [f"- [ ] {code(str(step.address))}: {code(step.panel)}{where}"]
    lines += [f"  - {code(line)}" for line in step.todo]
    lines += [f"  - then apply sets {code(line)}" for line in step.then]
    if not step.verifiable:
        lines.append(f"  - then acknowledge {code(step.id)} in `provisioner.yaml`")
    if step.hint:
        lines.append(f"  - hint: {code(step.hint, words.LONGEST)}")
    return "\n".join(lines) + "\n"


def _foot(content: Plan) -> str:
    lines = []
    if undeclared := review.undeclared(content):
        lines.append(say(undeclared, code))
    if content.effective:
        lines += [said for said in (review.mails(content),) if said]
        lines.append(review.cost(content.requests))
    if content.coverage.falling and (left_out := review.not_counted(content)):
        lines.append(left_out)
    if not content.empty:
        lines.append(f"Every value, and coverage by department and hour: {_WHOLE}.")
    said = "  \n".join(lines)
    return f"---\n\n{said}\n" if lines else ""
