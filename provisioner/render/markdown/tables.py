"""Rows of tables in Markdown: who, what and where, as GitHub and GitLab both read them."""

import re

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.planning.changes import Change, Commit, FieldChange
from provisioner.render.markdown.code_spans import cell
from provisioner.render.review import effects
from provisioner.render.sentences import Sentence, to_text

WHOLE = "the whole report (`provisioner show PLANFILE --format html`)"

_COMMIT = re.compile("[0-9a-f]{40}")


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |\n"


def who(change: Change, *, short: bool = False) -> str:
    """Return whom or what a change is about; in short without the name."""
    name = (change.after or change.before or {}).get("name")
    shown = cell(key(change))
    return f"{cell(name)} {shown}" if name and not short and is_agent(change) else shown


def key(change: Change) -> str:
    """Return an agent's email, or the address of anything else."""
    return change.address.key if is_agent(change) else str(change.address)


def is_agent(change: Change) -> bool:
    """Tell whether a change is of an agent."""
    return change.address.kind is Kind.AGENT


def said(sentence: Sentence) -> str:
    """Return a sentence for a cell."""
    return to_text(sentence, cell)


def place(declared: Change | FieldChange) -> str:
    """Return where a change or a field is declared."""
    return where(declared.source, declared.commit)


def where(source: Span | None, commit: Commit | None = None) -> str:
    """Return a place; a commit's id stands for itself, so that the platforms link it."""
    shown = [cell(effects.place(source))] if source else []
    if commit and _COMMIT.fullmatch(commit.id):
        shown.append(commit.id[: effects.COMMIT_DIGITS])
    return " ".join(shown)
