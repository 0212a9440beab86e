"""Mistakes around the account: another one, one that fails, and one that changes meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

from provisioner import address as addresses
from provisioner.address import Kind
from provisioner.app.proving.project_copy import Case, Injected, Make, NotApplicableError
from provisioner.live.state import LiveObject, LiveState


def _other_account(case: Case) -> Injected:
    return Injected(account=_of(case.live, _strangers(case.live)))


def _strangers(live: LiveState) -> Iterator[LiveObject]:
    """Yield the objects of an account with as many people, all of them others."""
    for number, one in enumerate(live.objects.values()):
        if one.address.kind is not Kind.AGENT:
            yield one
            continue
        email = f"person{number}@other.example"
        attributes = {**one.attributes, "email": email, "name": f"Person {number}"}
        yield replace(
            one, address=addresses.agent(email), id=f"other{number:03}", attributes=attributes
        )


def _wrong_target(case: Case) -> Injected:
    live = case.live
    people = [one for one in live.objects.values() if one.address.kind is Kind.AGENT]
    kept = {live.account.creator, live.account.key_agent}
    staying = [one for one in people if one.id in kept or one.attributes["role"] == "owner"]
    if len(staying) == len(people):
        raise NotApplicableError("the account has no people besides its owners")
    return Injected(account=_of(live, [_alone(one) for one in staying]))


def _alone(agent: LiveObject) -> LiveObject:
    return replace(agent, attributes={**agent.attributes, "departments": {}})


def _of(live: LiveState, objects: Iterator[LiveObject] | list[LiveObject]) -> LiveState:
    """Return another account with the properties of an account."""
    return replace(
        live,
        objects={one.address.identity: one for one in objects},
        ambiguous={},
        deleted={},
        deleted_voices={},
        unread=(),
    )


def _failed_page(case: Case) -> Injected:
    del case
    return Injected(fault="status")


def _cut_answer(case: Case) -> Injected:
    del case
    return Injected(fault="truncate")


def _stale_snapshot(case: Case) -> Injected:
    copy, person = case.copy(), case.people()[0]
    copy.entry(Kind.AGENT, person.address.key)["name"] = "Name of the files"
    one = case.live.objects[person.address.identity]
    changed = replace(one, attributes={**one.attributes, "name": "Name of the panel"})
    objects = {**case.live.objects, one.address.identity: changed}
    return Injected(copy.unsaved(), later=replace(case.live, objects=objects))


ACCOUNT_MISTAKES: dict[str, Make] = {
    "other-account": _other_account,
    "wrong-target": _wrong_target,
    "failed-page": _failed_page,
    "cut-answer": _cut_answer,
    "stale-snapshot": _stale_snapshot,
}
