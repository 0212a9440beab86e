"""Claims: nobody's account is handed to another person, whatever is renamed at once.

People keep their accounts (ids) through any set of renames, declared by `previously`, by `id` or by
nothing, beside newcomers under freed emails. What can't be applied is refused before any write.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.app.open_project import validate
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.policy import Moves
from provisioner.planning.claims.claims import claim
from provisioner.planning.claims.disputes import disputes
from provisioner.sandbox.switches import Switches
from tests.effort import examples
from tests.support import Account, account

NAMES = ["a", "b", "c", "d"]
CLAIMS = settings(
    max_examples=examples(6),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_numbers = count()


@pytest.fixture(params=["agents", "departments", "roles"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, switches=Switches(max_custom_roles=9)) as running:
        yield running


@dataclass(frozen=True)
class Team:
    """Objects of one kind before and after a reorganisation.

    Attributes:
        before: the name of each object at first.
        after: the name of each of them afterwards.
        newcomers: the names of new objects.
        ties: how each object is declared that gets a new name: by `previously` or by `id`.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    newcomers: tuple[str, ...]
    ties: tuple[str, ...]


@st.composite
def teams(draw: st.DrawFn) -> Team:
    before = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=3))
    names = draw(st.permutations([*NAMES, "e"]))
    after, rest = names[: len(before)], names[len(before) :]
    newcomers = draw(st.lists(st.sampled_from(rest), unique=True, max_size=2))
    ties = [draw(st.sampled_from(["previously", "id"])) for _ in before]
    return Team(tuple(before), tuple(after), tuple(newcomers), tuple(ties))


def write(folder: Path, content: dict[str, Any]) -> Path:
    """Write a project as JSON, in which an id such as 12e34567 is text."""
    folder.mkdir(exist_ok=True)
    (folder / "team.yaml").write_text(json.dumps(content), encoding="utf-8")
    return folder


def entry(kind: str, name: str, person: str, **more: str) -> dict[str, str]:
    if kind == "agents":
        return {"email": f"{name}@acme.example", "name": person, **more}
    return {"name": name, **more}


def former(kind: str, name: str) -> str:
    return f"{name}@acme.example" if kind == "agents" else name


def ids(live: Account, kind: str) -> dict[str, str]:
    """Return name to id of all objects of a kind."""
    naming, identity = {
        "agents": ("email", "id"),
        "departments": ("name", "department_id"),
        "roles": ("name", "id"),
    }[kind]
    return {
        row[naming].removesuffix("@acme.example"): row[identity]
        for row in live.everything(f"/{kind}")
        if row.get("status") != "X"
    }


def clear(live: Account, kind: str) -> None:
    """Delete what an example left; agents get an email that no other example has."""
    for name, identity in ids(live, kind).items():
        if name not in {"owner", "General"}:
            if kind == "agents":
                row = live.call("GET", f"/agents/{identity}")
                gone = {"email": f"gone{next(_numbers)}@old.example"}
                live.call("PUT", f"/agents/{identity}", row | gone)
            live.call("DELETE", f"/{kind}/{identity}")


@CLAIMS
@given(team=teams(), order=st.randoms(use_true_random=False))
def test_everybody_keeps_their_account(
    team: Team, order: random.Random, kind: str, live: Account, tmp_path: Path
) -> None:
    clear(live, kind)
    people = [f"Person {number}" for number in range(len(team.before))]
    first = [entry(kind, name, person) for name, person in zip(team.before, people, strict=True)]
    live.apply(write(tmp_path / "project", {kind: first}))
    known = ids(live, kind)

    second = [entry(kind, name, f"Newcomer {name}") for name in team.newcomers]
    for old, new, tie, person in zip(team.before, team.after, team.ties, people, strict=True):
        value = known[old] if tie == "id" else former(kind, old)
        more = {tie: value} if old != new else {}
        second.append(entry(kind, new, person, **more))
    order.shuffle(second)
    folder = write(tmp_path / "project", {kind: second})
    live.server.requests.clear()
    result = live.run("apply", str(folder), "--yes")
    if result.exit_code:
        assert result.exit_code in {1, 3}, result.output
        assert "[rename-circle]" in result.stderr
        assert live.writes() == []
        assert ids(live, kind) == known
        return
    now = ids(live, kind)
    if "[rename-circle]" in result.stderr:
        assert kind == "departments"  # a circle of departments is not followed
    else:
        for old, new in zip(team.before, team.after, strict=True):
            assert now[new] == known[old]
        for name in team.newcomers:
            assert now[name] not in known.values()
    again = live.run("plan", str(folder), "--detailed-exitcode")
    assert again.exit_code == 0, again.output


OBJECTS = st.lists(st.sampled_from(NAMES), unique=True, max_size=4)
TIE = st.fixed_dictionaries(
    {},
    optional={
        "previously": st.sampled_from([f"{name}@acme.example" for name in NAMES]),
        "id": st.sampled_from(["id-a", "id-b", "id-c", "id-x"]),
        "state": st.sampled_from(["absent", "suspended"]),
    },
)


@settings(max_examples=examples(50),
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    there=OBJECTS,
    declared=st.dictionaries(st.sampled_from(NAMES), TIE, min_size=1),
    moved=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_claims_are_a_partial_injection_and_know_no_order(
    there: list[str],
    declared: dict[str, dict[str, str]],
    moved: bool,
    order: random.Random,
    tmp_path: Path,
) -> None:
    """Where nothing speaks against them."""
    moves = Moves((("@acme.example", "@new.example"),) if moved else ())
    live = LiveState.of(
        LiveObject(address(name), f"id-{name}", {"email": name, "name": f"Person {name}"})
        for name in there
    )
    entries = [entry("agents", name, f"Entry {name}", **tie) for name, tie in declared.items()]
    if moved:
        entries.append({"email": "a@new.example", "name": "Entry new"})
    results = []
    for _ in range(2):
        project = validate(write(tmp_path / "project", {"agents": entries}))
        claims = claim(project.desired, live, moves)
        found = [*disputes(claims)]
        codes = sorted(finding.code for finding in (*project.findings, *found))
        results.append(
            (
                codes,
                {key: (one.existing.id, one.tie) for key, one in claims.of_entries.items()},
            )
        )
        if not any(finding.severity == "error" for finding in (*project.findings, *found)):
            claimed = [one.existing.id for one in claims.of_entries.values()]
            assert len(claimed) == len(set(claimed))
        order.shuffle(entries)
    assert results[0] == results[1]


def address(name: str) -> Any:
    from provisioner.address import agent  # noqa: PLC0415

    return agent(f"{name}@acme.example")
