"""Finds the page of a list that shows what a step overwrites."""

from collections.abc import Mapping

from provisioner.address import Kind
from provisioner.execution.looks import WRITES_A_LOOK, LookRules
from provisioner.execution.operations import LookList, Operation
from provisioner.execution.steps import PageLook, Step
from provisioner.live.state import ListPage, LiveState, Surface
from provisioner.liveagent.rows.codecs import device_number
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.kinds import SERVICES

_LISTS: Mapping[Operation, LookList] = {
    Operation.UPDATE_AGENT: LookList.AGENTS,
    Operation.SET_VOICE: LookList.AGENTS,
    Operation.UPDATE_AGENT_SETTINGS: LookList.AGENT_SETTINGS,
    Operation.ADD_MEMBER: LookList.AGENT_SETTINGS,
    Operation.SET_MEMBERSHIP: LookList.AGENT_SETTINGS,
    Operation.REMOVE_MEMBER: LookList.AGENT_SETTINGS,
    Operation.SET_AVAILABILITY: LookList.DEVICES,
    Operation.SET_SERVICE: LookList.SERVICES,
}
"""Operation to the list that shows what it overwrites. No list shows roles with their permissions,
departments with their members, or planned hours on every surface."""


_LOOKS_BEFORE_WRITES = 2
"""The page, and the object that proves that the list has all fields."""


def _likely_pages(live: LiveState) -> Mapping[str, Mapping[str, ListPage]]:
    """Return the likely pages of agents, for a snapshot: it has no pages, but the order of agents.

    The pages of their devices are by agent, too. Only the count of requests depends on them.
    """
    agents = [existing.id for (kind, _), existing in live.objects.items() if kind is Kind.AGENT]
    size = live.paging.size
    pages = {agent_id: ListPage(at // size + 1) for at, agent_id in enumerate(agents)}
    devices = {
        agent_id: ListPage(at * len(SERVICES) // size + 1) for at, agent_id in enumerate(agents)
    }
    return {listing: devices if listing is LookList.DEVICES else pages for listing in LookList}


def look_rules(live: LiveState, capabilities: AccountCapabilities, per_minute: int) -> LookRules:
    """Return how the looks of an apply to an account are taken.

    Lists that show writes late are looked at for services only: other objects can be read alone,
    and an account may show these at once (U).

    Args:
        live: the account.
        capabilities: what is known of the account's behaviour.
        per_minute: the limit of requests a minute; 0 for none.
    """
    devices: dict[str, Mapping[str, Mapping[str, object]]] = {
        existing.id: existing.raw.get("devices", {})
        for (kind, _), existing in live.objects.items()
        if kind is Kind.AGENT
    }
    pages = live.pages or _likely_pages(live)
    is_full = live.surface is Surface.FULL
    is_late = capabilities["list_lag_seconds"] > 0
    is_whole = capabilities["list_rows"] == "whole"

    def page_of(step: Step, agent_id: str) -> PageLook | None:
        listing = _LISTS.get(step.operation)
        if listing is None or (step.operation.sends_whole and not is_whole):
            return None
        if is_late and listing is not LookList.SERVICES:
            return None
        row_id = agent_id
        if listing is LookList.DEVICES and is_full:
            listing = LookList.AGENT_SETTINGS
        elif listing is LookList.DEVICES:
            device = devices.get(agent_id, {}).get(step.service)
            row_id = str(device_number(device)) if device else agent_id
        place = pages.get(listing, {}).get(row_id)
        return PageLook(listing, place) if place else None

    batch_size: int = capabilities["batch_size"]
    most = min(WRITES_A_LOOK, per_minute - _LOOKS_BEFORE_WRITES) if per_minute else WRITES_A_LOOK
    return LookRules(page_of, most, batch_size)
