"""Each field is read as it was written, and a row that shows less is read as far as it goes."""

from typing import Any

import pytest

from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.codec import Codec, read, without_defaults, write
from provisioner.planning.changes import at

EXAMPLES: dict[str, list[Any]] = {
    "email": ["mia@acme.example"],
    "name": ["Mia Chen"],
    "gender": ["male", "female", "unspecified"],
    "alias": ["Mia", ""],
    "to_solve_only": [True, False],
    "notifications.slack.user": ["U02ABC", ""],
    "signature": ["Mia\nSupport", ""],
    "chat.max_load": [1, 10],
    "chat.priority": [1, 100],
    "panel.theme": ["dark", "bright"],
    "level": ["Expert", ""],
    "sounds": [{"new_chat": "chime"}, {}],
    "two_factor": [False],
    "role": ["reader", "manager"],
    "change_own_status": [True, False],
}
TABLES = {"agent": codecs.AGENT, "settings": codecs.SETTINGS, "membership": codecs.MEMBERSHIP}
WRITTEN = [
    (name, codec, value)
    for name, table in TABLES.items()
    for codec in table
    for value in EXAMPLES.get(".".join(codec.path), [True, False])
    if codec.writable(value)
]


def nested(path: tuple[str, ...], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def label(part: Any) -> str:
    """Return an id that is the same in each process of a run."""
    return ".".join(part.path) if isinstance(part, Codec) else str(part)


@pytest.mark.parametrize(("table", "codec", "value"), WRITTEN, ids=label)
def test_a_field_is_read_as_it_was_written(table: str, codec: Codec, value: Any) -> None:
    values = nested(codec.path, value)
    fields = read(write(values, TABLES[table]), TABLES[table])
    assert at(codec.path, fields) == value


def test_two_factor_login_is_never_switched_on() -> None:
    assert write({"two_factor": True}, codecs.SETTINGS) == {}


def test_a_sound_that_goes_is_written_as_null() -> None:
    before = {"sounds": {"new_chat": "chime"}}
    assert write({"sounds": {}}, codecs.SETTINGS, before) == {"sounds": {"new_chat": None}}


def problems_of(row: dict[str, Any], table: str) -> dict[str, tuple[str, bool]]:
    """Return each field with an unknown value: its problem, and whether it is only left out."""
    problems: dict[str, tuple[str, bool]] = {}

    def report(codec: Codec, problem: str, left_out: bool) -> None:
        problems[".".join(codec.keys)] = problem, left_out

    read(row, TABLES[table], report)
    return problems


@pytest.mark.parametrize("row", [{}, {"alias": None, "sounds": None}])
def test_null_and_a_missing_key_are_an_empty_text(row: dict[str, Any]) -> None:
    fields = read({**row, "notifications": {"slack": {}}}, codecs.SETTINGS)
    assert fields == {
        **dict.fromkeys(("alias", "photo", "signature", "level"), ""),
        "notifications": {"slack": {"user": ""}},
        "sounds": {},
    }


@pytest.mark.parametrize("row", [{}, {"gender": None, "twofactor_auth": None}])
def test_a_missing_field_has_the_documented_default_where_the_account_sends_any(
    row: dict[str, Any],
) -> None:
    assert read(row, codecs.AGENT) == {"gender": "unspecified", "two_factor": False}
    assert read(row, without_defaults(codecs.AGENT)) == {}


def test_a_field_without_a_default_is_reported_as_left_out() -> None:
    assert problems_of({"voice_status": None}, "agent") == {
        "email": ("is missing", True),
        "name": ("is missing", True),
        "voice_status": ("is null", True),
    }


def test_a_letter_that_no_document_lists_is_reported() -> None:
    row = {"name": "Mia", "email": "m@acme.example", "gender": "Q", "voice_status": "N"}
    assert read(row, codecs.AGENT)["name"] == "Mia"
    assert problems_of(row, "agent") == {"gender": ('is "Q"; one of M, F, X is expected', False)}


def test_numbers_have_several_forms() -> None:
    for value in (4, 4.0, "4"):
        assert read({"max_chat_load": value}, codecs.SETTINGS)["chat"] == {"max_load": 4}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"alias": 7}, "alias"),
        ({"max_chat_load": "many"}, "max_chat_load"),
        ({"max_chat_load": True}, "max_chat_load"),
        ({"notifications": {"slack": {"user": []}}}, "notifications.slack.user"),
        ({"to_solve_only": []}, "to_solve_only"),
        ({"max_chat_load": 4.5}, "max_chat_load"),
        ({"max_chat_load": 1e400}, "max_chat_load"),
        ({"sounds": "loud"}, "sounds"),
        ({"sounds": {"new_chat": 1}}, "sounds"),
    ],
)
def test_a_value_of_a_wrong_type_is_reported_with_its_field(
    row: dict[str, Any], field: str
) -> None:
    problem, left_out = problems_of(row, "settings")[field]
    assert "is expected" in problem
    assert not left_out
