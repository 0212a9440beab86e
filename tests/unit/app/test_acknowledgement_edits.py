"""Edits of acknowledgements: what the file holds after any sequence of them."""

import re
import tempfile
from pathlib import Path
from textwrap import indent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner import address
from provisioner.app.file_edits.acknowledgement_edits import (
    acknowledge_steps,
    remove_acknowledgements,
)
from provisioner.app.open_project import Project, validate
from provisioner.diagnostics import InvalidProjectError
from provisioner.documents import nothing_shared
from provisioner.planning.manual.manual_step import ManualStep
from tests.support import write_project

TEAM = "agents: [{email: a@acme.example, name: A}]"
TARGET = "{url: 'https://acme.example', api_key: {env: KEY}}"
CONFIG = f"targets: {{one: {TARGET}, two: {TARGET}}}"
PEOPLE = ["a", "b", "c"]


def step(person: str, section: str = "alias", value: int = 1) -> ManualStep:
    agent = address.agent(f"{person}@acme.example")
    return ManualStep(agent, person, section, (), {"v": value}, verifiable=False)


def project_with(folder: Path, acknowledged: str = "", config: str = CONFIG) -> Project:
    root = write_project(folder, team=TEAM, provisioner=config)
    (root / "acknowledged.yaml").write_text(acknowledged, "utf-8")
    return validate(root)


def tick(
    project: Project,
    *steps: ManualStep,
    by: str = "me",
    on: str = "2026-01-02",
    target: str = "one",
) -> str:
    """Acknowledge steps, write the file and return its text."""
    edited = acknowledge_steps(project, steps, target, by, on, nothing_shared)
    for change in edited.changes:
        assert change.after is not None
        (project.root / change.file).write_bytes(change.after)
    return (project.root / "acknowledged.yaml").read_text("utf-8")


TICKS = st.tuples(
    st.sampled_from(["one", "two"]),
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["alias", "chat"]), st.integers(1, 2)),
        min_size=1,
        max_size=4,
        unique_by=lambda one: one[:2],
    ),
    st.sampled_from(["me", "you"]),
    st.sampled_from(["2026-01-02", "2026-01-03"]),
)


@given(st.lists(TICKS, min_size=1, max_size=4))
@settings(max_examples=25)
def test_the_file_holds_the_last_value_of_each_step_sorted(
    ticks: list[tuple[str, list[tuple[str, str, int]], str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = project_with(Path(folder))
        wanted: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        for target, parts, by, on in ticks:
            steps = [step(*part) for part in parts]
            tick(project, *steps, by=by, on=on, target=target)
            project = validate(project.root)
            for one in steps:
                wanted[target, one.address.key, one.section] = (one.id, by, on)
        held = {
            (one.target, one.email, one.subject.rpartition("#")[2]): (one.step, one.by, one.on)
            for one in project.settings.acknowledged
        }
        assert held == wanted
        assert len(project.settings.acknowledged) == len(wanted)
        entries = yaml.safe_load((project.root / "acknowledged.yaml").read_text("utf-8"))
        keys = [(one["step"], one["target"], one["on"], one["by"]) for one in entries]
        assert keys == sorted({*keys})
        assert all(one["for"] == sorted({*one["for"]}) for one in entries)
        edited = remove_acknowledgements(project, project.settings.acknowledged, nothing_shared)
        assert edited.project.settings.acknowledged == ()


REST = "by: me, on: 2026-01-02, target: one"
BLOCK = "step: {0}  # ours\nfor: [b@acme.example]  # one\n" + REST.replace(", ", "\n") + "\n"
FLOW = f"{{{{step: '{{0}}', for: [b@acme.example], {REST}}}}}"


@pytest.mark.parametrize(
    "form",
    [
        "# all\n- " + indent(BLOCK, "  ")[2:],
        "acknowledged:\n  - "
        + indent(BLOCK, "    ")[4:].replace("[", "\n      - ").replace("]", ""),
        f"# ours\r\n- {FLOW}\r\n",
        f"\ufeff[{FLOW}] # ours\n",
    ],
)
def test_the_layout_of_a_person_stays(tmp_path: Path, form: str) -> None:
    before = form.format(step("b").shared_id)
    project = project_with(tmp_path, before)
    after = tick(project, step("c"), step("a"))
    assert re.sub(r"[a-c]@acme.example|[\s,-]", "", after) == re.sub(
        r"[a-c]@acme.example|[\s,-]", "", before
    )
    assert [one.email[0] for one in validate(tmp_path).settings.acknowledged] == PEOPLE
    assert "# ours" in after


def test_a_later_day_of_another_value_is_no_silent_failure(tmp_path: Path) -> None:
    """An entry for all targets can't be removed for one of them, and it is later."""
    entry = f"- {{step: '{step('a', value=2).id}', by: me, on: 2099-01-01}}\n"
    with pytest.raises(InvalidProjectError, match="would stay open"):
        tick(project_with(tmp_path, entry), step("a"))
    only = f"targets: {{one: {TARGET}}}"
    assert "2099" not in tick(project_with(tmp_path, entry, only), step("a"))


def test_an_anchor_is_left_to_a_person(tmp_path: Path) -> None:
    text = (
        f"- {{step: '{step('a', value=2).shared_id}', for: &team [a@acme.example, b@acme.example], "
        f"by: me, on: 2026-01-01, target: one}}\n"
        f"- {{step: '{step('a', 'chat').shared_id}', for: *team, by: me, on: 2026-01-01}}\n"
    )
    with pytest.raises(InvalidProjectError, match="can't be edited"):
        tick(project_with(tmp_path, text), step("a"))
