"""The laws of the design, over HTTP against the sandbox.

One account serves all examples of a test, so each project meets whatever the ones before left.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.properties.strategies import Project, projects
from tests.support import Account, account, changes

LAWS = settings(
    max_examples=examples(6),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running


def write(folder: Path, *parts: Project) -> Path:
    """Write each part as a file of a project, replacing what was there."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.yaml"):
        old.unlink()
    for number, part in enumerate(parts):
        text = yaml.safe_dump(part, sort_keys=False, allow_unicode=True)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return folder


def shown(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a plan's changes without the places they come from."""
    return [
        {key: value for key, value in change.items() if key != "source"}
        for change in plan["resource_changes"]
    ]


def covered(plan: dict[str, Any], side: str) -> list[list[Any]]:
    """Return how many cover what before or after a plan; hours, where anybody has some."""
    cells = plan["coverage"]["cells"]
    hours = [row for row in plan["coverage"]["hours"] if any(map(any, row[side].values()))]
    return [[row["department"], row["service"], row[side]] for row in [*cells, *hours]]


@LAWS
@given(project=projects())
def test_law_1_after_a_complete_apply_the_plan_is_empty(
    project: Project, live: Account, tmp_path: Path
) -> None:
    folder = write(tmp_path / "project", project)
    planned = live.plan(folder)
    live.apply(folder)
    again = live.plan(folder)
    assert changes(again) == {}
    assert covered(again, "before") == covered(planned, "after")


@LAWS
@given(project=projects(), random=st.randoms(use_true_random=False))
def test_law_4_the_order_of_files_keys_and_items_changes_nothing(
    project: Project, random: Any, live: Account, tmp_path: Path
) -> None:
    plan = live.plan(write(tmp_path / "project", project))

    def shuffled(content: Any) -> Any:
        if isinstance(content, dict):
            items = [(key, shuffled(value)) for key, value in content.items()]
            random.shuffle(items)
            return dict(items)
        if isinstance(content, list):
            items = [shuffled(item) for item in content]
            random.shuffle(items)
            return items
        return content

    parts = [{kind: [item]} for kind, items in shuffled(project).items() for item in items]
    random.shuffle(parts)
    other = live.plan(write(tmp_path / "project", *parts))
    assert shown(other) == shown(plan)
    assert other["requests"] == plan["requests"]


def without_departments(live: Account, ids: set[str]) -> list[dict[str, Any]]:
    """Return the raw profiles of some agents; a department that goes takes memberships along."""
    return [
        {key: value for key, value in row.items() if key not in {"memberships", "plans"}}
        for row in live.everything("/agents/profiles")
        if row["agent_id"] in ids
    ]


@LAWS
@given(first=projects(), second=projects())
def test_law_5_what_is_not_declared_is_never_written(
    first: Project, second: Project, live: Account, tmp_path: Path
) -> None:
    """An object is in the second project's calls only if the second project declares it."""
    live.apply(write(tmp_path / "project", first))
    declared = {agent["email"].lower() for agent in second["agents"]}
    others = [a for a in live.everything("/agents") if a["email"].lower() not in declared]
    ids = {agent["id"] for agent in others}
    names = {item["name"] for item in second["departments"]}
    departments = [
        {**row, "agent_ids": sorted(set(row["agent_ids"]) & ids), "agent_count": None}
        for row in live.everything("/departments")
        if row["name"] not in names
    ]
    devices = [row for row in live.everything("/devices") if row["agent_id"] in ids]
    profiles = without_departments(live, ids)

    live.apply(write(tmp_path / "project", second))
    assert [row for row in live.everything("/agents") if row["id"] in ids] == others
    assert [row for row in live.everything("/devices") if row["agent_id"] in ids] == devices
    assert without_departments(live, ids) == profiles
    kept = {row["department_id"] for row in departments}
    assert [
        {**row, "agent_ids": sorted(set(row["agent_ids"]) & ids), "agent_count": None}
        for row in live.everything("/departments")
        if row["department_id"] in kept
    ] == departments


@LAWS
@given(first=projects(), second=projects())
def test_law_5_fields_that_are_left_out_keep_their_live_value(
    first: Project, second: Project, live: Account, tmp_path: Path
) -> None:
    live.apply(write(tmp_path / "project", first))
    folder = write(tmp_path / "project", second)
    plan = live.plan(folder)
    before = {c["address"]: c["change"]["before"] for c in plan["resource_changes"]}
    live.apply(folder)
    after = {c["address"]: c["change"]["before"] for c in live.plan(folder)["resource_changes"]}
    for agent in second["agents"]:
        address = f"agent/{agent['email'].lower()}"
        if before.get(address) and after.get(address):
            for field in after[address].keys() - agent.keys() - {"hours", "email"}:
                assert after[address][field] == before[address][field]


@LAWS
@given(
    first=projects(),
    second=projects(),
    guards=st.fixed_dictionaries(
        {},
        optional={
            "max_delete": st.integers(0, 2),
            "max_delete_percent": st.integers(0, 20),
            "max_update_percent": st.integers(0, 50),
            "min_population": st.integers(0, 3),
        },
    ),
    undeclared=st.sampled_from(["ignore", "report", "delete"]),
    protected=st.sampled_from(["nobody", "*", "mia@*"]),
)
def test_law_6_a_refused_plan_wrote_nothing(
    first: Project,
    second: Project,
    guards: dict[str, int],
    undeclared: str,
    protected: str,
    live: Account,
    tmp_path: Path,
) -> None:
    """And a plan that is not refused is applied: the two agree."""
    live.run("apply", str(write(tmp_path / "project", first)), "--yes")
    folder = write(tmp_path / "project", second)
    policy = {
        "guards": guards,
        "manage": {"agents": {"undeclared": undeclared}},
        "protect": {"agents": [protected]},
    }
    (folder / "provisioner.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    planned = live.run("plan", str(folder)).exit_code
    live.server.requests.clear()
    applied = live.run("apply", str(folder), "--yes").exit_code
    assert (planned == 3) == (applied == 3)
    if applied == 3:
        assert live.writes() == []
