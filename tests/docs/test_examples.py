"""The examples work as they are, and an editor helps with each of their files."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.address import Kind
from provisioner.app.open_project import validate
from provisioner.cli.main import main
from provisioner.model.kinds import KINDS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(
    folder
    for folder in (ROOT / "examples").iterdir()
    # These are no projects; tests/pipelines and tests/neighbours run them.
    if folder.is_dir() and folder.name not in {"pipelines", "policies"}
)
FILES = [
    file
    for folder in EXAMPLES
    for file in sorted(folder.rglob("*.yaml"))
    if ".provisioner" not in file.parts
]
COMMENT = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder", [one for one in EXAMPLES if one.name != "fleet"], ids=lambda folder: folder.name
)
def test_each_converges_on_the_sandbox(folder: Path, tmp_path: Path) -> None:
    project = str(
        shutil.copytree(
            folder, tmp_path / folder.name, ignore=shutil.ignore_patterns(".provisioner")
        )
    )
    assert run("validate", project).startswith("Valid: ")
    assert " to create (" in run("plan", project, "-t", "sandbox")
    assert "Applied and read back: " in run("apply", project, "-t", "sandbox", "--yes")
    again = run("plan", project, "-t", "sandbox", "--detailed-exitcode")
    assert "Nothing to change on sandbox" in again


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_file_names_its_schema(file: Path) -> None:
    found = COMMENT.match(file.read_text(encoding="utf-8"))
    assert found, "the first line names no schema"
    name = file.stem if file.name in {"provisioner.yaml", "fleet.yaml"} else "file"
    name = "rule-test" if file.parent.name == "rule-tests" else name
    assert (file.parent / found[1]).resolve() == ROOT / "schemas" / f"{name}.schema.json"


def test_the_large_one_uses_every_field_that_a_company_would() -> None:
    left_out = {"level", "two_factor"}  # the product attributes the one; the other is for accidents
    agents = [*validate(ROOT / "examples" / "acme").desired.of(Kind.AGENT)]
    used = {field for agent in agents for field in agent.attributes}
    used |= {"hours" for agent in agents if agent.hours}
    assert used == {"email", *KINDS[Kind.AGENT].shape.fields} - left_out


def test_a_trial_of_the_large_one_writes_to_nobody() -> None:
    agents = validate(ROOT / "examples" / "acme").desired_for("sandbox").of(Kind.AGENT)
    notified = [
        str(agent.address)
        for agent in agents
        for channel in agent.attributes.get("notifications", {}).values()
        if True in channel.values()
    ]
    assert notified == []
