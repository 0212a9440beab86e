"""Suggestions for an unknown name or a wrong time, at a bounded cost."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
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


_MEANINGS = {
    # roles, and roles of a membership
    ("admin", "manager"): "administrator administrators superuser root",
    ("manager",): "admin owner head",
    ("owner",): "superadmin boss",
    ("agent", "solver"): "user member operator staff worker",
    ("supervisor",): "lead leader teamlead",
    ("reader",): "viewer observer readonly read-only guest",
    ("solver",): "agent assignee",
    # values
    ("online",): "on true yes available present",
    ("offline",): "off false no unavailable away absent",
    ("grant",): "allow allowed yes true on",
    ("revoke",): "deny denied forbid no false off",
    ("bright",): "light white day",
    ("dark",): "night black dim",
    ("female",): "woman f w",
    ("male",): "man m",
    ("unspecified",): "none unknown other diverse x",
    ("muted",): "none silent silence off",
    ("ignore",): "keep skip none",
    ("report",): "list warn show",
    ("delete",): "remove prune destroy",
    # kinds and keys
    ("agents",): "users people members staff accounts",
    ("departments",): "teams team groups group queues",
    ("profiles",): "templates presets",
    ("extends",): "template templates inherits profile profiles",
    ("email", "tickets"): "mail mails e-mail emails",
    ("email",): "login username address",
    ("calls",): "phone phones telephone voice",
    ("chats",): "messenger livechat",
    ("name",): "firstname first_name fullname full_name lastname label title",
    ("alias",): "nickname nick display_name",
    ("photo",): "avatar picture image",
    ("availability",): "status presence services",
    ("hours",): "schedule shifts working_hours business_hours",
    ("from",): "start starts begin since",
    ("to",): "end ends until till",
    ("days",): "weekdays weekday",
    ("timezone",): "tz zone",
    ("max_load",): "max_chats limit capacity",
    ("url",): "address host base_url endpoint",
    ("api_key",): "key token secret",
    ("requests_per_minute",): "rate_limit limit",
    ("production",): "live",
}
"""Mapping from names to the words of other tools and languages that may mean them."""

_STEM = 3
"""Least number of letters of a name that begins with another one, such as wednesday and wed."""

_TIME = r"(\d{1,2})[:.h]?(\d{2})?(?::\d{2})?\s*(?:([ap])\.?m\.?)?"
"""A time such as 9, 9:00, 9.30, 9h30, 9:00:00 or 5 pm."""


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
        close = self._meant(folded) or self._similar(folded) or self._with_same_stem(folded)
        names = " or ".join(f'"{self._by_fold[name][0]}"' for name in close)
        return f"did you mean {names}?" if close else ""

    def _meant(self, folded: str) -> list[str]:
        """Return the name in another letter case, or the known synonyms."""
        if folded in self._by_fold:
            return [folded]
        meant = [names for names, words in _MEANINGS.items() if folded in words.split()]
        return [name for names in meant for name in names if name in self._by_fold][:2]

    def _similar(self, folded: str) -> list[str]:
        candidates = list(self._by_fold)
        if len(candidates) > CANDIDATES:
            pairs = frozenset(_pairs(folded))
            candidates = nlargest(
                CANDIDATES, candidates, lambda name: len(pairs & self._by_fold[name][1])
            )
        # Imported here: files without mistakes need no suggestion.
        from difflib import get_close_matches  # noqa: PLC0415

        return get_close_matches(folded, candidates, n=2, cutoff=0.6)

    def _with_same_stem(self, folded: str) -> list[str]:
        """Return the first names that begin with the word, or with which it begins."""
        return [
            name
            for name in self._by_fold
            if min(len(name), len(folded)) >= _STEM
            and (name.startswith(folded) or folded.startswith(name))
        ][:2]


def closest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean …?` with the closest known names, or "" if none is close."""
    return Vocabulary(lambda: known).closest(word)


def meant_time(written: object, pattern: str) -> str:
    """Return `did you mean …?` with the HH:MM that another form of a time means, or "".

    Args:
        written: the value, such as "9:00", 9 or "5 pm".
        pattern: a regular expression for the allowed times.
    """
    match = re.fullmatch(_TIME, str(written).strip(), re.IGNORECASE)
    if match is None:
        return ""
    hour, minute, half = int(match[1]), match[2] or "00", (match[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    time = f"{hour:02}:{minute}"
    return f'did you mean "{time}"?' if re.search(pattern, time) else ""


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
