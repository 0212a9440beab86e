"""What a command imports: nobody waits for what the run does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import accounts
from benchmarks.accounts import Layout
from tests.support import write_project

pytestmark = pytest.mark.slow

HEAVY = {
    "deepdiff",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "requests",
    "rich",
    "sqlite3",
    "starlette",
    "tenacity",
    "uvicorn",
    "yaml",
}


def imported(*arguments: str) -> set[str]:
    """Run the command line in a fresh process and return the packages that it imported."""
    program = (
        "import sys\nfrom provisioner.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print('\\n', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_start_imports_nothing_heavy(option: str) -> None:
    assert imported(option) & HEAVY == set()


def test_a_valid_project_is_validated_without_what_only_findings_and_accounts_need(
    tmp_path: Path,
) -> None:
    project = write_project(tmp_path, team="agents: [{email: mia@acme.example}]")
    modules = imported("validate", str(project))
    assert modules & HEAVY == {"yaml", "jsonschema_rs"}
    assert modules & {"pickle", "subprocess"} == set()


@pytest.mark.parametrize(
    ("size", "needed", "unneeded"),
    [
        (0, set(), {"concurrent", "subprocess", "tempfile"}),
        (1, {"deepdiff"}, {"numpy", "pydantic"}),
    ],
)
def test_a_plan_of_a_snapshot_imports_only_what_its_text_needs(
    tmp_path: Path, size: int, needed: set[str], unneeded: set[str]
) -> None:
    project, snapshot = tmp_path / "team", tmp_path / "account.snapshot"
    accounts.write_snapshot(snapshot, size)
    accounts.write_project(project, 1, Layout.ONE_FILE)
    modules = imported("plan", str(project), "--snapshot", str(snapshot))
    assert modules & HEAVY == {"yaml", "jsonschema_rs", *needed}
    assert modules & unneeded == set()
