"""Plan files, snapshots and records that are no longer what the tool wrote: a finding each."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.mutations import Mutator, sealed_plan, sealed_snapshot
from tests.support import Account, write_project

BEFORE = """
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead, permissions: {manage_agents: grant}}]
    agents:
      - email: mia@acme.example
        name: Mia
        alias: M
        role: Lead
        departments: {Support: {chats: true, signature: Hi}}
        sounds: {new_chat: bell}
        chat: {max_load: 3}
        hours: [{days: [mon], from: "09:00", to: "17:00", services: [chats],
                 departments: [Support], timezone: Europe/Prague}]
      - {email: bob@acme.example, name: Bob, notifications: {email: {new_ticket: true}}}
"""
AFTER = """
    departments: [{name: Support}, {name: Sales}, {name: New}]
    roles: [{name: Lead}, {name: Second}]
    agents:
      - email: mia@acme.example
        name: Mia Chen
        alias: Mi
        role: agent
        departments: {Sales: {chats: true, signature: Hello}}
        sounds: {new_chat: null}
        availability: {chats: online}
      - {email: bob@acme.example, state: absent}
      - {email: eve@acme.example, name: Eve, departments: {New: {tickets: true}}}
"""
ROUNDS = 60
"""Damaged files of each sort; the campaign of `make soak` makes many more with the same mutator."""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    """A project that was applied once and has changes since."""
    folder = write_project(tmp_path / "p", team=BEFORE)
    live.apply(folder)
    return write_project(folder, team=AFTER)


@pytest.fixture
def saved(live: Account, project: Path) -> Path:
    file = project.parent / "saved.json"
    result = live.run("plan", str(project), "--allow", "deletes=1", "--out", str(file))
    assert result.exit_code == 0, result.output
    return file


@pytest.fixture
def snapshot(live: Account, project: Path) -> Path:
    file = project.parent / "account.snapshot"
    assert live.run("snapshot", str(project), "--out", str(file)).exit_code == 0
    return file


@pytest.fixture
def record(project: Path) -> Path:
    return project / ".provisioner/runs/000001.jsonl"


def check_ending(result: Result, content: bytes) -> None:
    context = (result.output, content[:2000])
    assert result.exit_code in {0, 1, 3, 4}, context
    assert "[internal]" not in result.output, context
    assert result.exception is None or isinstance(result.exception, SystemExit), context


class TestMutations:
    def test_plan_files(self, live: Account, saved: Path) -> None:
        mutator, whole = Mutator(1), saved.read_bytes()
        for number in range(ROUNDS):
            content = mutator.plan(whole)
            saved.write_bytes(content)
            kind = ("text", "json", "markdown", "html")[number % 4]
            shown = live.run("show", str(saved), "--format", kind)
            check_ending(shown, content)
            if shown.exit_code == 0 or number % 20 == 0:
                check_ending(live.run("apply", str(saved), "--yes"), content)

    def test_snapshots(self, live: Account, project: Path, snapshot: Path) -> None:
        mutator, whole = Mutator(2), snapshot.read_bytes()
        for number in range(ROUNDS):
            content = mutator.snapshot(whole)
            snapshot.write_bytes(content)
            kind = ("text", "json", "markdown", "html")[number % 4]
            plan = ("plan", str(project), "--snapshot", str(snapshot), "--format", kind)
            check_ending(live.run(*plan), content)

    def test_records(self, live: Account, project: Path, record: Path) -> None:
        mutator, whole = Mutator(3), record.read_bytes()
        commands = [("runs",), ("runs", "show", "1"), ("undo", "1"), ("drift",), ("apply", "--yes")]
        for number in range(ROUNDS):
            content = mutator.record(whole)
            for other in record.parent.iterdir():
                other.unlink()
            record.write_bytes(content)
            for command in commands if number % 20 == 0 else commands[:3]:
                check_ending(live.run(*command, str(project)), content)


def edited(file: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edit the data of a plan file, and compute its checksum anew."""
    data = json.loads(file.read_bytes())
    edit(data)
    file.write_bytes(sealed_plan(data))


def change(data: dict[str, Any], address: str) -> dict[str, Any]:
    return next(entry for entry in data["resource_changes"] if entry["address"] == address)


