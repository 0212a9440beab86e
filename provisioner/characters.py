"""Classification of invisible characters, and folding of names.

Checks of files and all output use this one classification: a character that is refused in a file
is shown as an escape where the account has it.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that can move the cursor, hide text or turn its direction. Unassigned code
points (Cn) are not among them: which ones those are depends on the version of Python."""

_SPACES = " \u3000"
"""The visibly different spaces; all others look like the ordinary one."""

_PLANES, _LAST_OF_PLANE = range(0, 0x110000, 0x10000), (0xFFFE, 0xFFFF)


@cache
def _ignorable() -> re.Pattern[str]:
    """Return what finds characters without ink; compiling it takes milliseconds."""
    return re.compile(
        # Default_Ignorable_Code_Point of DerivedCoreProperties.txt, Unicode 16.0.
        "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
        "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
        "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
        # Glyphs without ink: BRAILLE PATTERN BLANK, MUSICAL SYMBOL NULL NOTEHEAD, KHITAN SMALL
        # SCRIPT FILLER, and OBJECT REPLACEMENT CHARACTER, the placeholder of a missing picture.
        "\u2800\U0001d159\U00016fe4\ufffc"
        # Noncharacters: section 23.7 of the Unicode standard.
        "\ufdd0-\ufdef"
        + "".join(chr(plane + last) for plane in _PLANES for last in _LAST_OF_PLANE)
        + "]"
    )


_NON_JOINER, _JOINER = "\u200c", "\u200d"

_EMOJI_STYLE = "\ufe0f"
"""VARIATION SELECTOR-16: the character before it is drawn as an emoji."""

_JOINERS_AND_STYLES = frozenset({_NON_JOINER, _JOINER, _EMOJI_STYLE})
"""Characters that some scripts and emoji need. Names that differ only in these look alike."""

_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
"""Skin tones, which follow their emoji."""

_MORE_EMOJI = frozenset("‼⁉\u2139↔⤴⤵◽◾〰〽")
"""Emoji outside of the category So (emoji-data.txt)."""

_KEYCAP = "[0-9#*]\ufe0f\u20e3"

_FLAG = (
    "\U0001f3f4(?:"
    + "|".join(
        "".join(chr(0xE0000 + ord(letter)) for letter in region)
        for region in ("gbeng", "gbsct", "gbwls")
    )
    + ")\U000e007f"
)
"""The flags that are written with tags (emoji-tag-sequences.txt has only these three)."""

_LONGEST_SEQUENCE = 7
"""Characters of the longest `_KEYCAP` or `_FLAG`."""

_VIRAMA = 9
"""The combining class of the sign after which Indic scripts use both joiners."""


def unseen(text: str) -> Iterator[int]:
    """Yield the positions of invisible characters that the characters around them don't need."""
    # No character of ASCII is ignorable, and the search takes long.
    if not (text.isprintable() and (text.isascii() or _ignorable().search(text) is None)):
        for at, char in enumerate(text):
            if _is_hidden(char) and not _is_needed(text, at):
                yield at


def spelt_out(text: str) -> str:
    r"""Return a text with its invisible characters as escapes such as `\u200b`."""
    if text.isascii() and text.isprintable():
        return text
    hidden = set(unseen(text))
    if not hidden:
        return text
    return "".join(_escape(char) if at in hidden else char for at, char in enumerate(text))


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def described(char: str) -> str:
    """Return a character's code and name, such as `U+00AD (SOFT HYPHEN)`."""
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")


def is_space(char: str) -> bool:
    """Return whether a character is one of the spaces of Unicode."""
    return unicodedata.category(char) == "Zs"


def composed(value: Any) -> Any:
    """Return a value of JSON with all texts in Unicode's composed form (NFC).

    Decomposed letters (`u` and a combining `¨`) look the same and are the same to Unicode.
    Compatibility forms (NFKC) stay apart: a full-width letter looks different.
    """
    match value:
        case str():
            return value if value.isascii() else unicodedata.normalize("NFC", value)
        case dict():
            return {composed(key): composed(part) for key, part in value.items()}
        case list():
            return [composed(part) for part in value]
    return value


def is_ascii(value: Any) -> bool:
    """Return whether a value of JSON certainly has only characters of ASCII."""
    # Python writes other characters as they are or, if they are invisible, as such an escape. One
    # pass in C is much faster than a look at each text.
    shown = repr(value)
    return shown.isascii() and not any(escape in shown for escape in ("\\x", "\\u", "\\U"))


def fold(text: str) -> str:
    """Return the form of a name that is equal for all its spellings.

    Spellings differ in letter case, in composed and decomposed letters, in surrounding blanks, and
    in joiners and emoji styles. Each letter stays one letter: `Straße` and `Strasse` are two names.
    """
    if text.isascii():
        return text.strip().lower()
    whole = unicodedata.normalize("NFC", text.strip())
    chars: list[str] = []
    for at, char in enumerate(whole):
        before = "".join(chars[-3:]) if char in _JOINERS_AND_STYLES else ""
        if char not in _JOINERS_AND_STYLES or not _is_needed(
            before + whole[at : at + 2], len(before)
        ):
            chars.append(char)
    return unicodedata.normalize("NFC", "".join(map(_without_case, chars)))


def _without_case(char: str) -> str:
    whole = char.casefold()
    return whole if len(whole) == 1 else char.lower()


def _is_hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        category in _CATEGORIES
        or (category == "Zs" and char not in _SPACES)
        or _ignorable().match(char) is not None
    )


def _is_needed(text: str, at: int) -> bool:
    """Return whether an invisible character is part of an emoji or needed by its script.

    For letters these are the rules of internationalised domain names (RFC 5892, appendix A),
    with letters of the Arabic scripts for its joining types.
    """
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    match text[at]:
        case "\ufe0f":
            return _is_emoji(before) or _is_inside(_KEYCAP, text, at)
        case "\u200c" | "\u200d" if not (before and after):
            return False
        case "\u200c" | "\u200d" if unicodedata.combining(before) == _VIRAMA:
            return unicodedata.category(after).startswith("L")
        case "\u200c":
            return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
        case "\u200d":
            return _is_emoji(_last_visible(text[max(0, at - 3) : at])) and _is_emoji(after)
    return _is_inside(_FLAG, text, at)


def _last_visible(text: str) -> str:
    """Return the last character of a text without its emoji style and skin tone."""
    text = text.removesuffix(_EMOJI_STYLE)
    return (text[:-1] if text[-1:] in _TONES and len(text) > 1 else text)[-1:]


def _is_emoji(char: str) -> bool:
    return bool(char) and (
        char in _MORE_EMOJI
        or char in _TONES
        or (unicodedata.category(char) == "So" and _ignorable().match(char) is None)
    )


def _is_inside(sequence: str, text: str, at: int) -> bool:
    start = max(0, at - _LONGEST_SEQUENCE)
    around = re.compile(sequence).finditer(text, start, at + _LONGEST_SEQUENCE)
    return any(emoji.start() <= at < emoji.end() for emoji in around)
