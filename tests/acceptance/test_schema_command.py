"""`provisioner schema`: what it prints, and the files of `--project`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.documents.schema.json_schema import schemas
from tests.support import write_project

ALL = len(schemas()) + 1
"""The schemas of all files, and the bundle."""

TEAM = "departments: [{name: Support}]\n"


def schema(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["schema", *arguments])


def test_every_listed_schema_is_printed() -> None:
    names = schema().stdout.split()
    assert "bundle" in names
    for name in names:
        assert json.loads(schema(name).stdout)["$id"].endswith(f"/{name}.schema.json")


def test_an_unknown_name_suggests_a_known_one() -> None:
    result = schema("agnet")
    assert (result.exit_code, result.stdout) == (64, "")
    assert 'did you mean "agent"?' in result.stderr


def test_the_schemas_of_a_project_are_written_and_renewed(tmp_path: Path) -> None:
    write_project(tmp_path, team=TEAM)
    first = schema("--project", str(tmp_path))
    assert (first.exit_code, first.stdout) == (0, f"Wrote {ALL} schemas into {tmp_path}/schemas.\n")
    written = {file.name for file in (tmp_path / "schemas").iterdir()}
    assert written == {f"{name}.schema.json" for name in schema().stdout.split()}
    again = schema("--project", str(tmp_path))
    assert (again.exit_code, again.stdout) == (0, f"{tmp_path}/schemas is up to date.\n")
    write_project(tmp_path, more="departments: [{name: Sales}]\n")
    renewed = schema("--project", str(tmp_path))
    assert renewed.stdout == f"Wrote 3 schemas into {tmp_path}/schemas.\n"
    agent = json.loads((tmp_path / "schemas/agent.schema.json").read_text("utf-8"))
    assert [*agent["properties"]["departments"]["properties"]] == ["Sales", "Support"]


def test_the_nearest_project_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path, provisioner="version: 1\n", team=TEAM)
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert schema("--project").stdout == f"Wrote {ALL} schemas into ../schemas.\n"


def test_a_project_with_errors_gets_the_names_that_can_be_read(tmp_path: Path) -> None:
    write_project(tmp_path, team=TEAM, broken="roles: [")
    result = schema("--project", str(tmp_path))
    assert result.exit_code == 0
    assert "names may be missing" in result.stderr
    assert '"Support"' in (tmp_path / "schemas/agent.schema.json").read_text("utf-8")


@pytest.mark.parametrize("link", ["schemas", "schemas/agent.schema.json"])
def test_nothing_is_written_through_a_link(link: str, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / link).parent.mkdir(exist_ok=True)
    (project / link).symlink_to(outside if link == "schemas" else outside / "file")
    result = schema("--project", str(project))
    assert result.exit_code == 1
    assert "behind a link" in result.stderr
    assert [*outside.iterdir()] == []


def test_other_trouble_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    missing = schema("--project", str(tmp_path / "missing"))
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "does not exist" in missing.stderr
    write_project(tmp_path, team=TEAM)
    (tmp_path / "schemas").write_text("")
    occupied = schema("--project", str(tmp_path))
    assert (occupied.exit_code, occupied.stdout) == (1, "")
    assert "schemas" in occupied.stderr
    assert "internal" not in occupied.stderr
