"""Sections near the top of a comment: suspected renames, and access that the files do not own."""

from collections.abc import Iterable, Iterator

from provisioner.planning.suspicion import suspected_renames
from provisioner.render.markdown.foreign_text import code, quoted
from provisioner.render.markdown.size_budget import Section
from provisioner.render.review import policy_lines, rename_texts
from provisioner.render.review.ownership_texts import OwnershipSection
from provisioner.render.review.review import Review
from provisioner.render.sentences import Sentence, to_text


def headlines(phrases: Iterable[Sentence]) -> str:
    """Return one line for each headline, for the head of a comment."""
    lines = "".join(f"- {to_text(phrase, quoted)}\n" for phrase in phrases)
    return f"{lines}\n" if lines else ""


def ownership_lists(sections: Iterable[OwnershipSection], share: int) -> Iterator[Section]:
    """Yield the urgent sections as lists.

    Args:
        sections: the access that the files do not own.
        share: the bytes that each may take where there is no room for all sections.
    """
    for section in sections:
        if section.urgent:
            rows = placed_rows(section.lines)
            yield Section(share, f"### {section.title} ({len(rows)})\n\n", rows)


def placed_rows(lines: Iterable[tuple[Sentence, str]]) -> tuple[str, ...]:
    """Return an entry of a list for each sentence, with its place in the files."""
    return tuple(
        f"- {to_text(sentence, quoted)}{f' ({code(place)})' if place else ''}\n"
        for sentence, place in lines
    )


ROOM = 4_000
"""Bytes of a comment that one of the sections below may take."""


def waiver_section(review: Review) -> str:
    """Return as many waivers as there is room for, those that end soon first."""
    rows = placed_rows(review.waivers)
    head = f"### {policy_lines.WAIVERS} ({len(rows)})\n\n"
    return Section(ROOM, head, rows).within(ROOM) if rows else ""


def rename_section(review: Review) -> str:
    """Return as many suspected renames as there is room for."""
    if not review.renames:
        return ""
    rows = tuple(
        f"- {to_text(line.text, quoted)}\n  - {line.advice} {code(line.place)}: {code(line.code)}\n"
        for line in review.renames
    )
    head = f"### {rename_texts.TITLE} ({code(suspected_renames.CODE)})\n\n"
    return Section(ROOM, head, rows).within(ROOM)
