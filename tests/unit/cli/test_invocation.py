"""Runs in one process share no state."""

import json
from pathlib import Path

from click.testing import CliRunner

from provisioner.cli.main import main


def test_a_run_with_a_json_log_leaves_the_next_run_its_text(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    first = CliRunner().invoke(main, ["apply", missing, "--yes", "--log-format", "json"])
    assert json.loads(first.stderr)["code"] == "path-missing"
    second = CliRunner().invoke(main, ["plan", missing])
    assert second.stderr.startswith("error: the folder")
