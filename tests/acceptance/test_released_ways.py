"""Access that files set no more, for each field and for each way to lose it from the files."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner.model.fields import ANY
from provisioner.planning.access.access_fields import ACCESS_FIELDS
from tests.repository import Repository
from tests.support import Account, write_project

Files = dict[str, str]


@dataclass(frozen=True)
class Access:
    """An access field, and how an agent declares it.

    Attributes:
        yaml: the field in flow style.
        path: its path.
        value: its value.
        rest: what the agent declares of the same section without it.
        in_profiles: whether a profile may have it.
    """

    yaml: str
    path: tuple[str, ...]
    value: Any
    rest: str = ""
    in_profiles: bool = True


def membership(name: str, value: Any, text: str) -> Access:
    path = ("departments", "Support", name)
    rest = "departments: {Support: {}}"
    return Access(f"departments: {{Support: {{{name}: {text}}}}}", path, value, rest)


TICKETS = {"Support": {"tickets": True}}

FIELDS = {
    "role": Access("role: admin", ("role",), "admin"),
    "custom": Access("role: Lead", ("role",), "Lead"),
    "state": Access("state: suspended", ("state",), "suspended", in_profiles=False),
    "members": Access("departments: {Support: {tickets: true}}", ("departments",), TICKETS),
    "tickets": membership("tickets", True, "true"),
    "chats": membership("chats", True, "true"),
    "calls": membership("calls", True, "true"),
    "manager": membership("role", "manager", "manager"),
    # A default value is lost like any other: from now on, nobody would correct another one.
    "default": Access("role: agent", ("role",), "agent"),
}

TEAM = """
    departments: [{name: Support}]
    roles: [{name: Lead, permissions: {manage_agents: grant}}]
    agents: [{email: stays@acme.example, name: Stays}]
