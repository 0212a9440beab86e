"""Reads a line that is being typed in a shell, and writes words so that the shell reads them back.

The rules are those of bash for blanks, quotes and backslashes. Variables and commands in the line
are not expanded.
"""

from dataclasses import dataclass

_PLAIN = frozenset("_-./@%+=:,")
"""Characters besides letters and digits that need no backslash."""

_SPECIAL_IN_QUOTES = frozenset('"$`\\')


@dataclass(slots=True)
class TypedWord:
    """A word, complete or not.

    Attributes:
        raw: the word as it is typed.
        text: the word without its quotes and backslashes.
        quote: the quote that is still open; "" if none is.
    """

    raw: str = ""
    text: str = ""
    quote: str = ""


def typed_words(line: str) -> list[TypedWord]:
    """Return the words of a line up to the cursor; the last one is that at the cursor.

    It is empty if the line ends with a blank.
    """
    words, word, escaped = [], TypedWord(), False
    for character in line:
        if character.isspace() and not (word.quote or escaped):
            if word.raw:
                words.append(word)
            word = TypedWord()
            continue
        word.raw += character
        if escaped:
            escaped = False
            is_kept = word.quote == '"' and character not in _SPECIAL_IN_QUOTES
            word.text += f"\\{character}" if is_kept else character
        elif character == "\\" and word.quote != "'":
            escaped = True
        elif character == word.quote:
            word.quote = ""
        elif character in "\"'" and not word.quote:
            word.quote = character
        else:
            word.text += character
    return [*words, word]


def quoted(text: str, quote: str) -> str | None:
    """Return a text as the shell reads it inside of a quote, or outside of any.

    Args:
        text: the text.
        quote: the quote that is open; "" for none.

    Returns:
        The text with backslashes; None if it can't be written there.
    """
    if quote == "'":
        return text.replace("'", r"'\''")
    if quote == '"':
        # The history is expanded inside of these quotes, and a backslash would stay in the text.
        if "!" in text:
            return None
        return "".join(f"\\{one}" if one in _SPECIAL_IN_QUOTES else one for one in text)
    return "".join(one if one.isalnum() or one in _PLAIN else f"\\{one}" for one in text)
