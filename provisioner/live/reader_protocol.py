"""The interface that planning uses to read an account, and what a smaller reading returns.

It has no method that writes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from provisioner.address import Kind, fold
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.leaving import LeavingFacts
from provisioner.live.state import LiveObject, LiveState


def reads_hours_of(hours_of: Collection[str] | None, email: str, agent_id: str) -> bool:
    """Return whether `Reader.read(hours_of=...)` reads the planned hours of an agent."""
    return hours_of is None or fold(email) in hours_of or agent_id in hours_of


class Reader(Protocol):
    """Reads an account."""

    def read(self, *, hours_of: Collection[str] | None = (), plugins: bool = False) -> LiveState:
        """Read the whole account in bulk pages.

        Args:
            hours_of: folded emails and ids of the agents with declared hours. API v3 shows hours
                only device by device, so those of other agents are skipped. None: all agents.
            plugins: whether rules need the active plugins, which API v3 lists on demand.

        Raises:
            TargetError: a read failed, was incomplete or invalid. A partial state is never
                returned, because its missing objects would look deleted.
        """
        ...

    def read_names(self, wanted: Collection[NameList]) -> AccountNames:
        """Read lists of names that values of the files refer to.

        A list that the account refuses to show is left out of the result.

        Raises:
            TargetError: the account can't be reached, or a list has an unexpected value.
        """
        ...

    def read_photos(self, agents: Iterable[LiveObject]) -> Mapping[str, str]:
        """Read the pictures that API v3 shows of agents (`avatar_url`), one request for each.

        Returns:
            Agent id to digest of the picture, as `photo` of an agent has it; "" for one that
            can't be read. Agents without a picture on this account are left out.

        Raises:
            TargetError: the run was stopped.
        """
        ...

    def read_leaving(self, *, tickets: bool, proof: bool = True) -> LeavingFacts:
        """Read the API keys of all agents and, on demand, their active tickets.

        What the account refuses to show is left out of the result. `proof` adds a request where
        the list has only the keys of one agent, and may not show others to this API key.

        Raises:
            TargetError: the account can't be reached, or a list has an unexpected value.
        """
        ...


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
    return replace(remaining, plugins_read=live.plugins_read, pages=live.pages)


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
