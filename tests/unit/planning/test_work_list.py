"""The work list: pages in the order of the work, and each open step exactly once."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner import address
from provisioner.address import Address, Kind
from provisioner.live.state import LiveObject
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.work_list import WorkEntry, WorkList, work_list
from provisioner.planning.manual.work_pages import PanelLinks
from tests.manual_work import (
    BEN,
    LI,
    MIA,
    SIGNATURE,
    creation,
    department,
    load,
    membership,
    signature,
    step,
)


def drawn(work: WorkList) -> list[tuple[str, list[tuple[str, ...]]]]:
    return [(page.panel, [entry.todo for entry in page.entries]) for page in work.pages]


AGENTS = st.sampled_from([MIA, BEN, LI])
DEPARTMENTS = st.sampled_from(["Support", "Sales", "A: B"])
NAMES = st.lists(DEPARTMENTS, unique=True, min_size=1)
STEPS = st.one_of(
    st.builds(department, DEPARTMENTS, st.sampled_from(["create", "rename", "delete"])),
    st.builds(
        lambda who, names, at: membership(who, names[:at], names[at:]),
        AGENTS, NAMES, st.integers(0, 3),
    ),
    st.builds(creation, AGENTS, st.sampled_from(["agent", "admin"])),
    st.builds(signature, AGENTS, st.sampled_from([SIGNATURE, "Mia", ""])),
    st.builds(load, AGENTS, st.integers(1, 2)),
)  # fmt: skip
PLANS = st.lists(STEPS, unique_by=lambda one: (one.address, one.section))


def contents(work: WorkList) -> Iterator[tuple[str, str]]:
    """Yield each value that an entry sets, with the id of its step."""
    for entry in work.entries:
        yield from _contents(entry)


def _contents(entry: WorkEntry) -> Iterator[tuple[str, str]]:
    if entry.section == "departments":
        for one in entry.steps:
            for word, verb in (("add", "join"), ("remove", "leave")):
                if one.address.key in entry.values[word]:
                    yield one.id, f'{verb} "{entry.values["department"]}"'
        assert len(entry.steps) == len(entry.values["add"]) + len(entry.values["remove"])
    elif entry.section == "create":
        assert len(entry.steps) == len(entry.values["agents"])
        for one, values in zip(entry.steps, entry.values["agents"], strict=True):
            yield one.id, str(values)
            assert all(any(values[key] in line for line in entry.todo) for key in ("email", "name"))
    else:
        yield from ((one.id, str(entry.values)) for one in entry.steps)
        assert not any(SIGNATURE in str(part) for part in entry.values.values()) or (
            SIGNATURE in entry.texts.values()
        )


@given(PLANS)
def test_each_value_of_each_open_step_is_listed_exactly_once(steps: list[ManualStep]) -> None:
    """And nothing else is listed."""
    work = work_list(steps)
    listed = Counter(contents(work))
    expected = Counter(
        (one.id, part)
        for one in steps
        for part in (one.todo if one.section == "departments" else [str(one.values)])
    )
    assert listed == expected
    for entry in work.entries:
        agents = [one.address for one in entry.steps if one.address.kind is Kind.AGENT]
        assert [person.address for person in entry.people] == agents
    assert [entry.number for entry in work.entries] == [*range(1, len(work.entries) + 1)]
    assert work.summary()["steps"] == len(steps)


@given(PLANS)
def test_the_order_of_pages_is_that_of_the_work(steps: list[ManualStep]) -> None:
    """Departments are before roles and agents; a new agent becomes a member after the creation."""
    pages = work_list(steps).pages
    created: set[Address] = set()
    kinds = []
    for page in pages:
        for entry in page.entries:
            if entry.section == "create":
                created |= {one.address for one in entry.people}
            if entry.section == "departments":
                new = {one.address for one in steps if one.section == "create"}
                assert {one.address for one in entry.people} & new <= created
            else:
                kinds.append(entry.steps[0].address.kind)
    order = [Kind.DEPARTMENT, Kind.ROLE, Kind.AGENT]
    assert kinds == sorted(kinds, key=order.index)


def test_memberships_are_one_entry_on_the_page_of_the_department() -> None:
    steps = [
        department("Support"),
        membership(BEN, ["Support"], []),
        membership(MIA, ["Support"], ["Sales"]),
    ]
    assert drawn(work_list(steps)) == [
        ("Configuration > Departments > Sales", [("remove Mia",)]),
        ("Configuration > Departments > Support", [("create it",), ("add Ben, Mia",)]),
    ]


def test_a_department_is_deleted_after_its_members_have_left() -> None:
    work = work_list([department("Sales", "delete"), membership(MIA, [], ["Sales"])])
    assert drawn(work) == [
        ("Configuration > Departments > Sales", [("remove Mia",), ("delete it",)])
    ]


def test_renames_are_first_and_in_the_order_of_the_plan() -> None:
    renames = [
        step(address.department(new), "department", [f'rename the department "x" to "{new}"'],
             name=new, action="update")
        for new in ("Z", "B")
    ]  # fmt: skip
    assert [page.panel[-1] for page in work_list([*renames, department("A")]).pages] == [*"ZBA"]


def test_a_value_of_several_people_is_one_entry_and_the_rest_is_a_page_of_the_person() -> None:
    steps = [
        *(signature(who) for who in (BEN, LI, MIA)),
        load(MIA, 4),
        step(MIA, "alias", ["Alias: M"], alias="M"),
    ]
    own, shared = work_list(steps).pages
    assert (own.panel, [entry.todo for entry in own.entries]) == (
        "Configuration > Agents > Mia",
        [("Load: 4",), ("Alias: M",)],
    )
    assert shared.panel == "Configuration > Agents > (each of these 3) > Signature"
    [entry] = shared.entries
    assert entry.todo == ("Signature: 4 lines",)
    assert entry.texts == {"Signature": SIGNATURE}
    assert [person.label for person in entry.people] == ["Ben", "Li", "Mia"]
    assert not entry.verifiable


def test_new_people_with_equal_settings_are_cloned_from_the_first() -> None:
    steps = [
        creation(BEN), creation(LI, "admin"), creation(MIA),
        *(load(who, 4) for who in (BEN, LI, MIA)),
    ]  # fmt: skip
    create, others = work_list(steps).pages
    assert create.panel == "Configuration > Agents > Create agent"
    first, clones, admin = create.entries
    assert first.texts["email"] == "ben@acme.example"
    assert clones.todo[0].startswith("clone Ben for each of these")
    assert clones.values["template"] == "ben@acme.example"
    assert clones.todo[1:] == ("Mia, mia@acme.example",)
    assert "whether it has more is not known" in clones.hints[0]
    assert admin.people[0].email == "li@acme.example"
    assert len(others.entries[0].people) == 3, "the ticks of a clone's settings stay"


def test_new_people_with_different_settings_are_created_one_by_one() -> None:
    page, *_ = work_list([creation(BEN), creation(MIA), load(MIA, 4)]).pages
    assert [entry.todo[0] for entry in page.entries] == [
        "email: ben@acme.example",
        "email: mia@acme.example",
    ]


def test_people_with_the_same_name_are_listed_with_their_email() -> None:
    other = address.agent("mia@other.example")
    [page] = work_list([load(MIA, 4), load(other, 4), load(BEN, 4)]).pages
    assert [person.label for person in page.entries[0].people] == [
        "Mia (mia@acme.example)",
        "Mia (mia@other.example)",
        "Ben",
    ]


def test_the_page_of_a_person_is_named_so_that_it_is_no_other_person_s() -> None:
    """Also if the other one has nothing to do, or no file declares that one."""
    other = address.agent("mia@other.example")
    agents = "Configuration > Agents > "
    for page, name in zip(
        work_list([load(MIA, 4), load(other, 5)]).pages,
        ("Mia (mia@acme.example)", "Mia (mia@other.example)"),
        strict=True,
    ):
        assert page.panel == f"{agents}{name}"
    namesake = LiveObject(other, "1", {"name": "MIA"})
    [page] = work_list([load(MIA, 4)], undeclared=[namesake]).pages
    assert page.panel == f"{agents}Mia (mia@acme.example)"
    same = Change(MIA, MIA.key, Action.NO_OP, Reason.DIFFERS, {"name": "Mia"}, {"name": "Mia"})
    [page] = work_list([load(MIA, 4)], None, [same], [LiveObject(BEN, "2", {"name": "B"})]).pages
    assert page.panel == f"{agents}Mia"


@pytest.mark.parametrize(
    ("pattern", "link"),
    [
        ("", "https://acme.example/agent/"),
        ("https://acme.example/agent/#Agent;id={id}", "https://acme.example/agent/#Agent;id=a%2F1"),
    ],
)
def test_a_page_of_an_agent_has_the_configured_address_or_that_of_the_panel(
    pattern: str, link: str
) -> None:
    links = PanelLinks("https://acme.example", pattern, {MIA: "a/1"})
    steps = [department("Support"), load(MIA, 3), load(BEN, 4)]
    root = "https://acme.example/agent/"
    assert [page.link for page in work_list(steps, links).pages] == [root, root, link]
    assert {page.link for page in work_list(steps).pages} == {""}
