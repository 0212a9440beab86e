"""docs/json.md has every key of the JSON of plan, drift, runs and access, with its type."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/json.md").read_text("utf-8")
CASES = ROOT / "tests/cases"

SECTION = re.compile(r"^###? ([^\n]+)\n(.*?)(?=^###? |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (`[^|]+`) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)

TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("text", "address", "day", "time", "digest"), (str,)),
    **dict.fromkeys(("mapping", "fields"), (dict,)),
    "number": (int,),
    "flag": (bool,),
    "list": (list,),
    "null": (type(None),),
    "any": (object,),
}
"""The Python types of the types of the page; the others are names of its sections."""

OPEN = {"any", "fields"}
"""Types of values that are not described further."""

Rows = Mapping[str, list[str]]
"""The types of each path of a document."""


def rows(section: str) -> Rows:
    """Return the paths of a section of the page, with the lists and mappings that hold them."""
    types: dict[str, list[str]] = {"": ["mapping"]}
    for keys, cell in ROW.findall(section):
        types |= {path: cell.split(" or ") for path in re.findall(r"`([^`]+)`", keys)}
    for path in list(types):
        inner = path
        while inner:
            outer = inner[:-2] if inner.endswith("[]") else inner.rpartition(".")[0]
            types.setdefault(outer, ["list" if inner.endswith("[]") else "mapping"])
            inner = outer
    return types


SECTIONS = {name.lower(): rows(text) for name, text in SECTION.findall(PAGE)}


def unknown(value: Any, document: str, path: str = "") -> Iterator[str]:
    """Yield the keys and the types of a value that a section of the page does not have."""
    types = SECTIONS[document].get(path)
    if types is None:
        yield f"{document}: {path}"
    elif shape := next((one for one in types if one in SECTIONS and isinstance(value, dict)), None):
        yield from unknown(value, shape)
    elif not any(type(value) in TYPES.get(one, ()) or one == "any" for one in types):
        yield f"{document}: {path} is {type(value).__name__}"
    elif isinstance(value, list) and not OPEN & {*types}:
        for item in value:
            yield from unknown(item, document, f"{path}[]")
    elif isinstance(value, dict) and not OPEN & {*types}:
        for key, inner in value.items():
            names = [f"{path}.{name}".lstrip(".") for name in (key, "NAME")]
            name = next((one for one in names if one in SECTIONS[document]), names[0])
            yield from unknown(inner, document, name)


@pytest.mark.parametrize(
    "case", sorted((CASES / "plan").glob("*/expected.json")), ids=lambda path: path.parent.name
)
def test_the_page_has_every_key_of_a_plan(case: Path) -> None:
    plan = json.loads(case.read_text("utf-8"))
    assert {*unknown(plan, "plan")} == set()


@pytest.mark.parametrize("name", ["typical", "hostile"])
def test_the_page_has_every_key_of_access(name: str) -> None:
    access = json.loads((CASES / "access" / f"{name}.json").read_text("utf-8"))
    assert {*unknown(access, "access")} == set()


def run(*arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == exit_code, result.output
    return result.stdout


@pytest.mark.slow
def test_the_page_has_every_key_of_the_commands_for_the_example(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(".provisioner")
    project = str(shutil.copytree(ROOT / "examples/acme", tmp_path / "acme", ignore=ignored))
    sandbox = ("-t", "sandbox")
    outputs = [("plan", run("plan", project, *sandbox, "--format", "json"))]
    run("apply", project, *sandbox, "--yes")
    for path in ("agent/mia.chen@acme.example", "agent/ben.carter@acme.example"):
        run("set", path, "gender=male", "alias=A", project, "--no-plan")
    outputs += [
        ("plan", run("plan", project, *sandbox, "--format", "json")),
        ("drift", run("drift", project, *sandbox, "--format", "json")),
        ("runs", run("runs", "list", project, "--format", "json")),
        ("one run", run("runs", "show", "1", project, "--format", "json")),
        ("access", run("access", project, *sandbox, "--format", "json")),
    ]
    assert {line for name, text in outputs for line in unknown(json.loads(text), name)} == set()


def test_a_key_and_a_type_that_the_page_does_not_have_are_found() -> None:
    plan = {"target": 1, "news": "", "missing": ["agent/a"], "released": [{"address": None}]}
    assert [*unknown(plan, "plan")] == [
        "plan: target is int",
        "plan: news",
        "released: address is NoneType",
    ]
