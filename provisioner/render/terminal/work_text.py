"""The work list for a terminal: whole, and in short as a part of a plan."""

from collections import defaultdict
from collections.abc import Iterator

from provisioner.planning.manual.work_list import WorkEntry, WorkList, WorkPage
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review import work_texts
from provisioner.render.sentences import to_text
from provisioner.render.terminal.lines import Line, rendered

NOTHING = "Nothing is left to do by hand."


def draw(plan: Plan, *, color: bool = False, width: int | None = None) -> str:
    """Return the work list of a plan for reading in a terminal.

    Texts of several lines are at the end, without indent, so that they can be copied.

    Args:
        plan: the plan.
        color: whether to add colours.
        width: the number of columns of a line; None folds no line.
    """
    work = plan.work_list
    if not work.pages:
        return rendered([(NOTHING, "bold green")], color=color, width=width)
    lines: list[Line] = [(f"{work_texts.extent(work)}.", "bold")]
    if root := work.root:
        lines.append((readable.harmless(root), "dim"))
    for page in work.pages:
        lines += [("", ""), (readable.harmless(page.panel), "bold")]
        if page.link != root:
            lines.append((f"  {readable.harmless(page.link)}", "dim"))
        for entry in page.entries:
            lines += _entry(entry, page)
    text = rendered([*lines, *_foot(work, plan.target)], color=color, width=width)
    # Texts are never folded, so that a copy has the lines of the value.
    return text + rendered([*_texts(work)], color=color)


def _entry(entry: WorkEntry, page: WorkPage) -> Iterator[Line]:
    """Yield a setting with its box, and the people whom it is for."""
    first, *others = work_texts.todo_lines(entry, page)
    yield f"  [ ] {entry.number}. {readable.harmless(first)}", ""
    indent = " " * len("  [ ] ")  # as that of a folded line
    yield from ((f"{indent}{readable.harmless(line)}", "") for line in others)
    if len(entry.people) > 1 and not entry.names_people:
        names = ", ".join(person.label for person in entry.people)
        yield f"{indent}for {readable.harmless(names)}", "cyan"
    for line in work_texts.then_lines(entry):
        yield f"{indent}then apply sets {readable.harmless(line)}", "dim"
    for hint in entry.hints:
        yield f"{indent}hint: {readable.harmless(hint)}", "dim"


def _foot(work: WorkList, target: str) -> Iterator[Line]:
    yield "", ""
    shown = [entry for entry in work.entries if entry.verifiable]
    if shown:
        numbers = readable.number_ranges([entry.number for entry in shown])
        yield f"The next plan shows whether these are done: {numbers}.", ""
    if len(shown) < len(work.entries):
        others = "the others" if shown else "what is done"
        command = readable.harmless(work_texts.list_command(target, "done"))
        yield f"Tick off {others}: {command}", "bold"


def _texts(work: WorkList) -> Iterator[Line]:
    """Yield each text of several lines once, with the numbers of its entries."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for entry in work.entries:
        for name, text in entry.texts.items():
            if "\n" in text:
                numbers[text].append(f"{entry.number} {name}")
    for text, names in numbers.items():
        yield "", ""
        yield f"Text of {readable.harmless(', '.join(names))}:", "bold"
        yield from ((readable.harmless(line), "") for line in text.split("\n"))


def work_block(work: WorkList, target: str) -> Iterator[Line]:
    """Yield the work list in short, with the command for the whole of it."""
    if not work.pages:
        return
    yield f"{work_texts.TITLE}: {work_texts.extent(work)}", "bold yellow"
    for line in work_texts.short_lines(work):
        yield f"    {to_text(line, readable.brief)}", ""
    for hint in work_texts.hints(work):
        yield f"    hint: {readable.brief(hint)}", "dim"
    yield f"    All values: {readable.brief(work_texts.list_command(target))}", "bold"
    yield "", ""
