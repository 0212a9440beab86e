"""The section of creations that are probably renames, near the top of a comment."""

from provisioner.planning.suspicion import suspected_renames
from provisioner.render.markdown.code_spans import code
from provisioner.render.markdown.size_budget import Section
from provisioner.render.review import rename_texts
from provisioner.render.review.review import Review
from provisioner.render.sentences import to_text

ROOM = 4_000
"""Bytes of a comment that the section may take."""


def rename_section(review: Review) -> str:
    """Return as many suspected renames as there is room for."""
    if not review.renames:
        return ""
    rows = tuple(
        f"- {to_text(line.text, code)}\n  - {line.advice} {code(line.place)}: {code(line.code)}\n"
        for line in review.renames
    )
    head = f"### {rename_texts.TITLE} ({code(suspected_renames.CODE)})\n\n"
    return Section(ROOM, head, rows).within(ROOM)
