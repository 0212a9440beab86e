"""Access that the files do not own, in Markdown: headlines and lists."""

from collections.abc import Iterable, Iterator

from provisioner.render.markdown.code_spans import code
from provisioner.render.markdown.size_budget import Section
from provisioner.render.review.ownership_texts import OwnershipSection
from provisioner.render.sentences import Sentence, to_text


def headlines(phrases: Iterable[Sentence]) -> str:
    """Return one line for each headline, for the head of a comment."""
    lines = "".join(f"- {to_text(phrase, code)}\n" for phrase in phrases)
    return f"{lines}\n" if lines else ""


def ownership_lists(sections: Iterable[OwnershipSection], share: int) -> Iterator[Section]:
    """Yield the urgent sections as lists.

    Args:
        sections: the access that the files do not own.
        share: the bytes that each may take where there is no room for all sections.
    """
    for section in sections:
        if section.urgent:
            rows = tuple(
                f"- {to_text(sentence, code)}{f' ({code(place)})' if place else ''}\n"
                for sentence, place in section.lines
            )
            yield Section(share, f"### {section.title} ({len(rows)})\n\n", rows)
