"""Switches as options of the command line, and their table in the documents."""

from pathlib import Path

import pytest

from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.switches import Switches, parse_switches, switch_rows

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_settings_are_read() -> None:
    assert parse_switches([]) == Switches()
    chosen = parse_switches(
        ["per_page_cap=7", "list_deleted_agents=on", "plain_list_status=206", "new_device_preset=N"]
    )
    assert chosen == Switches(
        per_page_cap=7, list_deleted_agents=True, plain_list_status=206, new_device_preset="N"
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("per_page=7", "The sandbox has no switch 'per_page'. Did you mean 'per_page_cap'?"),
        ("zzz", "The sandbox has no switch 'zzz'."),
        ("per_page_cap=many", "Switch 'per_page_cap' must be a whole number, not 'many'."),
        ("per_page_cap=\u0663", "Switch 'per_page_cap' must be a whole number, not '\u0663'."),
        ("list_deleted_agents=yes", "Switch 'list_deleted_agents' must be on or off, not 'yes'."),
        ("plain_list_status", "Switch 'plain_list_status' must be 200 or 206, not ''."),
    ],
)
def test_an_invalid_setting_is_refused(setting: str, message: str) -> None:
    with pytest.raises(SandboxError) as refused:
        parse_switches([setting])
    assert str(refused.value) == message


def test_a_setting_is_given_once() -> None:
    with pytest.raises(SandboxError, match="Switch 'per_page_cap' is given twice"):
        parse_switches(["per_page_cap=7", "per_page_cap=8"])


def test_every_switch_has_a_meaning_and_a_source() -> None:
    for row in switch_rows():
        assert row.help.endswith(".")
        assert row.source
        assert row.default in row.values or row.values in {"a number", "a text"}


def test_the_documents_list_every_switch() -> None:
    table = [
        f"| `{row.name}` | {row.values} | {row.default} | {row.help} | {row.source} |"
        for row in switch_rows()
    ]
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `") and line.count("|") == 6] == table
