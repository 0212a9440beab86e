"""Which pairs of a leaver and a newcomer are called a rename, and which are not."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from provisioner.address import Address, Identity, Kind, agent, department, role
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.planning.suspicion import likeness
from provisioner.planning.suspicion.likeness import DeclaredBefore, Evidence, Likeness
from provisioner.planning.suspicion.rename_candidates import suspected_renames
from provisioner.planning.suspicion.suspected_renames import SuspectedRename
from tests.entries import entry

SUPPORT = {"Support": {"tickets": True}}
SALES = {"Sales": {"tickets": True}}


def person(name: str, mailbox: str, departments: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "email": f"{mailbox}@acme.example",
        "role": "agent",
        "departments": SUPPORT if departments is None else departments,
        **more,
    }


OTHERS = [
    person(f"{first} Kent", f"{first.lower()}.kent", {}, chat={"max_load": 2})
    for first in ("Otto", "Pia", "Sam", "Vera")
]


def suspected(
    old: Sequence[tuple[Address, Mapping[str, Any]]],
    new: Sequence[tuple[Address, Mapping[str, Any]]],
    *,
    staying: Sequence[tuple[Address, Mapping[str, Any], Mapping[str, Any]]] = (),
    before: DeclaredBefore | None = None,
    permissions: Mapping[str, str] | None = None,
    deleted: tuple[Address, ...] = (),
) -> tuple[SuspectedRename, ...]:
    """Return the suspected renames of what goes and comes; `staying` is live and declared."""
    live = LiveState.of(
        [
            LiveObject(address, f"id of {address}", values)
            for address, values in [*old, *((one, values) for one, values, _ in staying)]
        ],
        defaults={Kind.ROLE: {"permissions": permissions or {}}},
    )
    declared = [*new, *((address, values) for address, _, values in staying)]
    resources = {address.identity: entry(address, values) for address, values in declared}
    created = {address for address, _ in new}
    before = before or DeclaredBefore()
    return suspected_renames(DesiredState(resources), live, created, deleted, before)


def of_people(
    old: Mapping[str, Any], new: Mapping[str, Any], **options: Any
) -> tuple[SuspectedRename, ...]:
    others = [(agent(one["email"]), one, {"email": one["email"]}) for one in OTHERS]
    return suspected(
        [(agent(old["email"]), old)],
        [(agent(new["email"]), new)],
        staying=options.pop("staying", others),
        **options,
    )


LIKELY = {
    "a marriage": (person("Rina Vale", "rina.vale"), person("Rina Hale", "rina.hale")),
    "a short mailbox before": (person("Rina Vale", "rina"), person("Rina Hale", "rina.hale")),
    "a mailbox of initials": (person("Mia Chen", "m.chen"), person("Mia Novak", "m.novak")),
    "a mailbox without dots": (person("Mia Chen", "mchen"), person("Mia Novak", "mnovak")),
    "a double name": (person("Mia Chen", "mia.chen"), person("Mia Chen-Novak", "mia.cn")),
    "one name only": (person("Rina", "rina"), person("Rina Hale", "rina.hale")),
    "a title": (person("Mia Chen", "m.chen"), person("Dr. Mia Novak", "m.novak")),
    "accents": (person("Zoë Kim", "z.kim"), person("Zoe Park", "z.park")),
    "capital letters": (person("MIA CHEN", "m.chen"), person("Mia Novak", "m.novak")),
    "the same name and another mailbox": (
        person("Mia Chen", "mia"),
        person("Mia Chen", "chen.mia"),
    ),
    "no departments": (
        person("Rina Vale", "rina.vale", {}),
        person("Rina Hale", "rina.hale", {}),
    ),
    "one department of two": (
        person("Rina Vale", "rina.vale", {**SUPPORT, **SALES}),
        person("Rina Hale", "rina.hale"),
    ),
    "another role": (
        person("Rina Vale", "rina.vale"),
        person("Rina Hale", "rina.hale", role="admin"),
    ),
    "an owner": (
        person("Rina Vale", "r.vale", {}, role="owner", alias="Rina V", chat={"max_load": 9}),
        person("Rina Hale", "r.hale", {}, role="owner", alias="Rina V", chat={"max_load": 9}),
    ),
    "an alias that stays": (
        person("Q. Vale", "vale", alias="Birdie", chat={"max_load": 7}, level="Expert"),
        person("Q. Hale", "hale", alias="Birdie", chat={"max_load": 7}, level="Expert"),
    ),
}

UNLIKELY = {
    "a leaver and a newcomer in one department": (
        person("Rina Vale", "rina.vale"),
        person("Ben Carter", "ben.carter"),
    ),
    "a successor with the same settings": (
        person("Rina Vale", "rina.vale", role="admin", chat={"max_load": 9}, level="Expert"),
        person("Ben Carter", "ben.carter", role="admin", chat={"max_load": 9}, level="Expert"),
    ),
    "a family name in common": (
        person("Anna Novak", "anna.novak"),
        person("Petr Novak", "petr.novak"),
    ),
    "initials of one family": (person("Anna Novak", "a.novak"), person("Petr Novak", "p.novak")),
    "a first name in another department": (
        person("Anna Bell", "anna.bell"),
        person("Anna Stone", "anna.stone", SALES),
    ),
    "a first name alone": (person("Anna Bell", "a.bell", {}), person("Anna Stone", "a.stone", {})),
    "numbered agents": (person("Agent 7", "agent7"), person("Agent 12", "agent12")),
    "numbered shifts": (person("Night 1", "night.1"), person("Night 2", "night.2")),
    "no name at all": (person("", "x1"), person("", "y1")),
    "a mailbox that starts alike": (person("Ann Low", "supp.a"), person("Bo High", "supp.b")),
}


@pytest.mark.parametrize("pair", LIKELY.values(), ids=LIKELY)
def test_a_likely_pair_of_people(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    old, new = pair
    (found,) = of_people(old, new)
    assert (found.address.key, found.former_name) == (new["email"], old["email"])
    assert found.reasons


@pytest.mark.parametrize("pair", UNLIKELY.values(), ids=UNLIKELY)
def test_an_unlikely_pair_of_people(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Also if the files declared the leaver before: that is true of every leaver."""
    old, new = pair
    identity = agent(old["email"]).identity
    assert of_people(old, new) == ()
    assert of_people(old, new, before=DeclaredBefore(None, lambda: frozenset({identity}))) == ()


