"""Plans as Markdown for a comment on a pull request, for GitHub and GitLab alike.

Whatever comes from files or from the account stands in code spans and nowhere else: there, neither
platform sees markup, HTML, links, mentions, references or emoji. What the comment has no room for
is said to be missing; who loses access is the last to be cut.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Change, Commit, FieldChange
from provisioner.planning.manual import ManualStep
from provisioner.planning.plan import Plan
from provisioner.render import effects, review, words
from provisioner.render.budget import Section, fit, size
from provisioner.render.codespan import LONGEST, cell, code
from provisioner.render.effects import Cause, Group, Sentence
from provisioner.render.review import Mood

LIMIT = 65_000
"""Bytes of a comment. GitHub takes 65,536 characters; what posts it may want to add a line."""

FOR_REFUSALS = 4_000
"""Bytes of it that the reasons of a refusal may take."""

FOR_LOSSES = 50_000
"""Bytes of it that the list of who loses access may take."""

SHORT = 50
"""The same where a table tells only the main thing."""

SHOWN_EFFECTS = 4
"""Effects of a change that its row tells; all of them stand in the folded table."""

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
    losses = _losses(content)
    room = LIMIT - size(head + losses + foot)
    return f"{head}{losses}{fit([*_sections(content)], room)}{foot}"


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


def _losses(content: Plan) -> str:
    """Return who loses access: in a table, or by name only where there are too many for that."""
    losing = review.losses(content)
    if not losing:
        return ""
    title = f"### Who loses access ({len(losing)})\n\n"
    table = Section(
        FOR_LOSSES,
        f"{title}{_row('Who', 'What', 'Where')}{_row('---', '---', '---')}",
        tuple(_row(_who(change), _said(lost), _place(change)) for change, lost in losing),
    )
    if size(table.whole) <= FOR_LOSSES:
        return table.whole
    names = Section(
        FOR_LOSSES,
        f"{title}Too many for a table, so here are the names; what each loses stands in "
        f"{_WHOLE}.\n\n",
        tuple(f"{code(_key(change))} · " for change, _ in losing),
        tail="\n",
        more="\n\n**{} more lose access, for whom there is no room here.**\n",
    )
    return names.within(FOR_LOSSES)


def _sections(content: Plan) -> Iterator[Section]:
    for share, title, sentences in (
        ("coverage", "### Coverage falls", review.falls(content)),
        ("rights", "### Rights change", review.rights(content)),
    ):
        if sentences:
            rows = tuple(f"- {effects.say(sentence, code)}\n" for sentence in sentences)
            yield Section(_SHARES[share], f"{title}\n\n", rows)
    for group in effects.groups(content.effective):
        yield from _group(group)
    if content.open_steps:
        head = "### To be done by hand\n\nThe API of this account can't do these.\n\n"
        yield Section(_SHARES["manual"], head, tuple(map(_step, content.open_steps)))


def _group(group: Group) -> Iterator[Section]:
    if group.origin is None:
        yield from _tables(group, "###")
        return
    first, *others = _tables(group, "####")
    yield replace(first, head=f"### {effects.TITLES[group.origin]}\n\n{first.head}")
    yield from others


def _tables(group: Group, level: str) -> Iterator[Section]:
    causes, movers = effects.causes(group.movers)
    yield from _table(
        "causes",
        f"{level} Changed by a profile",
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
        make = _joiner if share == "joiners" else _mover
        yield from _table(share, f"{level} {title} ({len(changes)})", columns, map(make, changes))
    yield from _fields((*group.joiners, *movers, *group.leavers, *group.structure))


def _fields(changes: tuple[Change, ...]) -> Iterator[Section]:
    """Yield every value before and after, folded."""
    rows = tuple(row for change in changes for row in (*_updated(change), *_created(change)))
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


def _created(change: Change) -> Iterator[str]:
    """Yield the values of an object that comes, as far as its row does not tell them."""
    for name, value in effects.created(change):
        if name not in {"role", "departments"}:
            yield _row(_who(change, short=True), cell(name), "", cell(value), _place(change))


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


def _joiner(change: Change) -> str:
    after = change.after or {}
    departments = [cell(words.membership(*item)) for item in after.get("departments", {}).items()]
    said = f" ({effects.REASONS[change.reason]})" if change.reason in effects.REASONS else ""
    return _row(
        f"{_who(change)}{said}",
        cell(words.value(after.get("role", "agent"))),
        ", ".join(departments[:SHOWN_EFFECTS]) + _more(len(departments)) or "none",
        _place(change),
    )


def _mover(change: Change) -> str:
    said = [effects.REASONS[change.reason]] if change.reason in effects.REASONS else []
    if change.action is Action.UPDATE:
        shown = change.fields[:SHOWN_EFFECTS]
        said += [effects.say(effects.effect(field), _short) for field in shown]
    else:
        said.append("is created" if change.action is Action.CREATE else "is deleted")
    return _row(_who(change), "; ".join(said) + _more(len(change.fields)), _place(change))


def _more(number: int) -> str:
    return f" and {number - SHOWN_EFFECTS} more" if number > SHOWN_EFFECTS else ""


def _said(sentence: Sentence) -> str:
    return effects.say(sentence, cell)


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
        lines.append(effects.say(undeclared, code))
    if content.effective:
        lines += [said for said in (review.mails(content),) if said]
        lines.append(review.cost(content.requests))
    if content.coverage.falling and (left_out := review.not_counted(content)):
        lines.append(left_out)
    if not content.empty:
        lines.append(f"Every value, and coverage by department and hour: {_WHOLE}.")
    said = "  \n".join(lines)
    return f"---\n\n{said}\n" if lines else ""
