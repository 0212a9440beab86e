"""Each field is read as it was written, and a row that shows less is read as far as it goes."""

from typing import Any

import pytest

from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.codec import Codec, read, write
from provisioner.liveagent.rows.row_checks import OddValueError

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
    assert read(write(values, TABLES[table]), TABLES[table]) == values


def test_two_factor_login_is_never_switched_on() -> None:
    assert write({"two_factor": True}, codecs.SETTINGS) == {}


def test_a_sound_that_goes_is_written_as_null() -> None:
    before = {"sounds": {"new_chat": "chime"}}
    assert write({"sounds": {}}, codecs.SETTINGS, before) == {"sounds": {"new_chat": None}}


def test_what_a_row_leaves_out_is_left_out() -> None:
    assert read({"alias": None, "notifications": {"email": None}}, codecs.SETTINGS) == {"alias": ""}


def test_a_letter_that_no_document_lists_is_left_out() -> None:
    assert read({"name": "Mia", "gender": "Q"}, codecs.AGENT) == {"name": "Mia"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"alias": 7}, "alias"),
        ({"max_chat_load": "many"}, "max_chat_load"),
        ({"max_chat_load": True}, "max_chat_load"),
        ({"notifications": {"slack": {"user": []}}}, "notifications.slack.user"),
        ({"to_solve_only": []}, "to_solve_only"),
        ({"sounds": "loud"}, "sounds"),
    ],
)
def test_a_value_of_a_wrong_type_names_its_field(row: dict[str, Any], field: str) -> None:
    with pytest.raises(OddValueError) as caught:
        read(row, codecs.SETTINGS)
    assert caught.value.path == field
