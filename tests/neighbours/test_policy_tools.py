"""Programs for Terraform's plans read ours: the page about them shows what they print."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_docs import matches
from tests.effort import LONGEST_SECONDS
from tests.neighbours.conftest import PROGRAMS
from tests.preloaded import preloaded_path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/policy-tools.md").read_text("utf-8")
BLOCK = re.compile(r"^```sh\n(.*?)\n```\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
RECIPES = {
    re.split(r"[ /]", command)[0]: (command, output) for command, output in BLOCK.findall(PAGE)
}
"""Mapping from each program of the page to its command and the output that the page shows."""

EXITS = {"terraform-compliance": 0, "checkov": 1, "terraform-plan-summary": 0, "python": 1}
"""The exit codes for the example: checkov and Rego find what they look for."""


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": f"{PROGRAMS}:{preloaded_path()}", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the examples, and the plan that the page makes."""
    base = tmp_path_factory.mktemp("neighbours")
    ignored = shutil.ignore_patterns(".provisioner", "__pycache__")
    shutil.copytree(ROOT / "examples", base / "examples", ignore=ignored)
    made = run(RECIPES["provisioner"][0], base)
    assert made.returncode == 0, made.stdout
    return base


def test_the_page_has_a_recipe_for_each_program() -> None:
    assert RECIPES.keys() == {"provisioner", *EXITS}


@pytest.mark.parametrize("program", EXITS)
def test_a_program_prints_what_the_page_shows(program: str, folder: Path) -> None:
    command, output = RECIPES[program]
    done = run(command, folder)
    assert done.returncode == EXITS[program], done.stdout
    assert matches(output, done.stdout) or not output, done.stdout


def lines_of_summary(plan: Any) -> Iterator[str]:
    for one in plan["resource_changes"]:
        if one["change"]["actions"] == ["create"]:
            yield f"+ {one['type']}.{one['name']}"


def test_the_summary_lists_each_change_once(folder: Path) -> None:
    printed = re.sub(
        r"\x1b\[\d+m|[├└]── ", "", run(RECIPES["terraform-plan-summary"][0], folder).stdout
    )
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    assert sorted(printed.splitlines()) == sorted(["root_module", *lines_of_summary(plan)])


def test_a_plan_that_a_policy_forbids_fails(folder: Path) -> None:
    """The list of administrators has no Mia: terraform-compliance names her."""
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    [mia] = [one for one in plan["resource_changes"] if one["name"] == "mia.chen@acme.example"]
    mia["change"]["after"]["role"] = "admin"
    (folder / "forbidden.json").write_text(json.dumps(plan), "utf-8")
    command = RECIPES["terraform-compliance"][0].replace("plan.json", "forbidden.json")
    done = run(command, folder)
    assert done.returncode == 1, done.stdout
    assert "agent/mia.chen@acme.example resource does not match" in done.stdout
