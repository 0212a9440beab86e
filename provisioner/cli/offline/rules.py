"""`provisioner rules`."""

from pathlib import Path

import click

from provisioner.app.rules.rule_tests import RuleTestResult, run_rule_tests
from provisioner.cli.account.offline_options import offline_options
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import format_option, path_argument
from provisioner.cli.parsing import Command, Group
from provisioner.diagnostics import Diagnostic, InvalidProjectError
from provisioner.documents.files.file_selection import RULE_TESTS
from provisioner.model.settings import SANDBOX, Settings
from provisioner.render.json_text import json_text
from provisioner.render.readable import count


@click.group(cls=Group, examples=["provisioner rules test"])
def rules() -> None:
    """Work with the rules of the team (rules test)."""


@rules.command(
    cls=Command, examples=["provisioner rules test", "provisioner rules test --format json"]
)
@path_argument
@format_option("text", "json")
@pass_console
def test(console: Console, path: str, format_: str) -> int:
    """Run the tests of the rules of the project in PATH, without any network.

    A test is a file in the folder rule-tests: a small project, and the findings that are expected
    of it. The exit code is 1 if a test fails.
    """
    with console.reporting(path):
        project = open_project(Path(path))
        results = run_rule_tests(project, offline_options(Settings(), SANDBOX, ""))
        if not results:
            raise InvalidProjectError(
                Diagnostic(
                    code="rule-test",
                    summary=f"there are no tests: the folder {RULE_TESTS} has no YAML file",
                    hint="docs/rules.md shows a test",
                )
            )
    found = frozenset[str]().union(*(one.found for one in results))
    untested = [one.id for one in project.settings.team_rules.rules if one.id not in found]
    draw = _as_json if format_ == "json" else _as_text
    console.print_result(draw(results, untested))
    return Exit.DONE if all(one.passed for one in results) else Exit.ERROR


def _as_text(results: list[RuleTestResult], untested: list[str]) -> str:
    lines = []
    for one in results:
        lines.append(f"{'passed' if one.passed else 'FAILED'}  {one.name}")
        lines += [f"  missing: {text}" for text in one.missing]
        lines += [f"  not expected: {text}" for text in one.unexpected]
    failed = sum(not one.passed for one in results)
    if untested:
        lines.append(f"No test expects a finding of: {', '.join(untested)}.")
    lines.append(f"{count(len(results), 'test')}, {failed} failed.")
    return "\n".join(lines) + "\n"


def _as_json(results: list[RuleTestResult], untested: list[str]) -> str:
    return json_text(
        {
            "format_version": "1.0",
            "tests": [
                {
                    "name": one.name,
                    "passed": one.passed,
                    "missing": [*one.missing],
                    "unexpected": [*one.unexpected],
                }
                for one in results
            ],
            "untested_rules": untested,
        }
    )