def give_id(data: dict[str, Any], number: str) -> None:
    """Give the account that a plan creates the id of another one, wherever the plan has it."""
    [planned] = [
        one["values"]
        for one in data["planned_values"]["root_module"]["resources"]
        if one["address"] == EVE
    ]
    for values in (change(data, EVE)["change"]["after"], planned):
        values["id"] = number


MIA, BOB, EVE = "agent/mia@acme.example", "agent/bob@acme.example", "agent/eve@acme.example"

CONTRADICTIONS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a made-up id": (
        lambda data: [
            change(data, MIA)["change"][side].update(id="made-up") for side in ("before", "after")
        ],
        "not the fingerprint of the object",
    ),
    "another value than the reviewed one": (
        lambda data: change(data, MIA)["change"]["after"].update(role="owner"),
        "not the value in change.before and change.after",
    ),
    "a change that no field shows": (
        lambda data: change(data, MIA)["change"]["after"].update(level="Chief"),
        "change.after: it is not change.before with the changed fields",
    ),
    "a no-op that changes": (
        lambda data: change(data, "department/Support")["change"]["after"].update(name="Other"),
        "change.after: it is not change.before with the changed fields",
    ),
    "the address of another kind": (
        lambda data: change(data, BOB).update(address="department/bob@acme.example"),
        "resource_changes",
    ),
    "somebody else's address": (
        lambda data: change(data, BOB).update(address="agent/owner@acme.example"),
        "basis.fingerprints",
    ),
    "an object twice": (
        lambda data: data["resource_changes"].append(change(data, BOB)),
        "the object is there twice",
    ),
    "a deletion that looks like a creation": (
        lambda data: change(data, BOB)["change"].update(actions=["create"]),
        "before and after are not those of create",
    ),
    "a deletion without an id": (
        lambda data: change(data, BOB)["change"]["before"].pop("id"),
        "the object has no id",
    ),
    "an update without its risks": (
        lambda data: data["summary"]["risk"].update({"deletes": 0}),
        "summary.risk.deletes: it contradicts the rest",
    ),
    "counts of nothing": (
        lambda data: data["summary"].update(delete=0),
        "summary.delete: it contradicts the rest",
    ),
    "negative counts": (
        lambda data: data["requests"].update(read=-1),
        "requests.read: expected a number from 0",
    ),
    "a sum that is none": (
        lambda data: data["requests"].update(total=1),
        "requests.total: it contradicts the rest",
    ),
    "an object without a fingerprint": (
        lambda data: data["basis"]["fingerprints"].pop(BOB),
        f"basis.fingerprints.{BOB}: it is missing",
    ),
    "a deleted account to restore": (
        lambda data: give_id(data, "made-up"),
        "after_unknown",
    ),
    "a photo without its file": (
        lambda data: change(data, EVE)["change"]["after"].update(photo="sha256:" + "0" * 64),
        "the file of the photo is missing",
    ),
}


