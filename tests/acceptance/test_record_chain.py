"""Records prove each other: what was edited, removed or swapped is named, and not undone."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioner.runs.chain import Proof, check_chain
from provisioner.sandbox.faults import Fault
from tests.support import Account, write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia, alias: %s}]"
ALIASES = ("One", "Two", "Three", "Four")


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    """A project with the records of four applies."""
    for alias in ALIASES:
        live.apply(write_project(tmp_path / "p", team=TEAM % alias))
    return tmp_path / "p"


def record(project: Path, number: int) -> Path:
    return project / f".provisioner/runs/{number:06}.jsonl"


def verify(live: Account, project: Path, *more: str, exit_code: int = 1) -> dict[str, Any]:
    result = live.run("runs", "verify", str(project), "--format", "json", *more)
    assert result.exit_code == exit_code, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    assert data["intact"] is (exit_code == 0)
    return data


def proofs(data: dict[str, Any]) -> dict[int, str]:
    return {one["id"]: one["proof"] for one in data["records"] if one["proof"] != "intact"}


def edit(project: Path, number: int, old: str, new: str) -> None:
    file = record(project, number)
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def seal_again(project: Path, number: int) -> None:
    """Write the hash that fits an edited content, as somebody who knows the form would."""
    file = record(project, number)
    start = file.read_bytes()[: -len('"}\n') - 64]
    file.write_bytes(start + hashlib.sha256(start).hexdigest().encode() + b'"}\n')


def swap(project: Path, one: int, other: int) -> None:
    first, second = record(project, one), record(project, other)
    texts = first.read_bytes(), second.read_bytes()
    first.write_bytes(texts[1])
    second.write_bytes(texts[0])


class TestIntact:
    def test_records_of_the_tool_itself_are_intact(self, live: Account, project: Path) -> None:
        data = verify(live, project, exit_code=0)
        assert [one["id"] for one in data["records"]] == [1, 2, 3, 4]
        assert proofs(data) == {}
        text = live.run("runs", "verify", str(project)).stdout
        assert "Records: 4 intact.\n" in text
        assert f"The last intact record is 4, with the hash {data['head']['hash']}" in text

    def test_the_hash_is_that_of_everything_before_it(self, live: Account, project: Path) -> None:
        content = record(project, 4).read_bytes()
        shown = json.loads(live.run("runs", "show", "4", str(project), "--format", "json").stdout)
        assert hashlib.sha256(content[:-67]).hexdigest() == shown["hash"]
        assert f"hash      {shown['hash']}" in live.run("runs", "show", "4", str(project)).stdout

    def test_without_records_there_is_nothing_to_prove(self, live: Account, tmp_path: Path) -> None:
        empty = write_project(tmp_path / "empty", team=TEAM % "One")
        assert live.run("runs", "verify", str(empty)).stdout == "No runs yet.\n"
        assert live.run("runs", "verify", str(empty), "--head", "0" * 64).exit_code == 1


def rewrite(project: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    record(project, number).write_bytes(change(record(project, number).read_bytes()))


def remove(project: Path, number: int) -> None:
    record(project, number).unlink()


Damage = Callable[[Path], None]

# What was done to the records, and the proofs that differ from "intact".
DAMAGES: dict[str, tuple[list[Damage], dict[int, str]]] = {
    "a value": ([lambda path: edit(path, 2, '"One"', '"Eve"')], {2: "edited"}),
    "a value and the hash": (
        [lambda path: edit(path, 2, '"One"', '"Eve"'), lambda path: seal_again(path, 2)],
        {2: "edited"},
    ),
    "a value of the last one": ([lambda path: edit(path, 4, '"Three"', '"Eve"')], {4: "edited"}),
    "the end": ([lambda path: rewrite(path, 2, lambda text: text[:-40])], {2: "edited"}),
    "a line more": ([lambda path: rewrite(path, 3, lambda text: text + b"{}")], {3: "edited"}),
    "nonsense": ([lambda path: rewrite(path, 3, lambda _text: b"{}\n")], {3: "edited"}),
    "nonsense at the end": (
        [lambda path: rewrite(path, 4, lambda _text: b"{}\n")],
        {4: "unreadable"},
    ),
    "the first is gone": ([lambda path: remove(path, 1)], {1: "missing"}),
    "one is gone": ([lambda path: remove(path, 3)], {3: "missing"}),
    "two are gone": (
        [lambda path: remove(path, 2), lambda path: remove(path, 3)],
        {2: "missing", 3: "missing"},
    ),
    "two are swapped": ([lambda path: swap(path, 2, 3)], {2: "reordered", 3: "reordered"}),
    "one has another number": ([lambda path: rename(path, 2, 9)], {2: "missing", 9: "reordered"}),
    "the hashes of earlier ones": (
        [lambda path: edit(path, 3, '"previous":', '"former":')],
        {3: "edited"},
    ),
}


def rename(project: Path, number: int, other: int) -> None:
    record(project, number).rename(record(project, other))


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_named_and_not_undone(damage: str, live: Account, project: Path) -> None:
    steps, expected = DAMAGES[damage]
    for step in steps:
        step(project)
    assert proofs(verify(live, project)) == expected
    result = live.run("runs", "verify", str(project))
    assert result.exit_code == 1
    before = len(live.writes())
    for number, proof in expected.items():
        if proof in {"edited", "reordered"}:
            assert f"[run-record-{proof}]" in result.stderr
            refused = live.run("undo", str(number), str(project), "--yes")
            assert refused.exit_code == 3, refused.output
            assert f"[run-record-{proof}]" in refused.stderr
    assert len(live.writes()) == before


def test_other_records_can_still_be_undone(live: Account, project: Path) -> None:
    edit(project, 2, '"One"', '"Eve"')
    assert live.run("undo", "4", str(project), "--yes").exit_code == 0
    assert live.agent("mia@acme.example")["id"]


class TestHead:
    def test_the_last_records_can_be_cut_off_unless_a_head_is_kept(
        self, live: Account, project: Path
    ) -> None:
        printed = live.run("apply", str(write_project(project, team=TEAM % "Five")), "--yes")
        found = re.search(r"Record 5 has the hash ([0-9a-f]{64})", printed.stderr)
        assert found
        head = found.group(1)
        verify(live, project, "--head", head, exit_code=0)
        record(project, 5).unlink()
        verify(live, project, exit_code=0)
        data = verify(live, project, "--head", head)
        assert [one["code"] for one in data["findings"]] == ["run-record-head"]

    def test_a_head_of_an_earlier_record_holds_for_those_before(
        self, live: Account, project: Path
    ) -> None:
        shown = json.loads(live.run("runs", "show", "2", str(project), "--format", "json").stdout)
        verify(live, project, "--head", shown["hash"], exit_code=0)


class TestDeadRuns:
    def killed(self, project: Path, number: int) -> bytes:
        """Cut a record off in the middle of a line, as a kill leaves it."""
        content = record(project, number).read_bytes()
        left = content[: content.rfind(b'{"event":"end"') + 9]
        record(project, number).write_bytes(left)
        return left

    def test_the_chain_goes_on_after_a_killed_run(self, live: Account, project: Path) -> None:
        left = self.killed(project, 4)
        assert proofs(verify(live, project, exit_code=0)) == {4: "unfinished"}
        live.apply(write_project(project, team=TEAM % "Five"))
        assert proofs(verify(live, project, exit_code=0)) == {4: "unfinished"}
        assert live.run("undo", "4", str(project)).exit_code == 0
        record(project, 4).write_bytes(left + b" ")
        assert proofs(verify(live, project)) == {4: "edited"}

    def test_an_incomplete_run_is_intact(self, live: Account, project: Path) -> None:
        live.server.faults.add(Fault(method="PUT", path="/profile", status=400, times=0))
        live.apply(write_project(project, team=TEAM % "Five"), exit_code=4)
        assert proofs(verify(live, project, exit_code=0)) == {}


def test_a_record_of_another_account_may_still_grow(project: Path) -> None:
    """Its run had not ended when the next one began; the lines until then are proven."""
    contents = {number: record(project, number).read_bytes() for number in (1, 2)}
    start, _, rest = contents[1].partition(b"\n")
    other = start.replace(b'"url":"http', b'"url":"https') + b"\n"
    link = {"id": 1, "length": len(other), "hash": hashlib.sha256(other).hexdigest()}
    header = json.loads(contents[2].partition(b"\n")[0])
    follows = json.dumps({**header, "previous": [link]}).encode() + b"\n"
    grown = {1: other + rest[: rest.find(b"\n") + 1], 2: follows}
    assert {one.id: one.proof for one in check_chain(grown)} == dict.fromkeys(
        (1, 2), Proof.UNFINISHED
    )
    changed = {1: other.replace(b'"Mia"', b'"Eve"'), 2: follows}
    assert {one.id: one.proof for one in check_chain(changed)} == {
        1: Proof.EDITED,
        2: Proof.UNFINISHED,
    }


def test_records_of_earlier_versions_are_accepted_and_named(live: Account, project: Path) -> None:
    """They have no hashes, but a later record proves the last of them."""
    for number in (1, 2, 3, 4):
        lines = [
            json.loads(line) for line in record(project, number).read_text("utf-8").split("\n")[:-1]
        ]
        del lines[0]["previous"], lines[-1]["hash"]
        lines[0]["format_version"] = "1.0"
        record(project, number).write_text(
            "".join(f"{json.dumps(one)}\n" for one in lines), "utf-8"
        )
    live.apply(write_project(project, team=TEAM % "Five"))
    old = dict.fromkeys((1, 2, 3, 4), "unchained")
    assert proofs(verify(live, project, exit_code=0)) == old
    assert (
        "unchained: it is of an earlier version" in live.run("runs", "verify", str(project)).stdout
    )
    assert live.run("undo", "3", str(project)).exit_code == 0
    edit(project, 4, '"Four"', '"Eve"')
    assert proofs(verify(live, project)) == {**old, 4: "edited"}
