"""The pages for contributors are true, and the files for the platform fit its schemas."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from provisioner import __version__

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
LIFECYCLE = (ROOT / "docs/lifecycle.md").read_text("utf-8")
PACKAGE = ROOT / "provisioner"
ROOTS = (ROOT, PACKAGE)
GITHUB = ROOT / ".github"
CI = GITHUB / "workflows/ci.yml"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
BIN = Path(sys.executable).parent
PINNED = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE)

TARGETS = {*re.findall(r"^([a-z]+)(?= [a-z]+:|:)", MAKEFILE, re.MULTILINE)}
LANES = {"quick", "check", "package", "test", "coverage", "lowest", "newest", "soak", "bench"}


def run(*command: str) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_lists_each_lane() -> None:
    assert {*re.findall(r"^\| `make ([a-z]+)`", CONTRIBUTING, re.MULTILINE)} == LANES


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "tests/README.md", "README.md"])
def test_each_target_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert {*re.findall(r"`make ([a-z]+)`", text)} <= TARGETS


def test_help_lists_each_target() -> None:
    listed = {*re.findall(r'@echo "make ([a-z]+) ', MAKEFILE)}
    assert listed == TARGETS - {"help", "install"}


def test_each_file_that_the_page_names_exists() -> None:
    paths = re.findall(r"`([a-z]+(?:/[\w.-]+)+\.(?:py|md|json|cfg))`", CONTRIBUTING)
    missing = [path for path in paths if "NAME" not in path and not (ROOT / path).exists()]
    assert paths
    assert missing == []


def test_each_folder_and_module_of_the_architecture_exists() -> None:
    paths = re.findall(r"`([a-z]+(?:/[a-z_]+)*(?:/|\.py))`", LIFECYCLE)
    missing = [path for path in paths if not any((root / path).exists() for root in ROOTS)]
    assert paths
    assert missing == []


def test_the_architecture_names_each_folder() -> None:
    folders = {
        f"`{path.parent.relative_to(PACKAGE)}/`"
        for path in PACKAGE.rglob("__init__.py")
        if path.parent != PACKAGE and path.parent.parent.name != "sandbox"
    }
    assert {folder for folder in folders if folder not in LIFECYCLE} == set()


def test_each_folder_of_tests_is_described() -> None:
    page = (ROOT / "tests/README.md").read_text("utf-8")
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert {*re.findall(r"^\| `([a-z]+)/` ", page, re.MULTILINE)} == folders - {"__pycache__"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("github-workflows", "workflows/*.yml"),
        ("dependabot", "dependabot.yml"),
        ("github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
        ("github-issue-config", "ISSUE_TEMPLATE/config.yml"),
    ],
)
def test_files_fit_the_schemas_of_the_platform(schema: str, pattern: str) -> None:
    files = sorted(map(str, GITHUB.glob(pattern)))
    run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


@pytest.mark.slow
def test_the_workflow_is_safe() -> None:
    run("zizmor", "--offline", "--quiet", "--no-progress", str(GITHUB))


def test_the_workflow_asks_for_little_and_pins_what_it_uses() -> None:
    for workflow in (GITHUB / "workflows").glob("*.yml"):
        text = workflow.read_text("utf-8")
        assert yaml.safe_load(text)["permissions"] == {}
        assert text.count("uses: ") == len(PINNED.findall(text))
    data = yaml.safe_load(CI.read_text("utf-8"))
    assert {str(job["permissions"]) for job in data["jobs"].values()} == {"{'contents': 'read'}"}


def test_the_workflow_runs_make_targets_on_each_python_of_the_package() -> None:
    jobs = yaml.safe_load(CI.read_text("utf-8"))["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    targets = {run.removeprefix("sudo ").removeprefix("make ") for run in runs}
    assert {"check", "package", "coverage", "lowest", "newest"} <= targets <= TARGETS
    declared = re.findall(r"Python :: (3\.\d+)$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    assert jobs["test"]["strategy"]["matrix"]["python"] == declared


def test_hooks_are_of_the_virtual_environment() -> None:
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    for hook in repository["hooks"]:
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/")
        assert f"$(BIN)/{Path(program).name}" in MAKEFILE


def test_the_changelog_has_the_version_below_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d\d-\d\d", headings[1])