def test_a_first_name_of_many_people_counts_little() -> None:
    team = [person(f"Anna {last}", f"anna.{last.lower()}") for last in ("Ash", "Fir", "Elm", "Oak")]
    staying = [(agent(one["email"]), one, {"email": one["email"]}) for one in team]
    pair = person("Anna Bell", "anna.bell"), person("Anna Stone", "anna.stone")
    assert of_people(*pair)
    assert of_people(*pair, staying=staying) == ()


def test_who_is_like_many_is_like_nobody() -> None:
    """A project that is planned for another account must not end in hundreds of pairs."""
    leavers = [person(f"Rina {last}", f"r.{last.lower()}") for last in ("Ash", "Fir", "Elm")]
    new = person("Rina Hale", "r.hale")
    for number in (1, 2, 3):
        rows = [(agent(one["email"]), one) for one in leavers[:number]]
        assert len(suspected(rows, [(agent(new["email"]), new)])) == (number <= 2)


def test_a_pair_that_a_guard_refuses_is_no_second_message() -> None:
    old, new = person("Mia Chen", "mia"), person("Mia Chen", "chen.mia")
    assert of_people(old, new)
    assert of_people(old, new, deleted=(agent(old["email"]),)) == ()
    moved = {**old, "email": "mia@acme.exmple"}
    assert of_people(old, moved) == ()


def test_each_object_is_in_the_likeliest_pair_only() -> None:
    leavers = [person("Rina Vale", "rina.vale"), person("Rina Moss", "r.moss")]
    comers = [person("Rina Hale", "rina.hale"), person("Rina Bloom", "r.bloom")]
    rows = [[(agent(one["email"]), one) for one in side] for side in (leavers, comers)]
    found = suspected(*rows)
    assert {(one.former_name.split("@")[0], one.address.key.split("@")[0]) for one in found} == {
        ("rina.vale", "rina.hale"),
        ("r.moss", "r.bloom"),
    }


def test_the_base_decides_a_doubtful_pair() -> None:
    """An agent whom the base did not declare was probably never a part of the files."""
    old, new = person("Rina Vale", "r.vale"), person("Rina Hale", "r.hale")
    known: dict[Identity, Resource] = {agent(old["email"]).identity: entry(agent("x@x.example"))}
    assert of_people(old, new, before=DeclaredBefore(known))
    assert of_people(old, new, before=DeclaredBefore({})) == ()


