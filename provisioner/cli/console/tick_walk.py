"""The walk of `provisioner manual done`: asks page by page what is done."""

from collections.abc import Collection
from textwrap import indent

import click

from provisioner.cli.console.output import Console
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.work_list import WorkEntry, WorkList, WorkPage
from provisioner.render.readable import count
from provisioner.render.review import work_texts

YES, NO, VALUE, PAGE, QUIT = "y", "n", "v", "a", "q"
_HELP = "y: done, n: not yet, v: done for everybody with this value, a: all of this page, q: quit"


class TickWalk:
    """Asks for each step that a person may acknowledge whether it is done."""

    def __init__(self, console: Console, ready: Collection[ManualStep]) -> None:
        """Take the output, and the steps to ask for."""
        self._console = console
        self._ready = {step.id for step in ready}
        self.done: dict[str, ManualStep] = {}

    def walk(self, work: WorkList) -> None:
        """Walk the pages of a work list until all of it is asked, or the user quits."""
        pages = [(page, entries) for page in work.pages if (entries := self._entries(page))]
        self._console.print_note(_HELP)
        for number, (page, entries) in enumerate(pages, 1):
            link = f"  {page.link}" if page.link else ""
            self._console.print_note(f"\n{page.panel}  (page {number} of {len(pages)}){link}")
            if not self._walk_page(page, entries):
                return

    def _entries(self, page: WorkPage) -> list[WorkEntry]:
        return [entry for entry in page.entries if self._steps(entry)]

    def _steps(self, entry: WorkEntry) -> list[ManualStep]:
        """Return the steps of an entry to ask for; no step is asked for twice."""
        return [one for one in entry.steps if one.id in self._ready and one.id not in self.done]

    def _walk_page(self, page: WorkPage, entries: list[WorkEntry]) -> bool:
        """Ask for the entries of a page; return False if the user quits."""
        rest = {step.id: step for entry in entries for step in self._steps(entry)}
        for entry in entries:
            steps = self._steps(entry)
            self._show(entry, page, steps)
            labels = {person.address: f"{person.label}: done?" for person in entry.people}
            for step in steps:
                rest.pop(step.id)
                answer = _ask(labels[step.address] if len(steps) > 1 else "done?")
                if answer == QUIT:
                    return False
                if answer == NO:
                    continue
                self.done[step.id] = step
                if answer == PAGE:
                    self.done |= {one.id: one for one in steps[steps.index(step) :]} | rest
                    return True
                if answer == VALUE:
                    self.done |= {one.id: one for one in steps[steps.index(step) :]}
                    for one in steps:
                        rest.pop(one.id, None)
                    break
        return True

    def _show(self, entry: WorkEntry, page: WorkPage, steps: list[ManualStep]) -> None:
        """Print what an entry sets, with whole texts, and for how many agents."""
        for line in work_texts.todo_lines(entry, page):
            self._console.print_note(f"  {line}")
        for name, text in entry.texts.items():
            if "\n" in text:
                self._console.print_note(f"    {name}:\n{indent(text, '      ')}")
        for hint in entry.hints:
            self._console.print_note(f"    {hint}")
        if len(steps) > 1:
            self._console.print_note(f"  for {count(len(steps), 'agent')}:")


def _ask(question: str) -> str:
    answer: str = click.prompt(
        f"    {question}",
        type=click.Choice([YES, NO, VALUE, PAGE, QUIT], case_sensitive=False),
        default=NO,
        show_default=False,
        err=True,
    )
    return answer
