"""What the page of promises lists is true of the code, and kept files are still read."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.invocation import Exit
from provisioner.cli.main import main
from provisioner.live import snapshot_file
from provisioner.planning.plans import plan_json
from provisioner.runs import record_lines

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/promises.md").read_text("utf-8")
KEPT = Path(__file__).with_name("kept")


def test_the_exit_codes_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \| ", PAGE, re.MULTILINE)
    assert [*map(int, rows)] == [*Exit]


def test_the_versions_of_formats_are_those_of_the_code() -> None:
    plans, others, records, snapshots = re.findall(r"^\|.* \| (\d\.\d) \|$", PAGE, re.MULTILINE)
    assert plans == plan_json.FORMAT_VERSION
    assert records == record_lines.FORMAT_VERSION
    assert snapshots == snapshot_file.FORMAT_VERSION
    written = re.compile(r'(?:FORMAT_VERSION = |"format_version": )"([^"]+)"')
    named = {
        f"{module.__name__.rsplit('.')[-1]}.py"
        for module in (plan_json, record_lines, snapshot_file)
    }
    rest = [path for path in (ROOT / "provisioner").rglob("*.py") if path.name not in named]
    assert {version for path in rest for version in written.findall(path.read_text())} == {others}


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Return the project of the kept files, which `init`, `apply` and `snapshot` made."""
    folder = tmp_path / "team"
    assert CliRunner().invoke(main, ["init", str(folder)]).exit_code == Exit.DONE
    return folder


def test_a_kept_record_is_read(team: Path) -> None:
    runs = team / ".provisioner/runs"
    runs.mkdir(mode=0o700, parents=True)
    record_file = runs / "000001.jsonl"
    record_file.write_bytes((KEPT / "record-1.1.jsonl").read_bytes())
    record_file.chmod(0o600)
    result = CliRunner().invoke(main, ["runs", "show", "1", str(team), "--format", "json"])
    assert result.exit_code == Exit.DONE, result.stderr
    record = json.loads(result.stdout)
    assert (record["ending"], len(record["changed"])) == ("complete", 2)
    head = CliRunner().invoke(main, ["runs", "verify", str(team), "--head", record["hash"]])
    assert head.exit_code == Exit.DONE, head.stderr


def test_a_kept_snapshot_is_planned_from(team: Path) -> None:
    snapshot = str(KEPT / "snapshot-1.0.json")
    command = ["plan", str(team), "-t", "sandbox", "--snapshot", snapshot, "--detailed-exitcode"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == Exit.DONE, result.output
