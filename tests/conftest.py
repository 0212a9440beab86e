"""Fixtures and options of all tests."""

import compileall
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from provisioner.app import verification
from provisioner.liveagent.http import retries
from tests.effort import examples

# A shell ignores these signals for background jobs, nohup for all; the processes that tests
# interrupt would inherit it.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# Without bytecode, each of the hundreds of processes that tests start compiles the program again.
# None of them may write it: a test that limits the size of files would leave half of a file.
if "PYTEST_XDIST_WORKER" not in os.environ:
    compileall.compile_dir(Path(__file__).parents[1] / "provisioner", quiet=1)
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
# The workers inherit the variable; rewriting the assertions of all tests again would take seconds.
sys.dont_write_bytecode = False

# What a person may have set for their own shell, and a pipeline for its job.
for variable in (
    *("FORCE_COLOR", "NO_COLOR", "PROVISIONER_TARGET"),
    *("GITHUB_SHA", "CI_COMMIT_SHA"),
):
    os.environ.pop(variable, None)

# No time limit that a busy machine can miss, and the same examples everywhere.
settings.register_profile(
    "tests",
    deadline=None,
    derandomize=True,
    max_examples=examples(50),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")

MARKS = {
    "acceptance": pytest.mark.slow,
    "browser": pytest.mark.browser,
    "cases/plan": pytest.mark.slow,
    "editor": pytest.mark.slow,
    "neighbours": pytest.mark.slow,
    "pipelines": pytest.mark.pipelines,
    "sandbox": pytest.mark.slow,
    "soak": pytest.mark.soak,
}
"""The marks of whole folders, which `make quick` leaves out."""

UNMEASURED = (
    "acceptance/test_account_shapes.py",
    "acceptance/test_budgets.py",
    "acceptance/test_damaged_files.py",
    "acceptance/test_documented_writes.py",
    "acceptance/test_lags.py",
    "acceptance/test_main_job.py",
    "acceptance/test_newcomers.py",
    "acceptance/test_sections.py",
    "acceptance/test_stories.py",
    "acceptance/test_streams.py",
    "acceptance/test_truth.py",
    "browser",
    "editor",
    "neighbours",
    "pipelines",
    "properties",
    "soak",
)
"""Folders and modules whose tests go many times through lines that other tests go through, too.

Measuring coverage would double their time.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the marks that are not written at it."""
    tests = Path(__file__).parent
    folders = {tests / name: mark for name, mark in MARKS.items()}
    unmeasured = {tests / name for name in UNMEASURED}
    for item in items:
        above = {item.path, *item.path.parents}
        for folder in above & folders.keys():
            item.add_marker(folders[folder])
        if above & unmeasured or (
            isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)
        ):
            item.add_marker(pytest.mark.no_cover)
        if isinstance(item, pytest.Function) and _runs_a_sandbox(item.module):
            item.add_marker(pytest.mark.slow)


def _runs_a_sandbox(module: ModuleType) -> bool:
    # Imported inside: most tests of functions do not need it.
    support = sys.modules.get("tests.support")
    return support is not None and any(used is support.account for used in vars(module).values())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests retry at once; the waits have tests of their own."""
    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(verification, "FIRST_WAIT_SECONDS", 0.0)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes expected results anew, to be read before they are committed."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the expected files of tests/cases"
    )


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-golden"))