"""


def person(key: str, *fields: str) -> str:
    shown = ", ".join(field for field in fields if field)
    return f"{{email: {key}@acme.example, name: {key}{f', {shown}' if shown else ''}}}"


def agents(entries: Mapping[str, tuple[str, ...]]) -> str:
    people = "\n".join(f"  - {person(key, *fields)}" for key, fields in entries.items())
    return f"agents:\n{people}\n"


def profiles(fields: dict[str, str]) -> str:
    shown = "\n".join(
        f"  - {{name: {key}, {text or 'chat: {max_load: 3}'}}}" for key, text in fields.items()
    )
    return f"profiles:\n{shown}\n"


def declared(*, own: bool) -> str:
    """Return the agents, each with its field or without it."""
    return agents({key: (field.yaml if own else field.rest,) for key, field in FIELDS.items()})


def line() -> tuple[Files, Files]:
    return {"people": declared(own=True)}, {"people": declared(own=False)}


def profile() -> tuple[Files, Files]:
    people = agents({key: (f"extends: [{key}]",) for key, field in SHARED.items()})
    return (
        {"people": people + profiles({key: field.yaml for key, field in SHARED.items()})},
        {"people": people + profiles({key: field.rest for key, field in SHARED.items()})},
    )


def extends() -> tuple[Files, Files]:
    lists = profiles({key: field.yaml for key, field in SHARED.items()})
    before = {key: (f"extends: [{key}]", field.rest) for key, field in SHARED.items()}
    after = {key: (field.rest,) for key, field in SHARED.items()}
    return {"people": lists + agents(before)}, {"people": lists + agents(after)}


def entry() -> tuple[Files, Files]:
    other = "agents: [{email: other@acme.example, name: Other}]\n"
    return {"people": declared(own=True)}, {"people": other}


def file() -> tuple[Files, Files]:
    return {"people": declared(own=True)}, {}


def overlay() -> tuple[Files, Files]:
    people = {"people": declared(own=False)}
    return {**people, "targets/environment/over": declared(own=True)}, people


SHARED = {key: field for key, field in FIELDS.items() if field.in_profiles}

Way = Callable[[], tuple[Files, Files]]

WAYS: dict[Way, tuple[dict[str, Access], bool]] = {
    line: (FIELDS, False),
    profile: (SHARED, False),
    extends: (SHARED, False),
    entry: (FIELDS, True),
    file: (FIELDS, True),
    overlay: (FIELDS, False),
}
"""Each way to lose access, with the fields that it concerns, and whether it loses the agents."""


def fill(folder: Path, files: Files) -> None:
    """Write the files of a project in place of those of before."""
    for old in folder.rglob("*.yaml"):
        old.unlink()
    guards = {"provisioner": "guards: {max_update_percent: 100}\n", "team": TEAM}
    for name, text in {**guards, **files}.items():
        path = folder / name
        write_project(path.parent, **{path.name: text})


def expected(way: Way) -> set[tuple[str, str]]:
    """Return address with path and value of each field that a way loses, as JSON."""
    fields, is_whole = WAYS[way]
    return {
        (
            f"agent/{key}@acme.example",
            json.dumps([[], nested(field)] if is_whole else [field.path, field.value]),
        )
        for key, field in fields.items()
    }


def nested(field: Access) -> Any:
    value = field.value
    for key in reversed(field.path):
        value = {key: value}
    return value


def released(plan: dict[str, Any]) -> set[tuple[str, str]]:
    found = {
        (one["address"], json.dumps([one["path"], _access(one["value"])]))
        for one in plan["released"]
    }
    assert len(found) == plan["summary"]["released"]
    return {one for one in found if one[1] != '[["chat", "max_load"], 3]'}


def _access(value: Any) -> Any:
    """Return the value of a whole agent without the parts that a suspension implies."""
    if isinstance(value, dict) and "state" in value:
        return {"state": value["state"]}
    return value


@pytest.fixture
def repository(live: Account, tmp_path: Path, way: Way) -> Repository:
    """Make a repository with applied files on main, and a branch that loses the access."""
    made = Repository.new(tmp_path / "clone")
    before, after = way()
    plain = {"people": agents(dict.fromkeys(FIELDS, ()))}
    for files in (plain, before):
        fill(made.folder, files)
        made.commit("Apply")
        live.apply(made.folder)
    made.branch("change")
    fill(made.folder, after)
    made.commit("Lose it")
    return made


def without_managed(record: Path) -> None:
    """Write a record as versions did that recorded only the commit."""
    first, *others = record.read_text().splitlines()
    header = json.loads(first)
    del header["managed"]
    record.chmod(0o600)
    record.write_text("\n".join([json.dumps(header), *others, ""]))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_to_lose_access(
    live: Account, repository: Repository, tmp_path: Path, way: Way
) -> None:
    folder, records = repository.folder, repository.folder / ".provisioner"
    bare = tmp_path / "bare"
    shutil.copytree(folder, bare, ignore=shutil.ignore_patterns(".git"))
    main = repository.git("rev-parse", "main")
    # The record alone, without git.
    by_record = live.plan(bare)
    assert released(by_record) == expected(way)
    assert {one["since"] for one in by_record["released"]} <= {main}
    # The commit that an older record names.
    for record in (records / "runs").glob("*.jsonl"):
        without_managed(record)
    assert released(live.plan(folder)) == expected(way)
    # The base alone, without a record.
    shutil.rmtree(records)
    assert not live.plan(folder)["released"]
    by_base = live.plan(folder, "--base", "main")
    assert released(by_base) == expected(way)
    lost = repository.git("rev-parse", "change")
    assert {one["since"] for one in by_base["released"]} <= {main, lost}
    result = live.run("plan", str(folder), "--base", "main", "--detailed-exitcode")
    assert result.exit_code == 2
    assert "Nothing to change" not in result.stdout
    for key in WAYS[way][0]:
        assert f"agent/{key}@acme.example: " in result.stdout


def test_every_access_field_is_in_the_table() -> None:
    tried = {tuple(ANY if key == "Support" else key for key in one.path) for one in FIELDS.values()}
    assert tried == set(ACCESS_FIELDS)
