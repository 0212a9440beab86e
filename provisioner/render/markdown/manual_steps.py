"""The work list as Markdown: whole for an issue, and in short for the comment of a plan."""

import re
from collections.abc import Iterator

from provisioner.planning.manual.work_list import Person, WorkEntry, WorkPage
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.markdown.foreign_text import LONGEST, block, code, link, quoted
from provisioner.render.markdown.size_budget import Section, size
from provisioner.render.review import work_texts
from provisioner.render.sentences import to_text

LIMIT = 65_000
"""Bytes of the text; GitHub takes 65,536 characters for an issue."""


def draw(plan: Plan) -> str:
    """Return the work list of a plan as a task list, which is always shorter than `LIMIT`."""
    work, target = plan.work_list, code(plan.target)
    head = f"{marker(plan.target)}## "
    if not work.pages:
        return f"{head}✅ Nothing is left to do by hand on {target}\n"
    head += f"To be done by hand on {target}\n\n{work_texts.extent(work)}"
    head += f", in {link(work.root)}.\n" if work.root else ".\n"
    command = code(work_texts.list_command(plan.target))
    foot = "\nThe next list has no task that ticks itself off and is done. "
    done = code(work_texts.list_command(plan.target, "done"))
    foot += f"Acknowledge the others: {done}.\n"
    rows = tuple(row for page in work.pages for row in _rows(page, work.root))
    room = LIMIT - size(foot)
    more = "\n{} more are in the list of " + command + ".\n"
    return Section(room, head, rows, more=more).within(room) + foot


def marker(target: str) -> str:
    """Return the hidden first line by which a later run finds its issue on the same target."""
    return f"<!-- provisioner-manual: {re.sub('[^A-Za-z0-9_.]+', '-', target)[:LONGEST]} -->\n"


def _rows(page: WorkPage, root: str) -> Iterator[str]:
    """Yield a task for each entry; the first has the heading of the page."""
    head = f"\n### {_whole(page.panel)}\n\n"
    if page.link != root:
        head += f"{link(page.link)}\n\n"
    for entry in page.entries:
        yield f"{head}{''.join(_task(entry, page, root))}"
        head = ""


def _task(entry: WorkEntry, page: WorkPage, root: str) -> Iterator[str]:
    first, *others = work_texts.todo_lines(entry, page)
    own = ", *ticks itself off*" if entry.verifiable else ""
    yield f"- [ ] **{entry.number}** {_whole(first)}{own}\n"
    yield from (f"  - {_whole(line)}\n" for line in others)
    if len(entry.people) > 1 and not entry.names_people:
        yield f"  - for {', '.join(_who(person, root) for person in entry.people)}\n"
    yield from (f"  - then apply sets {_whole(line)}\n" for line in work_texts.then_lines(entry))
    yield from (f"  - hint: {_whole(hint)}\n" for hint in entry.hints)
    for name, text in entry.texts.items():
        lines = text.split("\n")
        if len(lines) > 1:
            yield f"  - {_whole(name)}:\n\n{block(lines, indent=4)}\n"


def _who(person: Person, root: str) -> str:
    return _whole(person.label) if person.link == root else link(person.link, person.label)


def _whole(text: str) -> str:
    return quoted(text, len(text))


def rows_in_short(plan: Plan) -> tuple[str, ...]:
    """Return a row for each line of the work list in short."""
    work = plan.work_list
    return (
        *(f"- {to_text(line, quoted)}\n" for line in work_texts.short_lines(work)),
        *(f"- hint: {code(hint, readable.LONGEST)}\n" for hint in work_texts.hints(work)),
    )
