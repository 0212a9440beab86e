# ruff: noqa: RUF001  (letters that look alike are what this is about)
"""Characters that can't be seen, and spellings of one name."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.characters import composed, described, fold, spelt_out, unseen

HIDDEN = [
    *(0x00, 0x07, 0x09, 0x0A, 0x1B, 0x7F, 0x85, 0xA0, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160),
    *(0x1680, 0x17B4, 0x17B5, 0x180B, 0x180E, 0x180F, 0x2003, 0x200B, 0x200C, 0x200D, 0x200E),
    *(0x2028, 0x2029, 0x202E, 0x202F, 0x2060, 0x2065, 0x2066, 0x2800, 0x3164, 0xD83D, 0xE000),
    *(0xFDD0, 0xFE00, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0, 0xFFF9, 0xFFFC, 0xFFFF),
    *(0x16FE4, 0x1BCA0, 0x1D159, 0x1D173, 0xE0001, 0xE0041, 0xE0100, 0xE01EF, 0xF0000, 0x10FFFF),
]
NEEDED = [
    "❤️ Team",
    "‼️ urgent",
    "👩‍💻 desk",
    "👩🏽‍💻 desk",
    "🏳️‍🌈",
    "👨‍👩‍👧‍👦",
    "1️⃣ level",
    "#️⃣",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England",
    "می\u200cخواهم",
    "क्\u200dष",
    "山田\u3000太郎",
    "e\u0301",
]
UNNEEDED = [
    "a\ufe0f",
    "❤️\ufe0f",
    "❤\ufe0e",
    "1\ufe0f",
    "Gr\u200dain",
    "👩\u200d",
    "\u200d👩",
    "م\u200c",
    "क्\u200d1",
    "🏴\U000e0067\U000e0062\U000e007f",
    "x\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]


@pytest.mark.parametrize("code", HIDDEN, ids=lambda code: f"U+{code:04X}")
def test_a_character_that_can_not_be_seen_is_found_and_spelt_out(code: int) -> None:
    text = f"Gr{chr(code)}ain"
    assert [*unseen(text)] == [2]
    escape = f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    assert spelt_out(text) == f"Gr{escape}ain"
    assert described(chr(code)).startswith(f"U+{code:04X}")


@pytest.mark.parametrize("text", NEEDED, ids=ascii)
def test_what_an_emoji_or_a_writing_needs_is_left(text: str) -> None:
    assert [*unseen(text)] == []
    assert spelt_out(text) == text


@pytest.mark.parametrize("text", UNNEEDED, ids=ascii)
def test_nothing_is_left_where_nothing_needs_it(text: str) -> None:
    assert [*unseen(text)] != []


@pytest.mark.no_cover
def test_every_category_of_what_can_not_be_seen_is_found() -> None:
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
            assert [*unseen(f"a{chr(code)}b")] == [1], hex(code)
        elif category[0] in "LNP":
            assert [*unseen(chr(code))] == [] or code in HIDDEN, hex(code)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M\u00fchle", "Mu\u0308hle"),
        ("M\u00fcHLE", "mu\u0308hle"),
        ("Å", "\u212b"),
        ("ΟΔΟΣ", "οδος"),
        ("\u1e9e", "ß"),
        (" Grain ", "grain"),
        ("❤️ Team", "❤ team"),
        ("👩‍💻", "👩💻"),
        ("می\u200cخواهم", "میخواهم"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "Strasse"), ("Ｓales", "Sales"), ("ﬁn", "fin"), ("é", "e"), ("ı", "i"), ("²", "2")],
)
def test_names_that_look_different_are_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


FOREIGN = st.text(
    st.characters() | st.sampled_from("\u200c\u200d\ufe0f❤👩🏽\u094dकمآΣς\u0345\u0308uÜ"),
    max_size=12,
)


@given(FOREIGN)
def test_folding_twice_is_folding_once_in_each_form(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, text)) == folded


@given(st.dictionaries(FOREIGN, FOREIGN | st.lists(FOREIGN) | st.none()))
def test_composing_reaches_every_text(data: dict[str, object]) -> None:
    assert composed(composed(data)) == composed(data)
    assert unicodedata.is_normalized("NFC", str(composed(data)))
