"""Removes from a live state what a smaller reading of API v3 would not have asked for."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from provisioner.address import Kind
from provisioner.live.reader_protocol import reads_hours_of
from provisioner.live.state import LiveObject, LiveState


def all_objects(live: LiveState) -> Iterator[LiveObject]:
    """Yield all objects of a state, also those that share an identity."""
    for identity, one in live.objects.items():
        yield from live.ambiguous.get(identity, (one,))


def without_plugins(live: LiveState) -> LiveState:
    """Return the state that API v3 shows when its plugins are not requested."""
    if live.plugins_read is None:
        return live
    account = replace(live.account, plugins={})
    return replace(live, account=account, plugins_read=None, requests=max(0, live.requests - 1))


def without_hours(live: LiveState, kept: Collection[str], *, zone_was_read: bool) -> LiveState:
    """Return the state that API v3 shows when the hours of fewer agents are requested."""
    dropped = [one for one in all_objects(live) if _has_hours(one) and not _is_kept(one, kept)]
    account, saved = live.account, sum(map(_requests_for_hours, dropped))
    if not kept and zone_was_read:
        account, saved = replace(account, timezone=None), saved + 1
    if not saved:
        return live
    remaining = LiveState.of(
        _remove_hours(all_objects(live), kept),
        defaults=live.defaults,
        account=account,
        deleted=live.deleted,
        surface=live.surface,
        hours_form=live.hours_form,
        unread=live.unread,
        requests=max(0, live.requests - saved),
        paging=live.paging,
    )
    return replace(remaining, plugins_read=live.plugins_read)


def _remove_hours(objects: Iterable[LiveObject], kept: Collection[str]) -> Iterator[LiveObject]:
    for one in objects:
        if _has_hours(one) and not _is_kept(one, kept):
            rest = {name: value for name, value in one.attributes.items() if name != "hours"}
            yield replace(one, attributes=rest)
        else:
            yield one


def _is_kept(agent: LiveObject, kept: Collection[str]) -> bool:
    return reads_hours_of(kept, agent.address.key, agent.id)


def _has_hours(one: LiveObject) -> bool:
    return one.address.kind is Kind.AGENT and "hours" in one.attributes


def _requests_for_hours(agent: LiveObject) -> int:
    """Return the number of requests for an agent's hours on API v3: one per web device."""
    return len(agent.attributes["availability"])
