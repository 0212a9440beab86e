"""Profiles that an export finds change no value that an agent gets, whatever agents share."""

from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner import address
from provisioner.app.exporting.account_export import Exported, ExportOptions, export_account
from provisioner.app.exporting.shared_settings import MOST_EXTENDED, MOST_PROFILES
from provisioner.app.open_project import open_project
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.hours import planned_hours
from provisioner.planning.access.access_fields import is_access
from tests.effort import examples
from tests.properties.strategies import optional

NUMBERS = count()
Data = dict[str, Any]

DEPARTMENTS = ("Support", "Sales")
ON = st.sampled_from(["online", "offline"])
EVENTS = {"ticket_assigned": st.booleans(), "customer_reply": st.booleans()}
WEEK = st.fixed_dictionaries(
    {
        "chats": st.sampled_from(
            [
                {"mon": "09:00-17:00", "tue": "09:00-17:00"},
                {"mon": "22:00-24:00", "tue": "00:00-06:00"},
            ]
        )
    }
)
MEMBERSHIP = st.fixed_dictionaries(
    {
        "tickets": st.booleans(),
        "role": st.sampled_from(["solver", "manager"]),
        "signature": st.sampled_from(["", "Team", "Kind regards\nTeam"]),
    }
)
SETTINGS = optional(
    alias=st.sampled_from(["", "Mia"]),
    role=st.sampled_from(["agent", "admin"]),
    availability=optional(tickets=ON, chats=ON),
    to_solve_only=st.just(False),
    notifications=optional(
        email=optional(**EVENTS), slack=st.fixed_dictionaries({"user": st.just("U1"), **EVENTS})
    ),
    signature=st.sampled_from(
        ["", "Kind regards\nTeam", "Bye\n\nAcme\n", "odd \n\rtext", "x" * 1200]
    ),
    chat=optional(max_load=st.sampled_from([3, 4, 7]), priority=st.sampled_from([50, 10])),
    panel=optional(theme=st.sampled_from(["bright", "dark"])),
    level=st.sampled_from(["", "Expert"]),
    sounds=st.dictionaries(
        st.sampled_from(["new_chat", "a.b"]), st.sampled_from(["chime", "muted"])
    ),
)
AGENTS = st.lists(
    st.tuples(
        SETTINGS,
        st.dictionaries(st.sampled_from(DEPARTMENTS), st.tuples(MEMBERSHIP, st.none() | WEEK)),
    ),
    min_size=1,
    max_size=4,
)
"""Kinds of agents; each is in the account several times, so that there is something to share."""


def account_of(kinds: list[Any], copies: list[int]) -> LiveState:
    objects = [LiveObject(address.department(name), name, {"name": name}) for name in DEPARTMENTS]
    for number, kind in enumerate(copies):
        own, departments = kinds[kind % len(kinds)]
        email = f"agent{number:02}@acme.example"
        attributes = {
            "email": email,
            "name": f"Agent {number}",
            **own,
            "departments": {name: membership for name, (membership, _) in departments.items()},
            "hours": {name: week for name, (_, week) in departments.items() if week},
        }
        objects.append(LiveObject(address.agent(email), str(number), attributes))
    return LiveState.of(objects)


def resolved(exported: Exported, folder: Path) -> dict[str, Any]:
    """Return what the written files declare of each agent."""
    for name, content in exported.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return {
        str(one.address): (one.attributes, planned_hours(one.hours or (), "UTC"))
        for one in open_project(folder).desired.resources.values()
    }


def is_lifted_access(profile: Data) -> bool:
    return any(is_access((key,)) for key in profile if key != "name")


@settings(
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(kinds=AGENTS, copies=st.lists(st.integers(0, 3), min_size=1, max_size=14))
def test_resolved_values_are_equal(kinds: list[Any], copies: list[int], tmp_path: Path) -> None:
    live = account_of(kinds, copies)
    with_profiles = export_account(live, lambda _agent: b"")
    without = export_account(live, lambda _agent: b"", ExportOptions(profiles=False))
    folder = tmp_path / str(next(NUMBERS))
    values = resolved(with_profiles, folder / "with")
    assert values == resolved(without, folder / "without")
    project = open_project(folder / "with")
    for resource in project.desired.resources.values():
        profiles = [layer for layer in resource.layers if layer.profile]
        assert len(profiles) <= MOST_EXTENDED
        assert not any(is_lifted_access(dict(layer.fields)) for layer in profiles)
    assert with_profiles.profiles <= MOST_PROFILES
    assert without.profiles == 0
    again = export_account(live, lambda _agent: b"")
    assert again.files == with_profiles.files


@settings(
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(kinds=AGENTS, copies=st.lists(st.integers(0, 3), min_size=1, max_size=14))
def test_each_distinct_signature_is_written_once(kinds: list[Any], copies: list[int]) -> None:
    texts = {"Team", "Acme", "x" * 1200}
    files = export_account(account_of(kinds, copies), lambda _agent: b"").files
    for text in texts:
        lines = [line for content in files.values() for line in content.decode().splitlines()]
        ends = [line for line in lines if line.endswith(text) and "name" not in line]
        # "Team" is the end of two signatures; "odd" ones can't be in a file.
        assert len(ends) <= (2 if text == "Team" else 1)
