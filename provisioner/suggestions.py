"""Suggestions of close names for an unknown name, at a bounded cost."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from heapq import nlargest
from itertools import pairwise

LONGEST = 255
"""Maximum length of a name that is compared."""

CANDIDATES = 20
"""Number of names that are compared in full; that is slow, so a quick filter chooses them."""

LISTED = 10
"""Number of known names that a hint lists if none is close."""

SHOWN_NAMES = 10
"""How many names a refusal lists."""


class Vocabulary:
    """Known names, prepared when the first suggestion is needed."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        """Take a function that returns the names."""
        self._names = names

    @cached_property
    def _by_fold(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Folded name to the name and its pairs of letters."""
        return {
            folded: (name, frozenset(_pairs(folded)))
            for name in sorted(self._names())
            if len(name) <= LONGEST
            for folded in (name.casefold(),)
        }

    def closest(self, word: str) -> str:
        """Return `did you mean …?` with the closest known names, or "" if none is close."""
        if len(word) > LONGEST:
            return ""
        folded = word.casefold()
        candidates = list(self._by_fold)
        if len(candidates) > CANDIDATES:
            pairs = frozenset(_pairs(folded))
            candidates = nlargest(
                CANDIDATES, candidates, lambda name: len(pairs & self._by_fold[name][1])
            )
        close = get_close_matches(folded, candidates, n=2, cutoff=0.6)
        names = " or ".join(f'"{self._by_fold[name][0]}"' for name in close)
        return f"did you mean {names}?" if close else ""


def closest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean …?` with the closest known names, or "" if none is close."""
    return Vocabulary(lambda: known).closest(word)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint with the closest known names, or with all known names if none is close."""
    names = sorted(known)
    return closest(word, names) or known_names(names)


def known_names(names: list[str]) -> str:
    """Return a hint that lists known names, the first ones of many."""
    if not names:
        return ""
    shown = ", ".join(f'"{name}"' for name in names[:LISTED])
    return f"known: {shown}" + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")


def shown_names(names: Sequence[str]) -> str:
    """Return the first names as a list, and how many there are besides."""
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def _pairs(text: str) -> Iterator[str]:
    return map("".join, pairwise(text))
