"""Where a key comes from: bounded in bytes and time, and never shown."""

import os
import time
from pathlib import Path

import pytest

from provisioner.cli.account import api_keys
from provisioner.cli.account.api_keys import KEY_BYTES, read_key
from provisioner.cli.console.output import Console
from provisioner.diagnostics import TargetError
from provisioner.model.settings import Target

PASTED = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def read(root: Path, source: str, argument: str) -> str:
    target = Target("production", "https://acme.example", (source, argument))
    return read_key(target, root, Console().print_note)


def refusal(root: Path, source: str, argument: str) -> str:
    with pytest.raises(TargetError) as raised:
        read(root, source, argument)
    (finding,) = raised.value.diagnostics
    assert finding.code == "api-key-missing"
    return finding.summary


@pytest.mark.parametrize("content", ["the-key", "the-key\n", "  the-key\r\n"])
def test_space_around_a_key_is_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_bytes(content.encode())
    assert read(tmp_path, "file", "key") == "the-key"
    assert read(tmp_path, "command", f"cat {tmp_path}/key") == "the-key"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file key is empty"),
        (b" \n", "the file key is empty"),
        (b"one\ntwo", "more than one line"),
        (b"one\rtwo", "more than one line"),
        (b"a\x00b", "characters that no key has"),
        (b"a\x1b[31mb", "characters that no key has"),
        ("schlüssel".encode(), "characters that no key has"),
        ("\ufeffkey".encode(), "characters that no key has"),
        (b"\xff\xfe", "can't be understood"),
        (b"k" * (KEY_BYTES + 1), "more than 4,096 bytes"),
    ],
)
def test_a_file_that_holds_no_key(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "key").write_bytes(content)
    assert why in refusal(tmp_path, "file", "key")


def test_a_file_that_never_ends_or_never_begins(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path, "file", "pipe")
    assert "not a regular file" in refusal(tmp_path, "file", "/dev/zero")
    assert "not a regular file" in refusal(tmp_path, "file", ".")
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", 1 << 40)
    assert "more than 4,096 bytes" in refusal(tmp_path, "file", "huge")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("", "blank"),
        ("   ", "blank"),
        ("nowhere-to-be-found", "No such file"),
        ("a\x00b", "can't be understood"),
        ("open 'quote", "can't be understood"),
        ("false", "exit code 1"),
        ("true", "printed nothing"),
        ("sh -c 'kill -9 $$'", "exit code -9"),
        ("cat /dev/zero", "prints without end"),
        ("sh -c 'cat /dev/zero >&2'", "prints without end"),
    ],
)
def test_a_command_without_a_key(tmp_path: Path, command: str, why: str) -> None:
    assert why in refusal(tmp_path, "command", command)


@pytest.mark.parametrize(
    "command",
    [
        "sleep 600",
        "sh -c 'exec >&- 2>&-; sleep 600'",
        "sh -c 'echo key; sleep 600 & wait'",
        "sh -c 'while :; do echo; sleep 0.01; done'",
    ],
    ids=["silent", "output closed", "a child of the command", "a byte now and then"],
)
def test_a_command_that_does_not_end_is_ended_with_its_children(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "COMMAND_SECONDS", 0.3)
    began = time.monotonic()
    assert "took longer than" in refusal(tmp_path, "command", command)
    assert time.monotonic() - began < 30


def test_what_a_command_says_is_passed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read(tmp_path, "command", "sh -c 'echo open \x1b the vault >&2; echo key'") == "key"
    assert capsys.readouterr().err == "open \\u001b the vault\n"


def test_a_key_among_the_messages_of_a_command_is_redacted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "key.sh"
    script.write_text(f"echo unlocked >&2\necho {PASTED}\necho got {PASTED} >&2\n")
    assert read(tmp_path, "command", f"sh {script}") == PASTED
    shown = capsys.readouterr().err
    assert "unlocked" in shown
    assert "got (API key)" in shown
    assert PASTED not in shown


@pytest.mark.parametrize("source", ["env", "file", "command"])
@pytest.mark.parametrize("pasted", [PASTED, PASTED.upper(), "case-key-0123456789"])
def test_a_key_pasted_as_a_name_is_not_shown(tmp_path: Path, source: str, pasted: str) -> None:
    output = refusal(tmp_path, source, pasted)
    assert pasted[:4] in output
    assert pasted[:8] not in output


@pytest.mark.parametrize("value", [None, "", " "])
def test_a_variable_without_a_key_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("TEAM_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("TEAM_KEY", value)
    state = "not set" if value is None else "empty"
    assert f"the environment variable TEAM_KEY is {state}" in refusal(tmp_path, "env", "TEAM_KEY")
