"""The whole story of a team under every switch of the sandbox, and under every pair of them.

Each value of a switch either lets the story go to its end, or stops it at a known stage with a
known reason. `make test` runs few configurations that have every pair; `make soak` runs each value
and each pair alone, too, so that none hides another.
"""

from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from provisioner.sandbox.routes import SURFACES, Surface
from provisioner.sandbox.switches import Switches
from tests.effort import SOAK
from tests.story import GONE, HERE, WANTED, Story, story, truth
from tests.switch_pairs import (
    MET,
    NOT_MET,
    Config,
    Value,
    covering,
    meeting,
    odd_values,
    pairs,
)

STAGES = ("plan", "newcomers", "export", "leaver", "rejoin", "end")


class Stop(NamedTuple):
    """A value with which a story can't go on.

    Attributes:
        stage: the stage at which it stops.
        reason: a text in the output of the last command.
        surfaces: the surfaces where it stops.
    """

    stage: str
    reason: str
    surfaces: tuple[Surface, ...] = ("v3", "full")


STOPS: dict[Value, Stop] = {
    ("key_scopes", "device.manage"): Stop("plan", "403 Forbidden: Insufficient privileges"),
    ("key_scopes", "agent.read,device.manage,settings.read"): Stop(
        "newcomers", "403 Forbidden: Insufficient privileges"
    ),
    ("web_devices", "none"): Stop("newcomers", "no web device for"),
    ("plan_day_base", 1): Stop("newcomers", "Invalid value for 'day'"),
    ("plan_time_format", "HH:MM"): Stop("newcomers", "Invalid value for 'start'"),
}
"""The values that stop a story; all others let it go to its end."""

INCOMPLETE: dict[Value, tuple[Surface, ...]] = {
    ("join_all_departments", True): ("full",),
    ("creates_agents", "404"): ("v3", "full"),
    ("creates_agents", "405"): ("v3", "full"),
}
"""Values with which a run may end as incomplete, with the reason, and must be run again."""


def stops_of(surface: Surface, config: Config) -> list[Stop]:
    """Return the stops of a configuration at its first stage that has any."""
    stops = [
        stop
        for value, stop in STOPS.items()
        if config.get(value[0]) == value[1] and surface in stop.surfaces
    ]
    first = min((STAGES.index(stop.stage) for stop in stops), default=len(STAGES))
    return [stop for stop in stops if STAGES.index(stop.stage) == first]


def configs(surface: Surface) -> list[Config]:
    """Return configurations that have every value, and every pair of values that can meet."""
    values = odd_values()
    stopping = [value for value in values if stops_of(surface, dict([value]))]
    flowing = [value for value in values if value not in stopping]
    few = [{}, *covering(flowing)]
    for value in stopping:
        few += [dict([value]), *meeting(value, flowing)]
    few += map(dict, pairs(stopping))
    if SOAK:
        few += [dict([value]) for value in flowing] + [*map(dict, pairs(values))]
    return few


CASES = [(surface, config) for surface in SURFACES for config in configs(surface)]


def play(life: Story) -> str:
    """Play the story and return the stage at which it stopped, or `end`."""
    life.declare(HERE)
    if life.run("plan", str(life.project)).exit_code:
        return "plan"
    if not life.converge():
        return "newcomers"
    exported = life.folder / "exported"
    if life.run("export", str(exported)).exit_code:
        return "export"
    if life.run("plan", str(exported), "--detailed-exitcode").exit_code:
        return "export"
    life.declare(GONE)
    if not life.converge():
        return "leaver"
    life.declare(HERE)
    return "end" if life.converge() else "rejoin"


def wanted(config: Config) -> dict[str, Any]:
    """Return what the account has after the story.

    A value that the account never shows is neither compared nor overwritten. So an agent whom a
    person created keeps the gender of the panel, and the plan has a warning.
    """
    if config.get("creates_agents") is None or config.get("optional_fields") != "left_out":
        return WANTED
    ana, bob, (email, name, role, _, status) = WANTED["people"]
    return WANTED | {"people": [ana, bob, (email, name, role, "X", status)]}


@pytest.mark.parametrize(
    ("surface", "config"),
    CASES,
    ids=[f"{surface}-{'-'.join(config)[:60] or 'defaults'}" for surface, config in CASES],
)
def test_a_story_ends_as_expected(tmp_path: Path, surface: Surface, config: Config) -> None:
    stops = stops_of(surface, config)
    with story(tmp_path, surface, Switches(**config)) as life:
        life.reruns = any(
            config.get(name) == value and surface in surfaces
            for (name, value), surfaces in INCOMPLETE.items()
        )
        stage = play(life)
        assert stage == (stops[0].stage if stops else "end"), f"{config}\n{life.story()}"
        if stops:
            reasons = [stop.reason for stop in stops]
            assert any(one in life.story() for one in reasons), f"{config}\n{life.story()}"
            return
        with life.panel() as database:
            found = truth(database)
        assert found == wanted(config), f"{config}\n{life.story()}"
        assert "not-read" in life.codes or found == WANTED
        assert bool(life.manual) is (surface == "v3" or "creates_agents" in config)
        assert "hours-unconfirmed" in life.codes


def test_a_key_that_may_only_read_writes_nothing(tmp_path: Path) -> None:
    switches = Switches(key_scopes="agent.read,device.manage,settings.read")
    with story(tmp_path, "full", switches) as life:
        play(life)
        with life.panel() as database:
            assert truth(database)["people"] == []


def test_every_switch_is_met_or_left_out_with_a_reason() -> None:
    switches = {field.name: field.default for field in fields(Switches)}
    assert MET.keys() | NOT_MET.keys() == switches.keys()
    assert not MET.keys() & NOT_MET.keys()
    assert all(NOT_MET.values())
    assert {name: values[0] for name, values in MET.items()} == {
        name: switches[name] for name in MET
    }


@pytest.mark.parametrize("surface", SURFACES)
def test_the_configurations_have_every_pair(surface: Surface) -> None:
    """A stop hides what comes later, so a pair counts only where nothing stops before the pair."""
    tried: set[tuple[Value, Value]] = set()
    for config in configs(surface):
        values: list[Value] = sorted(config.items(), key=odd_values().index)
        stops = [value for value in values if stops_of(surface, dict([value]))]
        assert len(stops) <= 2
        tried |= {*pairs(values)} if not stops or len(values) == 2 else set()
        tried |= {pair for pair in pairs(values) if {*stops} & {*pair}}
    assert {*pairs(odd_values())} <= tried
