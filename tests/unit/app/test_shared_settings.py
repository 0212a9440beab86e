"""Which settings become profiles, which agents extend them, and what they are called."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest

from provisioner.app.exporting.shared_settings import LEAST_AGENTS, Member, lift_shared

Data = dict[str, Any]

ONLINE = {"availability": {"tickets": "online", "chats": "online"}}
THEME = {"panel": {"theme": "dark"}}
MAIL = {"notifications": {"email": {"new_ticket": True}}}
SIGNATURE = {"signature": "Kind regards\nSupport\nAcme"}
DAY = {"hours": [{"days": ["mon", "tue"], "from": "09:00", "to": "17:00"}]}
NIGHT = {"hours": [{"days": ["mon", "tue"], "from": "22:00", "to": "06:00"}]}
LATE = {"hours": [{"days": ["mon", "tue"], "from": "14:00", "to": "22:00"}]}


def members(number: int, fields: Data, department: str = "") -> list[Member]:
    return [
        Member(
            {"email": f"{department}{at}@acme.example", "role": "agent", **deepcopy(fields)},
            department,
        )
        for at in range(number)
    ]


def lifted(agents: Sequence[Member]) -> dict[str, Data]:
    return {profile.pop("name"): profile for profile in lift_shared(agents)}


def test_what_most_agents_share_is_the_standard() -> None:
    agents = [*members(8, ONLINE | THEME | MAIL), *members(4, MAIL)]
    assert lifted(agents) == {"standard": ONLINE | MAIL | THEME}
    assert agents[0].item == {
        "email": "0@acme.example",
        "role": "agent",
        "extends": ["standard"],
    }
    assert agents[-1].item == {"email": "3@acme.example", "role": "agent", **MAIL}


def test_a_department_has_its_own_profile() -> None:
    agents = [
        *members(6, ONLINE | THEME | SIGNATURE, "Support"),
        *members(6, ONLINE | THEME | {"chat": {"max_load": 2}}, "Technical Support"),
    ]
    assert lifted(agents) == {"standard": ONLINE | THEME, "support": SIGNATURE}
    assert agents[0].item["extends"] == ["standard", "support"]
    assert agents[-1].item["chat"] == {"max_load": 2}


@pytest.mark.parametrize(
    ("hours", "name"), [(DAY, "day-shift"), (LATE, "late-shift"), (NIGHT, "night-shift")]
)
def test_shifts_have_profiles_across_departments(hours: Data, name: str) -> None:
    agents = [*members(3, hours, "Support"), *members(3, hours, "Sales"), *members(9, {}, "VIP")]
    assert lifted(agents) == {name: hours}


def test_a_value_of_its_own_overrides_the_profile() -> None:
    shared = SIGNATURE | ONLINE | {"chat": {"max_load": 4}}
    agents = [*members(5, shared), *members(1, shared | {"chat": {"max_load": 9}})]
    assert lifted(agents) == {"standard": shared}
    assert agents[-1].item["chat"] == {"max_load": 9}
    assert agents[-1].item["extends"] == ["standard"]


def test_a_setting_that_the_profile_has_and_the_agent_leaves_out_keeps_them_apart() -> None:
    agents = [*members(5, ONLINE | THEME | SIGNATURE), *members(1, ONLINE | THEME)]
    lifted(agents)
    assert "extends" not in agents[-1].item
    assert agents[-1].item["panel"] == {"theme": "dark"}


@pytest.mark.parametrize(
    "agents",
    [
        pytest.param(members(LEAST_AGENTS - 1, ONLINE | SIGNATURE | THEME), id="too few agents"),
        pytest.param(members(20, THEME), id="a single line"),
        pytest.param(members(3, ONLINE | THEME), id="saves too little"),
        pytest.param(
            members(9, {"name": "Mia", "alias": "M", "gender": "female", "photo": "sha256:0"}),
            id="personal",
        ),
        pytest.param(
            members(9, {"departments": {"Support": {"tickets": True, "role": "solver"}}}),
            id="access",
        ),
    ],
)
def test_what_stays_with_the_agents(agents: list[Member]) -> None:
    before = [deepcopy(one.item) for one in agents]
    assert lifted(agents) == {}
    assert [one.item for one in agents] == before


def test_the_order_of_agents_does_not_matter() -> None:
    def account() -> list[Member]:
        return [
            *members(6, ONLINE | THEME | SIGNATURE, "Support"),
            *members(5, ONLINE | MAIL | DAY, "Sales"),
            *members(4, NIGHT | THEME | {"level": "Expert"}, "VIP"),
        ]

    assert lifted(account()) == lifted(account()[::-1])


def test_a_name_follows_the_content_where_nothing_else_fits() -> None:
    agents = [
        *members(2, THEME | MAIL | {"level": "Expert"}, "Support"),
        *members(2, THEME | MAIL | {"level": "Expert"}, "Sales"),
        *members(9, {}, "Support"),
        *members(9, {}, "Sales"),
    ]
    assert lifted(agents) == {"level-and-notifications": THEME | MAIL | {"level": "Expert"}}
