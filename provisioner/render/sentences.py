"""Sentences: rows of parts, of which those from files or from the account are marked.

Each format has exactly one way to make a `Quoted` part harmless; nothing of it may stand in any
other part.
"""

from collections.abc import Callable, Iterable


class Quoted(str):
    """Text from files or from the account."""

    __slots__ = ()


Sentence = tuple[str, ...]
"""Parts of a sentence: the program's own words, and `Quoted` ones."""


def to_text(sentence: Iterable[str], quote: Callable[[str], str]) -> str:
    """Return a sentence as text.

    Args:
        sentence: its parts.
        quote: makes a quoted part harmless for the format.
    """
    return "".join(quote(part) if isinstance(part, Quoted) else part for part in sentence)


def joined(sentences: Iterable[Sentence], mark: str = ", ") -> Sentence:
    """Return several sentences as one."""
    parts: list[str] = []
    for sentence in sentences:
        parts += [mark, *sentence] if parts else sentence
    return tuple(parts)
