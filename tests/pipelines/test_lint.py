"""The ready-made pipelines fit the schemas of their platforms, and are safe to copy."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / "examples/pipelines/github").glob("*.yml"))
GITLAB = ROOT / "examples/pipelines/gitlab/.gitlab-ci.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent

USES = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def run(*command: str, given: str | None = None) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def scripts() -> Iterator[tuple[str, str]]:
    """Yield each piece of shell with a name."""
    for file in (ACTION, *WORKFLOWS):
        data = yaml.safe_load(file.read_text("utf-8"))
        jobs = {"": data["runs"]} if "runs" in data else data["jobs"]
        for job, entry in jobs.items():
            for step in entry["steps"]:
                if "run" in step:
                    yield f"{file.name} {job} {step['id']}", step["run"]
    for job, entry in yaml.safe_load(GITLAB.read_text("utf-8")).items():
        if isinstance(entry, dict):
            for line in [*entry.get("before_script", []), *entry.get("script", [])]:
                yield f"gitlab {job}", line
    for file in (ROOT / "examples/demo.sh", ROOT / ".ci/run"):
        yield file.name, file.read_text("utf-8")


SCRIPTS = [*scripts()]
JOBS = ("gitlab", *(file.name for file in WORKFLOWS))


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", [ACTION]),
        ("github-workflows", WORKFLOWS),
        ("gitlab-ci", [GITLAB]),
    ],
)
def test_files_fit_the_schema_of_their_platform(schema: str, files: list[Path]) -> None:
    transform = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *transform, *map(str, files))


def test_workflows_are_safe() -> None:
    run("zizmor", "--offline", "--quiet", "--no-progress", str(ACTION), *map(str, WORKFLOWS))


@pytest.mark.parametrize(("name", "script"), SCRIPTS, ids=[name for name, _ in SCRIPTS])
def test_shell_is_sound_and_no_expression_gets_into_it(name: str, script: str) -> None:
    assert "${{" not in script, name
    run("shellcheck", "--shell=bash", "-", given=script)


@pytest.mark.parametrize(("name", "script"), SCRIPTS, ids=[name for name, _ in SCRIPTS])
def test_python_imports_nothing_of_the_folder_it_runs_in(name: str, script: str) -> None:
    calls = re.findall(r"\bpython3?\"? +(\S+)", script)
    assert {*calls} <= {"-I"} or not name.startswith(("action", *JOBS)), name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_asks_for_little_and_pins_what_it_uses(file: Path) -> None:
    text = file.read_text("utf-8")
    data: dict[Any, Any] = yaml.safe_load(text)
    assert data["permissions"] == {}
    assert "pull_request_target" not in text
    assert text.count("uses: ") == len(USES.findall(text))
    for job in data["jobs"].values():
        assert "write" not in {*job["permissions"].values()} or file.stem == "plan"


def test_a_job_for_forks_sees_no_secret_and_writes_nothing() -> None:
    job = yaml.safe_load((ROOT / "examples/pipelines/github/plan.yml").read_text())["jobs"][
        "plan-of-fork"
    ]
    assert "secrets." not in str(job)
    assert {*job["permissions"].values()} == {"read"}


def test_what_writes_runs_one_at_a_time() -> None:
    [apply] = [file for file in WORKFLOWS if file.stem == "apply"]
    data = yaml.safe_load(apply.read_text())
    assert data["concurrency"] == {"group": "provisioner-production", "cancel-in-progress": False}
    gitlab = yaml.safe_load(GITLAB.read_text())
    assert gitlab["apply"]["resource_group"] == "provisioner-production"
    assert gitlab["apply"]["rules"][0]["when"] == "manual"


def test_the_hook_of_pre_commit_finds_what_is_wrong(tmp_path: Path) -> None:
    [hook] = yaml.safe_load(HOOKS.read_text())
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert hook["pass_filenames"] is False
    assert hook["always_run"] is True  # also for a commit that only deletes
    program, *arguments = hook["entry"].split()
    (tmp_path / "team.yaml").write_text("agents: [{email: a@acme.example, nome: A}]\n")
    done = subprocess.run(
        [str(BIN / program), *arguments, str(tmp_path)], capture_output=True, check=False
    )
    assert done.returncode == 1
