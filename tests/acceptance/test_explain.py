"""Where each value comes from, and what it won over."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_project(
        tmp_path / "p",
        team="""
            profiles:
              - {name: base, chat: {max_load: 2, priority: 40}, each_service: offline}
              - {name: tier1, extends: [base], chat: {max_load: 3}, each_department: {role: reader}}
            departments: [{name: Support}]
            agents:
              - email: mia@acme.example
                name: Mia
                extends: [tier1]
                role: null
                availability: {tickets: online}
                departments: {Support: {}}
        """,
    )
    write_project(
        folder / "targets/sandbox",
        over="agents: [{email: mia@acme.example, chat: {priority: 1}}]",
    )
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_an_unknown_target_is_not_explained_as_if_it_had_no_overlay(project: Path) -> None:
    result = run("agent/mia@acme.example", str(project), "-t", "sandbx")
    assert (result.exit_code, result.stdout) == (1, "")
    assert '"sandbx"' in result.stderr
    assert 'did you mean "sandbox"?' in result.stderr


def test_each_value_names_its_place_and_what_it_won_over(project: Path) -> None:
    output = run("agent/MIA@acme.example", str(project)).stdout
    assert f"chat.max_load: 3\n    from profile tier1, {project}/team.yaml:4:" in output
    assert f"    over 2 from profile base, {project}/team.yaml:3:" in output
    assert "availability.chats: offline\n    from profile base, each_service, " in output
    assert "departments.Support.role: reader\n    from profile tier1, each_department, " in output
    assert "role: null (the account's default)\n" in output


def test_a_field_can_be_asked_for_and_an_overlay_laid_on_top(project: Path) -> None:
    output = run("agent/mia@acme.example", "chat.priority", str(project), "-t", "sandbox").stdout
    assert output.startswith("chat.priority: 1\n    from ")
    assert "targets/sandbox/over.yaml:1:" in output
    assert "over 40 from profile base" in output


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["agent/mia@acme.exampel"], 'did you mean "agent/mia@acme.example"?'),
        (["robot/mia"], "known:"),
        (["agent/mia@acme.example", "chat.max_laod"], 'did you mean "chat.max_load"?'),
    ],
)
def test_what_is_not_there_is_wrong_usage_with_a_suggestion(
    project: Path, arguments: list[str], hint: str
) -> None:
    result = run(*arguments, str(project))
    assert result.exit_code == 64
    assert hint in " ".join(result.stderr.split())
