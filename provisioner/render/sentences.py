"""Sentences: sequences of parts, of which those from files or from the account are marked.

Each format has exactly one way to make a `Quoted` part harmless. Text from outside must never be
part of a sentence without being `Quoted`.
"""

from collections.abc import Callable, Iterable, Sequence

SHOWN_NAMES = 5
"""Names that are listed in a sentence; more are counted."""


class Quoted(str):
    """Text from files or from the account."""

    __slots__ = ()


Sentence = tuple[str, ...]
"""Parts of a sentence: the program's own words, and `Quoted` ones."""


def to_text(sentence: Iterable[str], quote: Callable[[str], str]) -> str:
    """Return a sentence as text."""
    return "".join(quote(part) if isinstance(part, Quoted) else part for part in sentence)


def joined(sentences: Iterable[Sentence], mark: str = ", ") -> Sentence:
    """Return several sentences as one."""
    parts: list[str] = []
    for sentence in sentences:
        parts += [mark, *sentence] if parts else sentence
    return tuple(parts)


def name_list(names: Sequence[str]) -> Sentence:
    """Return the first names of a list, and the number of the others."""
    shown = joined((Quoted(name),) for name in names[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    return (*shown, f" and {more} more") if more > 0 else shown
