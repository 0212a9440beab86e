"""Suggestions: typing errors, words of other tools, and times in another form."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from provisioner.suggestions import closest
from tests.support import write_project

ROLES = ["admin", "agent", "owner", "Team lead"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("administrator", ROLES, 'did you mean "admin"?'),
        ("Administrators", ROLES, 'did you mean "admin"?'),
        ("superuser", ROLES, 'did you mean "admin"?'),
        ("user", ROLES, 'did you mean "agent"?'),
        ("agnet", ROLES, 'did you mean "agent"?'),
        ("AGENT", ROLES, 'did you mean "agent"?'),
        ("Team", ROLES, 'did you mean "Team lead"?'),
        ("auditor", ROLES, ""),
        ("admin", ["manager", "reader", "solver"], 'did you mean "manager"?'),
        ("Tue", DAYS, 'did you mean "tue"?'),
        *((day, DAYS, f'did you mean "{day[:3]}"?') for day in ("monday", "wednesday", "thursday")),
        ("prod", ["production", "staging"], 'did you mean "production"?'),
        ("on", ["online", "offline"], 'did you mean "online"?'),
        ("True", ["online", "offline"], 'did you mean "online"?'),
        ("off", ["online", "offline"], 'did you mean "offline"?'),
        ("on", ["grant", "revoke"], 'did you mean "grant"?'),
        ("phone", ["calls", "chats", "tickets"], 'did you mean "calls"?'),
        ("e-mail", ["email", "name"], 'did you mean "email"?'),
        ("e-mail", ["calls", "chats", "tickets"], 'did you mean "tickets"?'),
        ("users", ["agents", "departments"], 'did you mean "agents"?'),
        ("on", ["xy", "zz"], ""),
    ],
)
def test_a_word_gets_the_name_that_it_means(word: str, known: list[str], hint: str) -> None:
    assert closest(word, known) == hint


def hint_of(folder: Path, fields: str) -> str:
    """Return the hint for an agent with wrong fields."""
    agent = f"departments: [{{name: Support}}]\nagents: [{{email: a@acme.example, {fields}}}]"
    result = CliRunner().invoke(main, ["validate", str(write_project(folder, a=agent))])
    assert result.exit_code == 1, result.output
    return next(line for line in result.stdout.splitlines() if "hint: " in line).strip()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9:00", "09:00"),
        ("'9:00'", "09:00"),
        ("9", "09:00"),
        ("900", "09:00"),
        ("'9.30'", "09:30"),
        ("9h30", "09:30"),
        ("'09:00:00'", "09:00"),
        ("9am", "09:00"),
        ("'5:15 p.m.'", "17:15"),
        ("12 AM", "00:00"),
    ],
)
def test_a_time_in_another_form_gets_the_right_one(
    tmp_path: Path, written: str, meant: str
) -> None:
    hours = f"hours: [{{days: [mon], from: {written}, to: '18:00'}}]"
    assert hint_of(tmp_path, hours) == f'hint: did you mean "{meant}"?'


@pytest.mark.parametrize("written", ["24:00", "9:75", "25", "morning", "'9:0'", "'123456'"])
def test_no_time_is_suggested_that_the_field_does_not_take(tmp_path: Path, written: str) -> None:
    hours = f"hours: [{{days: [mon], from: {written}, to: '18:00'}}]"
    assert hint_of(tmp_path, hours) in {
        "hint: a time from 00:00 to 23:59",
        "hint: put it in quotes",
    }


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ("role: administrator", 'hint: did you mean "admin"?'),
        ("panel: {theme: light}", 'hint: did you mean "bright"?'),
        ("availability: {chats: true}", 'hint: did you mean "online"?'),
        ("departments: {Support: {role: viewer}}", 'hint: did you mean "reader"?'),
        ("avatar: mia.png", 'hint: did you mean "photo"?'),
        (
            "state: suspend",
            "hint: write absent to delete the account, suspended to keep it without",
        ),
        (
            "state: present",
            "hint: write absent to delete the account, suspended to keep it without",
        ),
    ],
)
def test_a_value_or_key_gets_the_one_that_it_means(tmp_path: Path, fields: str, hint: str) -> None:
    assert hint_of(tmp_path, fields).startswith(hint)
