"""Entries of the HTML page: each fact once, equal changes together, places as links."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.address import agent, role
from provisioner.planning.manual import manual_step
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.revision import Revision
from provisioner.render.html.page_data import page_data
from provisioner.render.review.change_groups import unlisted_fields
from provisioner.render.review.review import review_of
from tests import plans
from tests.effort import examples
from tests.plans import person

WEB = Revision("1f" * 20, lines="https://github.com/acme/support/blob/1f1f/accounts/{file}#L{line}")


def entries(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the entries of a page, each with the title of its section."""
    yield from (("Gains power", entry) for entry in data["gains"])
    yield from (("Loses access", entry) for entry in data["losses"])
    for group in data["groups"]:
        for section in group["sections"]:
            for block in section["blocks"]:
                yield from ((section["title"], entry) for entry in block["entries"])


def text_of(entry: dict[str, Any]) -> str:
    """Return what an entry shows, without people and places."""
    lines = [
        f"{one['name']}: {one['before']} → {one['after']}"
        if one["kind"] == "value"
        else "".join(text for _, text in one["text"])
        if one["kind"] == "event"
        else f"{one['name']} {', '.join(one.get('names', ()))}".strip()
        for one in entry["lines"]
    ]
    return "; ".join(filter(None, ["".join(text for _, text in entry["text"]), *lines]))


def shown(content: Plan) -> dict[str, list[tuple[str, str]]]:
    """Return the sections and texts of each person, by email or name."""
    people: dict[str, list[tuple[str, str]]] = {}
    for title, entry in entries(page_data(review_of(content))):
        for one in entry["people"]:
            key = one["key"] if "@" in one["key"] else one["name"]
            people.setdefault(key, []).append((title, text_of(entry)))
    return people


def test_each_fact_is_in_one_section() -> None:
    people = shown(plans.typical())
    assert people["ada@acme.example"] == [("Gains power", "agent → admin")]
    assert people["joe@acme.example"] == [("Loses access", "leaves Billing, no chats from Support")]
    assert people["eve@acme.example"] == [
        ("Loses access", "is deleted"),
        ("Leaves", "was in Billing (tickets), Support (tickets)"),
    ]
    assert people["mia@acme.example"] == [
        ("Loses access", "no chats from Support"),
        ("Moves", "joins Sales (chats)"),
        ("Changes", "hours / Support: chats mon-tue 09:00-17:00 → (none); signature"),
    ]


def test_permissions_are_in_the_lists_of_power_and_losses_only() -> None:
    many = {f"permission {number}": "grant" for number in range(8)}
    lead, chief = role("Lead"), role("Chief")
    mia = {agent("mia@acme.example"): {"name": "Mia", "role": "Lead"}}
    before: plans.State = {lead: {"name": "Lead", "permissions": {"old": "grant"}}, **mia}
    after: plans.State = {
        lead: {"name": "Lead", "permissions": many},
        chief: {"name": "Chief", "permissions": many},
        **mia,
    }
    names = ", ".join(many)
    people = shown(plans.plan(before, after))
    assert people["Lead"] == [
        ("Gains power", f"grants more; + grants {names}; for Mia"),
        ("Loses access", "grants less; - no longer grants old"),
    ]
    assert people["Chief"] == [
        ("Gains power", f"grants more; + grants {names}"),
        ("Departments and roles", ""),
    ]


def test_somebody_gains_power_by_hand_whom_the_apply_does_not_change() -> None:
    before = plans.state(mia=person("Mia", Sales="tickets"))
    by_hand = replace(
        plans.step("Team lead"), section=manual_step.ROLE, values={"role": "Team lead"}
    )
    content = plans.plan(before, before, steps=(by_hand,))
    assert shown(content) == {"mia@acme.example": [("Gains power", "agent → Team lead (by hand)")]}


AGENTS = st.fixed_dictionaries(
    {
        "name": st.just("Mia"),
        "role": st.sampled_from(["agent", "admin", "owner"]),
        "alias": st.sampled_from(["", "M", "Mi"]),
        "departments": st.dictionaries(
            st.sampled_from(["Sales", "Support"]),
            st.fixed_dictionaries({name: st.booleans() for name in plans.SERVICES}),
        ),
    }
)


@settings(max_examples=examples(40))
@given(before=st.tuples(AGENTS, AGENTS), after=st.tuples(AGENTS, AGENTS))
def test_every_field_is_listed_once_and_only_once(
    before: tuple[dict[str, Any], ...], after: tuple[dict[str, Any], ...]
) -> None:
    emails = [agent(f"{name}@acme.example") for name in ("mia", "ben")]
    content = plans.plan(
        dict(zip(emails, before, strict=True)), dict(zip(emails, after, strict=True))
    )
    lines = Counter(
        one["of"]
        for title, entry in entries(page_data(review_of(content)))
        if title in {"Moves", "Changes"}
        for one in entry["people"]
        for _ in entry["lines"]
    )
    for number, change in enumerate(content.effective):
        unlisted = unlisted_fields(change)
        assert lines[number] == len(unlisted)
        listed = [field for field in change.fields if field not in unlisted]
        assert bool(listed) == (
            change.loses or any(gain.change == change for gain in review_of(content).gains)
        )


def test_equal_changes_are_one_entry_whatever_causes_them() -> None:
    before = plans.state(**{name: person(name, Sales="tickets") for name in ("a", "b", "c")})
    after = {address: {**values, "alias": "x"} for address, values in before.items()}
    content = plans.plan(before, {**after, **{a: before[a] for a in before if "sales" in str(a)}})
    made = [entry for title, entry in entries(page_data(review_of(content))) if title == "Changes"]
    (entry,) = [entry for entry in made if "alias" in text_of(entry)]
    assert [one["name"] for one in entry["people"]] == ["a", "b", "c"]
    assert entry["place"]["text"] == "team.yaml (3 places)"
    assert [one["place"]["text"] for one in entry["people"]] == [
        "team.yaml:5",
        "team.yaml:6",
        "team.yaml:7",
    ]


def test_only_who_is_renamed_and_nothing_else_counts_as_a_pure_rename() -> None:
    def named(domain: str) -> dict[str, Any]:
        return {"name": "Mia", "email": f"mia@{domain}.example"}

    pure = plans.change(agent("mia@new.example"), named("old"), named("new"))
    content = plans.plan({}, {})
    joining = plans.change(
        agent("ben@new.example"),
        {"name": "Ben", "email": "ben@old.example", "departments": {}},
        {"name": "Ben", "email": "ben@new.example", "departments": {"Sales": {"tickets": True}}},
    )
    made = entries(page_data(review_of(replace(content, changes=(joining, pure)))))
    texts = [text_of(entry) for _, entry in made if len(entry["people"]) == 2]
    assert texts == ["@old.example → @new.example (1 pure rename)"]


@pytest.mark.parametrize(
    ("revision", "url"),
    [
        (WEB, "https://github.com/acme/support/blob/1f1f/accounts/team.yaml#L5"),
        (replace(WEB, changed=True), ""),
        (Revision(), ""),
    ],
)
def test_a_place_is_a_link_where_the_repository_is_known(revision: Revision, url: str) -> None:
    data = page_data(review_of(plans.typical(), revision))
    places = {entry["people"][0]["name"]: entry["place"] for _, entry in entries(data)}
    assert places["Ada Kim"] == {"text": "team.yaml:5", "url": url}
