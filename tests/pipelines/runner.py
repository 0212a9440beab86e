"""A stand-in for GitHub's runner: it runs the `run:` blocks of the ready-made workflows.

Functions of the test replace steps that use actions of other repositories. Everything of our own
is taken from the files: the steps of `action.yml` run with bash, as its `shell:` requires.
"""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.preloaded import preloaded_path

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

Context = dict[str, Any]
Used = Callable[[Mapping[str, str]], None]
"""A stand-in for an action of another repository; it gets the inputs."""

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_PATH = re.compile(r"(?<!['\w.])[a-z_]+(?:\.[\w-]+)+")


def workflow(name: str) -> dict[str, Any]:
    """Return a ready-made workflow."""
    text = (ROOT / "examples/pipelines/github" / f"{name}.yml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def evaluate(expression: str, context: Context) -> Any:
    """Return the value of an expression that the workflows use."""

    def value(found: re.Match[str]) -> str:
        node: Any = context
        for key in found[0].split("."):
            node = node.get(key, "") if isinstance(node, Mapping) else ""
        return repr(node)

    text = _PATH.sub(value, expression)
    text = text.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text)
    return eval(text, {"cancelled": lambda: False, "always": lambda: True}, {})  # noqa: S307  the workflows are our own


def filled(text: str, context: Context) -> str:
    """Return a text with its expressions replaced by their values."""
    return _EXPRESSION.sub(lambda found: str(evaluate(found[1], context)), text)


def holds(condition: str, context: Context) -> bool:
    """Return whether the condition of a step or job holds."""
    plain = _EXPRESSION.sub(r"\1", condition).replace("true", "True")
    return bool(evaluate(plain.replace("'True'", "'true'"), context))


def asks_for_status(condition: str) -> bool:
    """Return whether a step runs even if one before it failed."""
    return "cancelled()" in condition or "always()" in condition


@dataclass
class Job:
    """One run of a workflow's job.

    Attributes:
        checkout: the folder that it works in.
        temporary: the runner's folder for temporary files.
        context: what expressions see.
        environment: variables that the platform and the test set.
        uses: replacements for the actions of others, by name.
        summary: what the job's summary shows.
        log: what the steps printed.
        failed: whether a step failed.
        project: the folder of the project, as people write it into the workflow.
        path: the PATH of the steps.
    """

    checkout: Path
    temporary: Path
    context: Context
    environment: dict[str, str]
    uses: Mapping[str, Used]
    summary: str = ""
    log: str = ""
    failed: bool = False
    project: str = "."
    path: str = field(default_factory=preloaded_path)

    def run(self, name: str, job: str) -> "Job":
        """Run a job of a ready-made workflow."""
        data = workflow(name)
        given = data.get("env", {})
        self.context["env"] = {name: filled(value, self.context) for name, value in given.items()}
        if "PROJECT" in given:
            self.context["env"]["PROJECT"] = self.project
        self.environment.update(self.context["env"])
        self._steps(data["jobs"][job]["steps"], self.context)
        return self

    def install(self) -> None:
        """Run the installation of `action.yml`, which the jobs leave out."""
        [step] = [step for step in ACTION["runs"]["steps"] if step.get("id") == "install"]
        self._bash(step["run"], {})

    def _steps(self, steps: list[dict[str, Any]], context: Context, *, ours: bool = False) -> None:
        context["steps"] = {}
        for step in steps:
            condition = step.get("if", "true")
            if self.failed and not asks_for_status(condition):
                continue
            if not holds(condition, context):
                continue
            environment = {k: filled(v, context) for k, v in step.get("env", {}).items()}
            inputs = {k: filled(str(v), context) for k, v in step.get("with", {}).items()}
            failed, self.failed = self.failed, False
            outputs = self._step(step, environment, inputs, ours=ours)
            if "id" in step:
                outcome = "failure" if self.failed else "success"
                context["steps"][step["id"]] = {"outputs": outputs, "outcome": outcome}
            self.failed |= failed

    def _step(
        self,
        step: Mapping[str, Any],
        environment: dict[str, str],
        inputs: Mapping[str, str],
        *,
        ours: bool,
    ) -> dict[str, str]:
        if "run" in step:
            return self._bash(step["run"], environment)
        name = step["uses"].split("@")[0]
        if name != "acme/provisioner":
            self.uses[name](inputs)
            return {}
        assert not ours
        return self._action(inputs, environment)

    def _action(self, inputs: Mapping[str, str], environment: dict[str, str]) -> dict[str, str]:
        """Run the steps of `action.yml`; the program itself is installed already."""
        known = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
        assert inputs.keys() <= known.keys()
        given = {**known, **inputs}
        context = {**self.context, "inputs": given}
        before = dict(self.environment)
        self.environment.update(environment)
        steps = [s for s in ACTION["runs"]["steps"] if s.get("id") not in {None, "install"}]
        self._steps(steps, context, ours=True)
        self.environment = before
        return {name: filled(entry["value"], context) for name, entry in ACTION["outputs"].items()}

    def _bash(self, script: str, environment: Mapping[str, str]) -> dict[str, str]:
        files = {name: self.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.checkout,
            env={
                "PATH": self.path,
                "HOME": str(self.temporary),
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "https://git.acme.example",
                "GITHUB_REF": "refs/heads/main",
                "GITHUB_RUN_ID": "7",
                "RUNNER_TEMP": str(self.temporary),
                **{name: str(file) for name, file in files.items()},
                **self.environment,
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log += done.stdout + done.stderr
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        self.failed |= done.returncode != 0
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)
