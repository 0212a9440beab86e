import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from provisioner.documents import LoadedProject, load_project
from provisioner.documents.yaml import unseen


def load(root: Path, **texts: str) -> LoadedProject:
    for name, text in texts.items():
        (root / f"{name}.yaml").write_text(dedent(text), "utf-8")
    return load_project(root)


def codes(project: LoadedProject) -> list[str]:
    return [finding.code for finding in project.findings]


AGENTS = "agents: [{email: mia@acme.example}]\n"


def test_a_project_is_its_documents_and_its_configuration(tmp_path: Path) -> None:
    project = load(tmp_path, b=AGENTS, a="roles:\n---\n---\n{}\n", provisioner="version: 1\n")
    assert project.findings == ()
    assert [(document.file, document.data) for document in project.documents] == [
        ("a.yaml", {"roles": None}),
        ("a.yaml", {}),
        ("b.yaml", {"agents": [{"email": "mia@acme.example"}]}),
    ]
    assert project.config
    assert project.config.data == {"version": 1}
    assert not project.incomplete


def test_an_empty_configuration_is_none(tmp_path: Path) -> None:
    project = load(tmp_path, a=AGENTS, provisioner="# nothing yet\n")
    assert project.config is None
    assert project.findings == ()


def test_the_configuration_is_one_document(tmp_path: Path) -> None:
    project = load(tmp_path, a=AGENTS, provisioner="version: 1\n---\nversion: 1\n")
    assert codes(project) == ["misplaced-config"]
    assert not project.incomplete


@pytest.mark.parametrize("text", ["", "agents: []\n", "{}", "---\n---\n", "roles:\n"])
def test_a_project_that_declares_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    assert codes(load(tmp_path, a=text, provisioner="version: 1\n")) == ["empty-project"]


def test_a_folder_without_yaml_is_an_error(tmp_path: Path) -> None:
    project = load(tmp_path)
    assert codes(project) == ["empty-project"]
    assert "holds no YAML files" in project.findings[0].summary


def test_another_finding_explains_why_nothing_is_declared(tmp_path: Path) -> None:
    assert codes(load(tmp_path, a="agents: []\nagent: []\n")) == ["unknown-key"]


def test_only_mappings_become_documents(tmp_path: Path) -> None:
    project = load(tmp_path, a=AGENTS + "---\n- text\n", provisioner="- 1\n")
    assert codes(project) == ["wrong-type", "wrong-type"]
    assert [type(document.data) for document in project.documents] == [dict]
    assert project.config is None


def test_what_could_not_be_read_has_one_finding(tmp_path: Path) -> None:
    project = load(tmp_path, a="agents:\n- email: {{ email }}\n- {email: 1, name: 2}\n")
    assert codes(project) == ["yaml-key", "invalid-email", "wrong-type"]


class TestIncomplete:
    @pytest.mark.parametrize(
        "text",
        [
            "roles: [\n",
            "roles: []\nroles: []\n",
            "rolse: [{name: Lead}]\n",
            "- name: Lead\n",
            "roles: {name: Lead}\n",
            "roles: [{nmae: Lead}]\n",
            "departments: [Support]\n",
            "departments: [{name: 12}]\n",
        ],
    )
    def test_where_a_name_may_be_hidden(self, tmp_path: Path, text: str) -> None:
        assert load(tmp_path, a=AGENTS, b=text).incomplete

    @pytest.mark.parametrize(
        "text", ["roles: [{name: Lead, x: 1}]\n", "agents: [text]\n", "departments:\n"]
    )
    def test_not_where_all_names_are_known(self, tmp_path: Path, text: str) -> None:
        assert not load(tmp_path, a=AGENTS, b=text).incomplete

    def test_where_a_folder_can_not_be_used(self, tmp_path: Path) -> None:
        assert load_project(tmp_path / "missing").incomplete


def test_the_collector_runs_again_afterwards(tmp_path: Path) -> None:
    load(tmp_path, a=AGENTS)
    assert gc.isenabled()
    gc.disable()
    try:
        load(tmp_path)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_jsonschema_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, provisioner.documents; sys.exit('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_text_of_a_file_is_checked_once_for_all_of_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def none_unseen(text: str) -> Iterator[int]:
        checked.append(text)
        return iter(())

    monkeypatch.setattr(unseen, "unseen", none_unseen)
    load(tmp_path, many="---\nagents: []\n" * 100)
    assert len(checked) == 1