def test_an_agent_who_was_declared_before_was_renamed_in_the_panel() -> None:
    old, new = person("Rina Vale", "rina.vale"), person("Rina Hale", "rina.hale")
    identity = agent(new["email"]).identity
    (found,) = of_people(old, new, before=DeclaredBefore(None, lambda: frozenset({identity})))
    assert found.was_declared
    assert "renamed in the panel" in found.diagnostic().hint
    (found,) = of_people(old, new)
    assert not found.was_declared


def member(name: str, before: str, after: str) -> Any:
    address = agent(f"{name}@acme.example")
    rows = [person(name, name, {each: {}} if each else {}) for each in (before, after)]
    return address, *rows


def of_departments(old: str, new: str, members: list[Any], **options: Any) -> Any:
    return suspected(
        [(department(old), {"name": old})],
        [(department(new), {"name": new})],
        staying=members,
        **options,
    )


def test_a_department_with_the_same_members_is_a_rename() -> None:
    def most(old: str, new: str) -> list[Any]:
        stay = [member(name, old, new) for name in "abc"]
        return [*stay, member("f", old, "Flour"), member("g", "Flour", new)]

    everybody = [member(name, "Grain", "Wheat") for name in "abcde"]
    (found,) = of_departments("Grain", "Wheat", everybody)
    assert (str(found.address), found.former_name) == ("department/Wheat", "Grain")
    assert of_departments("Grain", "Wheat", most("Grain", "Wheat")) == ()
    assert of_departments("Old mill", "New mill", most("Old mill", "New mill"))


@pytest.mark.parametrize(
    "members",
    [
        [],
        [member("a", "Grain", "Flour"), member("b", "Flour", "Wheat")],
        [*(member(name, "Grain", "Grain") for name in "abcd"), member("e", "Grain", "Wheat")],
    ],
    ids=["empty", "other members", "one who moves"],
)
def test_a_department_with_other_members_is_none(members: list[Any]) -> None:
    assert of_departments("Grain", "Wheat", members) == ()


LEAD = {"manage_agents": "grant", "view_reports": "revoke"}
PLAIN = {"manage_agents": "revoke", "view_reports": "revoke"}


def of_roles(
    old: str, new: str, before: Any, after: Any, holders: int = 0, **options: Any
) -> tuple[SuspectedRename, ...]:
    staying = [
        (
            agent(f"a{number}@acme.example"),
            {**person("", f"a{number}"), "role": old},
            {"email": f"a{number}@acme.example", "role": new},
        )
        for number in range(holders)
    ]
    return suspected(
        [(role(old), {"name": old, "permissions": before})],
        [(role(new), {"name": new, "permissions": after})],
        staying=staying,
        permissions=PLAIN,
        **options,
    )


def test_roles() -> None:
    grant = {"manage_agents": "grant"}
    assert of_roles("Lead", "Chief", LEAD, grant, holders=2)
    assert of_roles("Lead", "Chief", PLAIN, {}, holders=1)
    assert of_roles("Team lead", "Team head", LEAD, grant)
    assert of_roles("Lead", "Chief", LEAD, grant) == ()
    assert of_roles("Lead", "Trainee", LEAD, {}, holders=3) == ()
    assert of_roles("Lead", "Chief", PLAIN, {}) == ()


def test_the_default_department_is_suspected_only_with_more_evidence() -> None:
    members = [member(name, "General", "Support") for name in "abc"]
    live = [(department("General"), {"name": "General"})]
    rows = [(department("Support"), {"name": "Support"})]
    assert suspected(live, rows, staying=members)
    objects = [LiveObject(live[0][0], "default", live[0][1])]
    objects += [LiveObject(address, str(address), values) for address, values, _ in members]
    resources = {
        address.identity: entry(address, values)
        for address, values in [*rows, *((one, after) for one, _, after in members)]
    }
    created = {rows[0][0]}
    state = LiveState.of(objects)
    assert suspected_renames(DesiredState(resources), state, created) == ()


def test_the_job_alone_is_never_enough() -> None:
    """The rule behind the table: whatever the job has in common, a person needs an identity."""
    job = Likeness((Evidence(99, "same departments"),), is_person=True)
    assert not job.likely
    assert Likeness((Evidence(likeness.LIKELY, "x", identity=True),), is_person=True).likely
    weak = Evidence(likeness.MIN_IDENTITY - 1, "x", identity=True)
    assert not Likeness((*job.evidence, weak), is_person=True).likely
    assert not Likeness((Evidence(likeness.LIKELY - 1, "x", identity=True),)).likely
