"""Joiners: invisible characters that some writings need, and that could else hide a difference.

They stay only where they belong, so that two names that look alike are two spellings of one.
"""

import unicodedata

_JOINERS = {"\u200c", "\u200d"}
"""Zero width non-joiner and joiner."""

_VIRAMA = 9
"""The combining class of the sign behind which Indic scripts use both joiners."""

_DRESS = {"\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))}
"""What follows an emoji and belongs to it: how it is drawn, and a tone of skin."""


def belongs(text: str, at: int) -> bool:
    """Tell whether a character is a joiner in a place where it belongs.

    For letters these are the rules of internationalised domain names (RFC 5892, appendix A),
    with letters of the Arabic scripts for its joining types.
    """
    if text[at] not in _JOINERS or not 0 < at < len(text) - 1:
        return False
    before, after = text[at - 1], text[at + 1]
    if unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after).startswith("L")
    if text[at] == "\u200c":
        return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    return _is_emoji(text[:at].rstrip("".join(_DRESS))[-1:]) and _is_emoji(after)


def _is_emoji(char: str) -> bool:
    return bool(char) and unicodedata.category(char) == "So"
