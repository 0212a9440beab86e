"""Cells and rows of tables in Markdown that GitHub and GitLab both read."""

import re

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.planning.changes import Change, Commit, FieldChange
from provisioner.render.markdown.foreign_text import cell, code_cell
from provisioner.render.review.change_texts import COMMIT_DIGITS, source_text
from provisioner.render.sentences import Sentence, to_text

_COMMIT = re.compile("[0-9a-f]{40}")


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |\n"


def head(*columns: str) -> str:
    """Return the first two rows of a table: the columns, and the line below them."""
    return row(*columns) + row(*("---" for _ in columns))


def who(change: Change, *, short: bool = False) -> str:
    """Return the changed object: an agent by name and email, or in short by email."""
    name = (change.after or change.before or {}).get("name")
    shown = code_cell(key(change))
    return f"{cell(name)} {shown}" if name and not short and is_agent(change) else shown


def key(change: Change) -> str:
    """Return an agent's email, or the address of anything else."""
    return change.address.key if is_agent(change) else str(change.address)


def is_agent(change: Change) -> bool:
    """Return whether a change is of an agent."""
    return change.address.kind is Kind.AGENT


def text(sentence: Sentence) -> str:
    """Return a sentence for a cell."""
    return to_text(sentence, cell)


def place(declared: Change | FieldChange) -> str:
    """Return the place in the files that declares a change or a field."""
    return where(declared.source, declared.commit)


def place_text(place: str) -> str:
    """Return a place of a review as a code span."""
    return code_cell(place) if place else ""


def where(source: Span | None, commit: Commit | None = None) -> str:
    """Return a place in the files; a commit's id is no code span, so that platforms link it."""
    shown = [code_cell(source_text(source))] if source else []
    if commit and _COMMIT.fullmatch(commit.id):
        shown.append(commit.id[:COMMIT_DIGITS])
    return " ".join(shown)
