"""A plan of four times the agents takes four times the work, whatever changes.

Counted are the calls of all functions, those of Python itself included. A look at a set of
everybody is one call, so the share of each function in the processor time is compared, too: on a
busy machine all functions get slower alike.
"""

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accounts import TARGET, Layout, departments, write_project
from benchmarks.accounts import live_state as live_account
from provisioner.address import Kind
from provisioner.app.make_plan import PlanOptions, make_plan
from provisioner.app.open_project import open_project
from provisioner.documents.loading import collector_paused
from provisioner.live.snapshot_file import Snapshot, load, save
from provisioner.live.state import LiveObject, LiveState, Surface
from provisioner.liveagent.costs import apply_cost
from provisioner.planning.changes import Action
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text

SIZE, TIMES = 100, 4
RUNS = 3
FEW = 3 * TIMES * SIZE
"""Calls that are no sign of growth: three for each agent."""

Costs = dict[str, tuple[int, float]]
"""Function to its calls and to its own processor time."""


def changed(agent: dict[str, Any], _size: int) -> dict[str, Any] | None:
    chat = {"max_load": 2, "priority": 10}
    return {**agent, "name": f"Former {agent['name']}", "chat": chat, "level": "Novice"}


def created(agent: dict[str, Any], _size: int) -> dict[str, Any] | None:
    return agent if agent["role"] == "owner" else None


def deleted(agent: dict[str, Any], _size: int) -> dict[str, Any] | None:
    return agent


def moved(agent: dict[str, Any], size: int) -> dict[str, Any] | None:
    [(name, entry)] = agent["departments"].items()
    every = departments(size)
    return {**agent, "departments": {every[every.index(name) - 1]: entry}}


SCENES: dict[str, Callable[[dict[str, Any], int], dict[str, Any] | None]] = {
    "changed": changed,
    "created": created,
    "deleted": deleted,
    "moved": moved,
}
"""Change to a function that returns an agent before it; None if the account has no such agent."""


def account_before(scene: str, size: int, surface: Surface) -> LiveState:
    """Return the account before a plan that changes everybody except the owner."""
    live = live_account(size)
    before, objects = SCENES[scene], []
    for one in live.objects.values():
        is_agent = one.address.kind is Kind.AGENT
        attributes = before(dict(one.attributes), size) if is_agent else one.attributes
        if attributes is not None:
            objects.append(LiveObject(one.address, one.id, attributes))
    return LiveState.of(objects, account=live.account, surface=surface)


def write_files(folder: Path, scene: str, size: int) -> None:
    """Write the files of a plan."""
    write_project(folder, size, Layout.ONE_FILE)
    if scene == "deleted":
        [file] = (folder / "agents").iterdir()
        entries = [f"  - {{email: agent{n:06}@acme.example, state: absent}}\n" for n in range(size)]
        file.write_text("agents:\n" + "".join(entries), "utf-8")


def cost_of(folder: Path, scene: str, size: int, surface: Surface) -> Costs:
    """Return what a plan costs, from the files to the text."""
    write_files(folder / str(size), scene, size)
    live = account_before(scene, size, surface)
    content = save(Snapshot(live, TARGET, "https://acme.ladesk.com/api/v3", "2026-11-22T14:03:11Z"))
    profile = cProfile.Profile()
    with collector_paused(), profile:  # a collection counts for the function that it interrupts
        project = open_project(folder / str(size))
        planned = make_plan(project, load(content), PlanOptions(TARGET, apply_cost))
        plan_text.draw(review_of(planned.plan))
    by_hand = {step.address for step in planned.plan.manual_steps}
    written = {one.address for one in planned.plan.changes if one.action is not Action.NO_OP}
    assert len(by_hand | written) >= size
    return {
        f"{Path(file).name}:{name}:{line}": (calls, own)
        for (file, line, name), (_, calls, own, _, _) in pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    }


def grows_faster(once: Costs, more: Costs) -> set[str]:
    """Return the functions with a cost that grows faster than the account."""
    whole_once, whole_more = (sum(own for _, own in costs.values()) for costs in (once, more))
    found = set()
    for name, (calls, own) in more.items():
        calls_once, own_once = once.get(name, (0, 0.0))
        share, share_once = own / whole_more, own_once / whole_once
        if calls > 1.1 * TIMES * calls_once + FEW or share > 3 * share_once + 0.02:
            found.add(name)
    return found


def too_much(folder: Path, scene: str, surface: Surface) -> set[str]:
    """Return the functions that grow too fast, each time of a few: a busy machine interrupts."""
    found: set[str] | None = None
    for _ in range(RUNS):
        once, more = (cost_of(folder, scene, size, surface) for size in (SIZE, TIMES * SIZE))
        growing = grows_faster(once, more)
        found = growing if found is None else found & growing
        if not found:
            break
    return found or set()


@pytest.mark.parametrize("surface", Surface)
@pytest.mark.parametrize("scene", SCENES)
def test_four_times_the_agents_take_four_times_the_work(
    scene: str, surface: Surface, tmp_path: Path
) -> None:
    assert too_much(tmp_path, scene, surface) == set()


def test_a_look_at_everybody_for_each_agent_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from provisioner.planning import diff  # noqa: PLC0415

    compare, everybody = diff._Comparer.compare, set[str]()

    def slow(self: Any, resource: Any, existing: Any) -> Any:
        everybody.update(key for _, key in self.live.objects)
        everybody.intersection(everybody)
        return compare(self, resource, existing)

    monkeypatch.setattr(diff._Comparer, "compare", slow)
    assert too_much(tmp_path, "changed", Surface.FULL)
