"""What the documented API can't write becomes a manual step; the rest stays a change."""

from collections.abc import Mapping
from typing import Any

import pytest

from provisioner import address
from provisioner.documents.files.attachments import Photo
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.field_changes import field_changes
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.split import split

MIA = address.agent("mia@acme.example")
LIVE: dict[str, Any] = {
    "name": "Mia",
    "role": "agent",
    "departments": {"Support": {"chats": False}},
    "hours": {},
}
WEEK = {"chats": {"mon": "09:00-17:00"}}


def update(**fields: Any) -> Change:
    after = {**LIVE, **fields}
    changes = tuple(field_changes(LIVE, after))
    return Change(MIA, "Mia", Action.UPDATE, Reason.DIFFERS, LIVE, after, changes)


def split_one(change: Change, surface: Surface = Surface.V3) -> tuple[Change, list[ManualStep]]:
    live = LiveState.of([], surface=surface)
    changes, steps = split([change], DesiredState({}), live, {"known": "r7"})
    return changes[0], list(steps)


@pytest.mark.parametrize(
    ("fields", "written", "sections"),
    [
        ({"name": "Mia C"}, ["name"], []),
        ({"role": "admin"}, ["role"], []),
        ({"role": "Known"}, ["role"], []),
        ({"role": "Team lead"}, [], ["role"]),
        ({"alias": "M"}, [], ["alias"]),
        ({"name": "Mia C", "alias": "M"}, ["name"], ["alias"]),
        ({"departments": {"Support": {"chats": True}}}, ["departments.Support.chats"], []),
        ({"departments": {"Support": {"chats": False, "role": "reader"}}}, [],
         ["department-settings"]),
        ({"departments": {}}, [], ["departments"]),
        ({"departments": {**LIVE["departments"], "Sales": {"chats": True}}}, [],
         ["departments"]),
        ({"hours": {"Support": WEEK}}, ["hours.Support"], []),
    ],
    ids=str,
)  # fmt: skip
def test_each_field_is_written_or_a_step(
    fields: Mapping[str, Any], written: list[str], sections: list[str]
) -> None:
    change, steps = split_one(update(**fields))
    assert [".".join(field.path) for field in change.fields] == written
    assert [step.section for step in steps] == sections
    if not written:
        assert (change.action, change.after) == (Action.NO_OP, LIVE)


@pytest.mark.parametrize("fields", [{"alias": "M"}, {"role": "Team lead"}, {"departments": {}}])
def test_the_extended_surface_writes_everything(fields: Mapping[str, Any]) -> None:
    change = update(**fields)
    assert split_one(change, Surface.FULL) == (change, [])


def test_services_and_hours_wait_for_the_membership() -> None:
    joined = {**LIVE["departments"], "Sales": {"tickets": False, "chats": True}}
    change, [step] = split_one(update(departments=joined, hours={"Sales": WEEK}))
    assert step.todo == ('join "Sales"',)
    assert step.then == ("in Sales: tickets no, chats yes, planned hours",)
    assert change.reason is Reason.WAITS_FOR_A_PERSON


def test_a_creation_carries_no_membership_and_a_role_that_the_api_can_give() -> None:
    after = {"name": "Mia", "role": "Team lead", "departments": {"Sales": {}}, "alias": "M"}
    created = Change(MIA, "Mia", Action.CREATE, Reason.DECLARED_MISSING, None, after)
    change, steps = split_one(created)
    assert change.after == {"name": "Mia", "role": "agent"}
    assert [step.section for step in steps] == ["role", "departments", "alias"]


PHOTO = Photo("photos/mia.png", "sha256:12")


@pytest.mark.parametrize(
    ("fields", "place", "lines"),
    [
        ({"to_solve_only": True}, "Departments", ["To solve only: yes"]),
        ({"chat": {"max_load": 4, "priority": 10}}, "Advanced settings",
         ["Max chat load: 4", "Chatting priority: 10"]),
        ({"panel": {"theme": "dark"}}, "Advanced settings", ["Panel theme: dark"]),
        ({"level": "Expert"}, "Advanced settings", ["Level: Expert"]),
        ({"notifications": {"email": {"customer_reply": True}}}, "Notifications",
         ["Email notifications / A customer replied: yes"]),
        ({"sounds": {"new_chat": "muted"}}, "Sounds", ["new_chat: muted"]),
        ({"departments": {"Support": {"chats": False, "change_own_status": True}}}, "Departments",
         ["Support / May change own status: yes"]),
        ({"signature": ""}, "Signature", ["Signature: none"]),
        ({"photo": PHOTO.digest}, "Photo", ["Photo: photos/mia.png"]),
        ({"photo": ""}, "Photo", ["Photo: none"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_step_has_the_words_of_the_panel(
    fields: Mapping[str, Any], place: str, lines: list[str]
) -> None:
    live = LiveState.of([], surface=Surface.V3)
    desired = DesiredState({}, {PHOTO.digest: PHOTO})
    _, (step,) = split([update(**fields)], desired, live, {})
    assert step.panel == f"Configuration > Agents > Mia > {place}"
    assert list(step.todo) == lines


def test_another_image_in_the_same_file_needs_another_step() -> None:
    ids = []
    for digest in ("sha256:12", "sha256:13"):
        photo = Photo("photos/mia.png", digest)
        live = LiveState.of([], surface=Surface.V3)
        _, (step,) = split([update(photo=digest)], DesiredState({}, {digest: photo}), live, {})
        assert step.todo == ("Photo: photos/mia.png",)
        ids.append(step.id)
    assert len(set(ids)) == len(ids)
