"""Runs the tests of a team's rules: small projects and the findings that are expected of them.

A test is a YAML file in the folder `rule-tests` of a project. Its project is planned as any other,
against an account that it describes in the same form.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from provisioner.address import Address, Kind, fold, parse
from provisioner.app.make_plan import PlanOptions, make_plan
from provisioner.app.open_project import Project, open_project
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError, Span
from provisioner.documents.files.boundary import Boundary
from provisioner.documents.files.file_selection import RULE_TESTS
from provisioner.documents.files.project_files import SourceFile
from provisioner.documents.schema.json_schema import check
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.live.snapshot_file import Snapshot
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.kinds import SERVICES
from provisioner.model.policy import Guards
from provisioner.model.settings import SANDBOX, Settings
from provisioner.model.team_rules import DataFile, TeamRules
from provisioner.planning.rules.judging import RuleFinding
from provisioner.planning.rules.rule_data import rule_data

CODE = "rule-test"
"""The code of tests that can't be run."""


@dataclass(frozen=True, slots=True)
class RuleTestResult:
    """The result of one test.

    Attributes:
        name: the file, from the root of the project.
        missing: the expected findings that there are not.
        unexpected: the findings that the test does not expect.
        found: the ids of the rules with expected findings.
    """

    name: str
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    found: frozenset[str]

    @property
    def passed(self) -> bool:
        """Whether the findings are those that the test expects."""
        return not (self.missing or self.unexpected)


def run_rule_tests(team: Project, options: PlanOptions) -> list[RuleTestResult]:
    """Run the tests of a project's rules, sorted by name.

    Args:
        team: the project with the rules and their tests.
        options: how the small projects are planned, and their rules evaluated.

    Raises:
        InvalidProjectError: a test can't be read, or its project is not valid.
    """
    folder = team.root / RULE_TESTS
    boundary = Boundary(team.root)
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    results = []
    for file in files:
        name = f"{RULE_TESTS}/{file.name}"
        if not boundary.contains(file):
            raise InvalidProjectError(_unusable(name, "it is a link out of the project"))
        results.append(_run(name, _read(name, file), team, options))
    return results


def _read(name: str, file: Path) -> Mapping[str, Any]:
    content = SourceFile(file, name).read()
    if isinstance(content, Diagnostic):
        raise InvalidProjectError(content)
    documents, problems = read_yaml(content, name)
    if problems:
        raise InvalidProjectError(*problems)
    if len(documents) != 1:
        raise InvalidProjectError(_unusable(name, f"it has {len(documents)} documents, not one"))
    checked, findings = check(documents[0], "rule-test")
    if findings:
        raise InvalidProjectError(*findings)
    data: Mapping[str, Any] = checked.data
    return data


def _run(name: str, test: Mapping[str, Any], team: Project, options: PlanOptions) -> RuleTestResult:
    try:
        planned = _planned(name, test, team, options)
    except ProvisionerError as error:
        summaries = "; ".join(one.summary for one in error.diagnostics)
        raise InvalidProjectError(_unusable(name, summaries)) from error
    rest = [*planned]
    missing, found = [], set()
    for expected in test["expect"]:
        finding = next((one for one in rest if _is_expected(one, expected)), None)
        if finding is None:
            missing.append(" ".join(f"{key}: {value}" for key, value in expected.items()))
        else:
            rest.remove(finding)
            found.add(finding.rule)
    unexpected = tuple(one.diagnostic().summary for one in rest)
    return RuleTestResult(name, tuple(missing), unexpected, frozenset(found))


def _is_expected(finding: RuleFinding, expected: Mapping[str, Any]) -> bool:
    shown = {
        "rule": finding.rule,
        "object": _folded(finding.address),
        "message": finding.message,
        "level": finding.level.value,
    }
    wanted = dict(expected)
    if wanted.get("object"):
        wanted["object"] = _folded(parse(wanted["object"]))
    return all(shown[key] == value for key, value in wanted.items())


def _folded(address: Address | None) -> str:
    """Return an address in lower case; "" for the plan as a whole."""
    return fold(str(address)) if address else ""


def _planned(
    name: str, test: Mapping[str, Any], team: Project, options: PlanOptions
) -> tuple[RuleFinding, ...]:
    rules = team.settings.team_rules
    wanted = test.get("rules", [rule.id for rule in rules.rules])
    if unknown := {*wanted} - {rule.id for rule in rules.rules}:
        raise InvalidProjectError(_unusable(name, f"there is no rule {', '.join(sorted(unknown))}"))
    settings = Settings(
        guards=Guards(),
        team_rules=TeamRules(tuple(rule for rule in rules.rules if rule.id in wanted)),
    )
    contents = {**team.data, **_data(name, test.get("data", {}), rules.files)}
    with TemporaryDirectory() as folder:
        live = _account(Path(folder) / "live", test.get("live", {}), options)
        project = _small_project(Path(folder) / "project", test["project"])
        project = replace(project, settings=settings, data=contents)
        return make_plan(project, live, options).rule_findings


def _data(name: str, contents: Mapping[str, Any], files: Mapping[str, DataFile]) -> dict[str, Any]:
    """Return the contents that replace data files, in the form that rules get."""
    result: dict[str, Any] = {}
    for key, content in contents.items():
        if key not in files:
            raise InvalidProjectError(_unusable(name, f'there is no data file "{key}"'))
        value = rule_data(content, files[key], Span(name, 1, 1))
        if isinstance(value, Diagnostic):
            raise InvalidProjectError(value)
        result[key] = value
    return result


def _small_project(folder: Path, content: Mapping[str, Any]) -> Project:
    folder.mkdir()
    (folder / "project.yaml").write_text(json.dumps(content), encoding="utf-8")
    return open_project(folder)


def _account(folder: Path, content: Mapping[str, Any], options: PlanOptions) -> Snapshot:
    """Return an account that is as an apply of a small project makes it."""
    empty = Snapshot(LiveState.of([]), SANDBOX, "", "")
    if not any(content.values()):
        return empty
    project = _small_project(folder, content)
    planned = make_plan(project, empty, options)
    objects = [
        LiveObject(change.address, str(change.address), _complete(change.address, change.after))
        for change in planned.plan.changes
        if change.after is not None
    ]
    return replace(empty, live=LiveState.of(objects))


def _complete(address: Address, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of a live object, with those that every account shows."""
    if address.kind is not Kind.AGENT:
        return attributes
    return {"availability": dict.fromkeys(SERVICES, "offline"), **attributes}


def _unusable(name: str, reason: str) -> Diagnostic:
    return Diagnostic(
        code=CODE,
        summary=f"{name} can't be run: {reason}",
        span=Span(name, 1, 1),
        hint="docs/rules.md shows a test",
    )