@pytest.mark.parametrize(("edit", "words"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_plan_that_contradicts_itself_is_refused_with_a_right_checksum(
    live: Account, saved: Path, edit: Callable[[dict[str, Any]], object], words: str
) -> None:
    edited(saved, edit)
    live.server.requests.clear()
    for result in (live.run("show", str(saved)), live.run("apply", str(saved), "--yes")):
        output = " ".join(result.stderr.split())
        assert (result.exit_code, "[plan-file]" in output) == (3, True), output
        assert words in output
    assert live.server.requests.entries() == []


def test_a_plan_that_restores_an_account_that_is_not_deleted_is_stale(
    live: Account, saved: Path
) -> None:
    """All parts of the file agree; only the account shows that the id is somebody else's."""
    bob = live.agent("bob@acme.example")["id"]

    def restore(data: dict[str, Any]) -> None:
        entry = change(data, EVE)
        give_id(data, bob)
        entry["change"]["after_unknown"] = {}
        data["summary"]["registration_mails"] = 0

    edited(saved, restore)
    assert live.run("show", str(saved)).exit_code == 0
    live.server.requests.clear()
    result = live.run("apply", str(saved), "--yes")
    assert (result.exit_code, "[stale-plan]" in result.stderr) == (3, True), result.output
    assert live.writes() == []


WORSE: dict[str, bytes] = {
    "empty": b"",
    "nested": b"[" * 100_000,
    "a text": b"\xff\xfe\x00",
    "with a mark of the byte order": b"\xef\xbb\xbf{}",
    "twice the same key": b'{"event": "run", "event": "run"}\n',
    "no number": b'{"event": "run", "id": NaN}\n',
    "a huge number": b'{"event": "run", "id": ' + b"9" * 5000 + b"}\n",
    "nothing but a null": b"null\n",
}


@pytest.mark.parametrize("content", WORSE.values(), ids=WORSE)
def test_what_is_no_file_of_ours_is_a_finding_with_its_place(
    live: Account, project: Path, saved: Path, snapshot: Path, record: Path, content: bytes
) -> None:
    for file in (saved, snapshot, record):
        file.write_bytes(content)
    planned = live.run("plan", str(project), "--snapshot", str(snapshot))
    for result, code, exit_code in (
        (live.run("show", str(saved)), "plan-file", 3),
        (live.run("apply", str(saved), "--yes"), "plan-file", 3),
        (planned, "snapshot-file", 1),
        (live.run("runs", "show", "1", str(project)), "run-record", 1),
        (live.run("undo", "1", str(project), "--yes"), "run-record", 1),
    ):
        assert (result.exit_code, f"[{code}]" in result.stderr) == (exit_code, True), result.output
    assert "000001.jsonl is not a record" in live.run("runs", str(project)).stdout
    assert json.loads(live.run("runs", str(project), "--format", "json").stdout)["damaged"]


def pipe(file: Path) -> None:
    os.mkfifo(file)


def huge(file: Path) -> None:
    with file.open("wb") as out:
        out.truncate(1 << 30)


@pytest.mark.parametrize(
    "make",
    [Path.mkdir, pipe, huge, lambda file: file.symlink_to("/dev/zero"), lambda _file: None],
    ids=["folder", "pipe", "huge", "device", "missing"],
)
def test_what_is_no_file_at_all_is_never_read(
    live: Account, project: Path, record: Path, make: Callable[[Path], object]
) -> None:
    odd = project.parent / "odd"
    record.unlink()
    make(odd)
    make(record)
    for arguments in (
        ("show", str(odd)),
        ("plan", str(project), "--snapshot", str(odd)),
        ("runs", str(project)),
        ("runs", "show", "1", str(project)),
        ("undo", "1", str(project), "--yes"),
    ):
        result = live.run(*arguments)
        # The list of runs has a line for the record, unless it leads out of the project.
        lists = arguments == ("runs", str(project))
        assert result.exit_code in ({0, 1} if lists else {1})
        assert "[internal]" not in result.output
    if record.exists() and stat.S_ISDIR(record.stat().st_mode):
        record.rmdir()


def test_a_damaged_record_is_announced_by_the_next_apply(
    live: Account, project: Path, record: Path
) -> None:
    """It may have been of a run that was killed on this target."""
    record.write_bytes(b"{}\n")
    result = live.run("apply", str(project), "--yes", "--allow", "deletes=1")
    assert result.exit_code == 0, result.output
    assert "warning: " in result.stderr
    assert "[run-record]" in result.stderr
    assert "[run-record]" not in live.run("apply", str(project), "--yes").stderr


def test_the_record_of_another_run_is_not_taken_for_this_one(
    live: Account, project: Path, record: Path
) -> None:
    record.rename(record.with_name("000007.jsonl"))
    result = live.run("undo", "7", str(project), "--yes")
    assert (result.exit_code, "its file holds run 1" in result.stderr) == (3, True)


def test_names_that_no_record_has_are_left_alone(
    live: Account, project: Path, record: Path
) -> None:
    for name in ("1.jsonl", "٣.jsonl", "²²²²²².jsonl", "000001.jsonl.bak", "9" * 200 + ".jsonl"):
        (record.parent / name).write_bytes(b"")
    assert len(live.run("runs", str(project)).stdout.splitlines()) == 1


def test_a_snapshot_of_another_shape_names_the_place(
    live: Account, project: Path, snapshot: Path
) -> None:
    rest = snapshot.read_bytes().partition(b"\n")[2]
    damaged = rest.replace(b'"departments":{}', b'"departments":5', 1)
    snapshot.write_bytes(sealed_snapshot(damaged))
    result = live.run("plan", str(project), "--snapshot", str(snapshot))
    assert result.exit_code == 1
    output = " ".join(result.stderr.split())
    assert "attributes.departments: expected a mapping, not 5" in output
