"""A release is what its tag, its version and the changelog agree on, and so is the image."""

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner import __version__

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WORKFLOW = ROOT / ".github/workflows/release.yml"
NEWEST = "## 1.2.0 - 2027-01-31\n\n### Added\n\n- [A](docs/a.md#b)\n\n"
FORMER = "# Changelog\n\n## Unreleased\n\n## 1.1.0 - 2026-01-31\n\n- B\n"
CHANGELOG = FORMER.replace("## 1.1", f"{NEWEST}## 1.1")

release_notes: Callable[..., str] = runpy.run_path(str(ROOT / ".ci/release_notes.py"))[
    "release_notes"
]


def test_the_notes_are_the_newest_section() -> None:
    assert release_notes("v1.2.0", "1.2.0", CHANGELOG) == "### Added\n\n- [A](docs/a.md#b)"
    assert release_notes("v1.2.0", "1.2.0", CHANGELOG, "https://git.acme.example/a/b").endswith(
        "[A](https://git.acme.example/a/b/blob/v1.2.0/docs/a.md#b)"
    )


@pytest.mark.parametrize(
    ("tag", "changelog", "reason"),
    [
        ("v1.2.1", CHANGELOG, "the tag v1.2.1 is not that of version 1.2.0"),
        ("1.2.0", CHANGELOG, "the tag 1.2.0 is not that"),
        ("v1.2.0", CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- C\n"), "empty section Unre"),
        ("v1.2.0", FORMER, "no newest section"),
        ("v1.2.0", CHANGELOG.replace(" - 2027-01-31", ""), "no newest section"),
        ("v1.2.0", "## Unreleased\n\n## 1.2.0 - 2027-01-31\n", "no newest section with lines"),
        ("v1.2.0", "## Unreleased\n", "no newest section"),
    ],
)
def test_what_does_not_agree_is_no_release(tag: str, changelog: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        release_notes(tag, "1.2.0", changelog)


def test_the_index_trusts_the_workflow_after_all_checks() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
    assert [(name, job.get("needs")) for name, job in jobs.items()] == [
        ("build", None),
        ("publish", "build"),
        ("notes", "publish"),
    ]
    assert jobs["publish"]["environment"] == "pypi"
    assert [job["permissions"] for job in jobs.values()] == [
        {"contents": "read"},
        {"id-token": "write"},
        {"contents": "write"},
    ]
    assert "secrets." not in WORKFLOW.read_text("utf-8")
    commands = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    assert ".ci/release_notes.py" in commands[0]
    assert commands[1:] == ["make check", "make quick", "make package"]


def checked(*command: str, given: str | None = None) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        input=given,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_scripts_are_sound() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"].values()
    for script in [step["run"] for job in jobs for step in job["steps"] if "run" in step]:
        assert "${{" not in script
        checked("shellcheck", "--shell=bash", "-", given=script)


@pytest.mark.slow
def test_the_image_passes_the_linter() -> None:
    checked("hadolint", str(ROOT / "Dockerfile"))


def test_the_image_gets_all_that_the_package_is_built_from() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    folders = re.findall(r"= (.+)", config["options"]["package_dir"])
    files = {"provisioner", *folders, "setup.cfg", "setup.py", "pyproject.toml", "requirements.txt"}
    sent = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert {*sent} == files | {"README.md", "LICENSE"}


SETUP = """
import json, runpy, setuptools
setuptools.setup = lambda **options: print(json.dumps(options))
runpy.run_path("setup.py")
"""


def options_of_setup(home: str) -> dict[str, Any]:
    """Run setup.py in a process of its own, since setuptools wants to be imported first."""
    environment = {**os.environ, "PROJECT_URL": home}
    command = [sys.executable, "-c", SETUP]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    options: dict[str, Any] = json.loads(done.stdout)
    return options


def test_a_release_names_the_repository_that_builds_it() -> None:
    assert options_of_setup("").keys() == {"packages"}
    given = options_of_setup("https://git.acme.example/a/b")
    files = f"https://git.acme.example/a/b/blob/v{__version__}"
    assert given["project_urls"]["Changelog"] == f"{files}/CHANGELOG.md"
    targets = re.findall(r"\]\(([^)]*)\)", given["long_description"])
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    assert f"{files}/docs/commands.md" in given["long_description"]
