"""Plans as Markdown for a comment on a pull request, on GitHub and GitLab alike.

`foreign_text` makes text from files and from the account harmless. The comment counts what it has
no room for. Losses of access are cut last.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from provisioner.diagnostics import Diagnostic
from provisioner.render import readable
from provisioner.render.markdown.access_sections import gain_section, loss_section
from provisioner.render.markdown.change_sections import group_sections
from provisioner.render.markdown.foreign_text import LONGEST, code, quoted
from provisioner.render.markdown.manual_steps import rows_in_short
from provisioner.render.markdown.size_budget import Section, fit, size
from provisioner.render.markdown.top_sections import (
    headlines,
    ownership_lists,
    placed_rows,
    rename_section,
    waiver_section,
)
from provisioner.render.review import (
    change_texts,
    coverage_falls,
    off_boarding,
    plan_notes,
    policy_lines,
    work_texts,
)
from provisioner.render.review.change_groups import ChangeGroup
from provisioner.render.review.ownership_texts import exception_lines
from provisioner.render.review.review import UNDECLARED, WARNINGS_TITLE, Mood, Review
from provisioner.render.review.titles import report_command
from provisioner.render.sentences import SHOWN_NAMES, Sentence, name_list, to_text

LIMIT = 65_000
"""Bytes of a comment. GitHub takes 65,536 characters; the tool that posts it may add a line."""

FOR_REFUSALS = 4_000
"""Bytes of it that the reasons of a refusal may take."""

FOR_POLICY = 8_000
"""Bytes of it that the changed settings may take."""

FOR_OTHERS = 3_000
"""Bytes of it that are kept for everything but the losses of access."""

_SIGNS = {Mood.REFUSED: "⛔", Mood.LOSES: "⚠️", Mood.CHANGES: "✅", Mood.NOTHING: "✅"}

_SHARES = {
    "consent": 4_000,
    "ownership": 5_000,
    "coverage": 4_000,
    "joins": 8_000,
    "shared": 2_000,
    "moves": 4_000,
    "changes": 9_000,
    "leaves": 4_000,
    "structure": 4_000,
    "values": 6_000,
    "texts": 6_000,
    "leaving": 4_000,
    "held": 3_000,
    "manual": 8_000,
}
"""Bytes of each section where there is no room for all of them."""


def draw(review: Review) -> str:
    """Return a plan as a comment, which is always shorter than `LIMIT`."""
    head, foot = _head(review), _foot(review)
    gains = gain_section(review.gains)
    losses = loss_section(review.equal_losses, LIMIT - size(head + gains + foot) - FOR_OTHERS)
    room = LIMIT - size(head + gains + losses + foot)
    return f"{head}{gains}{losses}{fit([*_sections(review)], room)}{foot}"


def marker(target: str, name: str = "plan") -> str:
    """Return the hidden first line by which a later run finds its comment on the same target."""
    return f"<!-- provisioner-{name}: {re.sub('[^A-Za-z0-9_.]+', '-', target)[:LONGEST]} -->\n"


def _head(review: Review) -> str:
    plan = review.plan
    title = f"{to_text(review.title, quoted)}: {to_text(review.verdict, quoted)}"
    name = "diff" if plan.versions else "plan"
    head = f"{marker(plan.target, name)}## {_SIGNS[review.mood]} {title}\n\n"
    unowned = headlines(review.headlines)
    if plan.settled:
        return f"{head}{review.nothing}\n\n{unowned}{_rules(review)}"
    counts = f"**{to_text(review.counts, quoted)}**\n\n"
    refused = _reasons("Why it is refused", plan.refused)
    unconfirmed = _reasons("Not confirmed", review.unconfirmed)
    first = f"{head}{counts}{unowned}{refused}"
    return f"{first}{_policy(review)}{rename_section(review)}{unconfirmed}{_rules(review)}"


def _rules(review: Review) -> str:
    """Return the warnings of rules, and what is waived."""
    return _reasons(WARNINGS_TITLE, review.warnings) + waiver_section(review)


def _policy(review: Review) -> str:
    """Return as many changed settings as there is room for, the riskiest first."""
    if not review.policy:
        return ""
    rows = placed_rows(review.policy)
    head = f"### {policy_lines.title(review.plan)} ({len(rows)})\n\n"
    if review.policy_note:
        head += f"{to_text(review.policy_note, quoted)}\n\n"
    return Section(FOR_POLICY, head, rows).within(FOR_POLICY)


def _reasons(title: str, diagnostics: Iterable[Diagnostic]) -> str:
    """Return the reasons of a refusal, or warnings."""
    rows = tuple(map(_reason, diagnostics))
    return Section(FOR_REFUSALS, f"### {title}\n\n", rows).within(FOR_REFUSALS) if rows else ""


def _reason(reason: Diagnostic) -> str:
    hint = f"  - hint: {quoted(reason.hint, readable.LONGEST)}\n" if reason.hint else ""
    return f"- {quoted(reason.summary, readable.LONGEST)} ({code(reason.code)})\n{hint}"


def _sections(review: Review) -> Iterator[Section]:
    yield from _sentences("consent", f"### {plan_notes.CONSENT_TITLE}", review.consent)
    yield from _sentences("coverage", f"### {coverage_falls.TITLE}", _coverage(review))
    yield from ownership_lists(review.ownership, _SHARES["ownership"])
    for group in review.groups:
        yield from _group(group)
    for share, title, sentences in (
        ("leaving", off_boarding.TITLE, review.off_boarding),
        ("held", off_boarding.HELD_TITLE, review.held),
    ):
        yield from _sentences(share, f"### {title}", sentences)
    yield from _manual(review)


def _coverage(review: Review) -> tuple[Sentence, ...]:
    return (*review.falls, *((review.shrinks,) if review.shrinks else ()))


def _sentences(share: str, title: str, sentences: Iterable[Sentence]) -> Iterator[Section]:
    rows = tuple(f"- {to_text(sentence, quoted)}\n" for sentence in sentences)
    if rows:
        yield Section(_SHARES[share], f"{title}\n\n", rows)


def _manual(review: Review) -> Iterator[Section]:
    if review.plan.open_steps:
        extent = work_texts.extent(review.plan.work_list)
        command = code(work_texts.list_command(review.plan.target))
        head = f"### To be done by hand\n\n{extent}. All values: {command}.\n\n"
        yield Section(_SHARES["manual"], head, rows_in_short(review.plan))


def _group(group: ChangeGroup) -> Iterator[Section]:
    sections = group_sections(group, _SHARES, "###" if group.attribution is None else "####")
    if group.attribution is None:
        yield from sections
        return
    first, *others = sections
    yield replace(first, head=f"### {change_texts.TITLES[group.attribution]}\n\n{first.head}")
    yield from others


def _foot(review: Review) -> str:
    lines = []
    if review.undeclared:
        lines.append(f"{UNDECLARED}: {to_text(name_list(review.undeclared), quoted)}.")
    lines += [
        to_text(sentence, quoted) for sentence in exception_lines(review.ownership, SHOWN_NAMES)
    ]
    if review.not_looked_at:
        lines.append(to_text(review.not_looked_at, quoted))
    lines += [to_text(sentence, quoted) for sentence in review.notes]
    lines += [line for line in (*review.risks, review.mails, review.cost) if line]
    if review.plan.coverage.falling and review.not_counted:
        lines.append(review.not_counted)
    if not review.plan.settled:
        report = f"the whole report ({code(report_command(review.plan))})"
        lines.append(f"Every value, and coverage by department and hour: {report}.")
    if review.revision_text:
        lines.append(f"Planned from {_revision(review)}.")
    return "---\n\n" + "  \n".join(lines) + "\n" if lines else ""


def _revision(review: Review) -> str:
    """Return the commit and its day; the commit is a link if its address is known."""
    commit, *rest = review.revision_text
    shown, url = code(commit), review.revision.web
    return f"{f'[{shown}]({url})' if url else shown}{to_text(rest, quoted)}"
