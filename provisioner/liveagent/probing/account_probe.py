"""Runs all probes of an account, and cleans up whatever happens."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from provisioner.diagnostics import (
    ProvisionerError,
    RejectedError,
    TargetError,
    UnansweredError,
)
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.on_demand_reader import TIMEZONE
from provisioner.liveagent.probing import agent_probes, membership_probes
from provisioner.liveagent.probing.findings import (
    PROBE_NAME,
    SMALLEST_PAGE,
    Ask,
    ProbedAgent,
    ProbeFindings,
    RawLists,
)
from provisioner.liveagent.probing.throwaway import (
    LeftoverError,
    NoCreationError,
    ThrowawayAgents,
    leftover,
)
from provisioner.liveagent.rows.codecs import DELETED, SYSTEM_AGENT
from provisioner.liveagent.rows.live_objects import active_plugins
from provisioner.model.agent_rules import PLUGINS
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.model.zones import zone_of_label

LAGS = (5, 30, 120, 600)
"""Seconds to which a measured delay is rounded up, so that each probe finds the same value."""

_Probe = tuple[tuple[str, ...], Callable[[], None]]


@dataclass(slots=True)
class AccountProbe:
    """One probe of an account.

    Attributes:
        client: the account.
        agents: creates and removes the throwaway agent.
        ask: asks a person what no call shows.
        hold_signals: lets signals wait while the throwaway agent is removed.
        on_agent: called with the agent as soon as it exists.
        clock: returns seconds since any fixed point.
        findings: what was found out.
        agent: the throwaway agent, once its id is known.
    """

    client: Client
    agents: ThrowawayAgents
    ask: Ask
    hold_signals: Callable[[], AbstractContextManager[None]]
    on_agent: Callable[[ProbedAgent], None]
    clock: Callable[[], float] = time.monotonic
    findings: ProbeFindings = field(default_factory=ProbeFindings)
    agent: ProbedAgent | None = None

    def run(self) -> ProbeFindings:
        """Try every assumption and return what was found out.

        The throwaway agent is removed at the end, also after an error or an interrupt.

        Raises:
            RefusedError: the email belongs to an account that no probe has made.
            TargetError: the account can't be used, or the agent can't be removed.
        """
        client, lists, findings = self.client, self.agents.lists, self.findings
        self._try_each(
            (("page_size",), partial(probe_page_size, lists, findings)),
            (("end_of_pages",), partial(probe_end_of_pages, lists, findings)),
            (
                ("lists_agree", "gone_departments"),
                partial(probe_agreement, lists, findings),
            ),
            (("timezone_setting",), partial(probe_timezone, client, findings)),
            (("plugin_names",), partial(probe_plugins, client, findings)),
        )
        try:
            self._probe_with_agent()
        except BaseException as error:
            self._clean_up(error)
            raise
        self._clean_up(None)
        return findings

    def _probe_with_agent(self) -> None:
        try:
            self.agent = self.agents.obtain()
        except NoCreationError:
            self.findings.learn(creates_agents=False)
            by_hand = f'create "{PROBE_NAME}" <{self.agents.email}> in the panel, and run again'
            self.findings.give_up(by_hand, *ASSUMPTIONS)
            return
        self.on_agent(self.agent)
        self._probe_lag(self.agent)
        self._probe_agent(self.agent)

    def _clean_up(self, cause: BaseException | None) -> None:
        """Remove the throwaway agent.

        Raises:
            LeftoverError: it may still exist; the error has the cause of the clean-up, too.
        """
        if not self.agents.may_exist:
            return
        with self.hold_signals():
            try:
                self.agents.remove(self.agent.id if self.agent else None)
            except TargetError as error:
                earlier = cause.diagnostics if isinstance(cause, ProvisionerError) else ()
                left = leftover(self.agents.email, str(error))
                raise LeftoverError(*earlier, left) from cause

    def _probe_agent(self, agent: ProbedAgent) -> None:
        client, lists = self.client, self.agents.lists
        findings, ask = self.findings, self.ask
        new = ("creates_agents", "new_agents_join_all", "new_agent_voice", "registration_mail")
        self._try_each(
            (new, partial(agent_probes.probe_new_agent, client, agent, findings, ask)),
            ((), partial(agent_probes.probe_settings, client, agent, findings, ask)),
            (
                ("optional_fields", "builtin_role_ids"),
                partial(agent_probes.probe_rows, client, lists, agent, findings),
            ),
            (
                (
                    "write_answers",
                    "put_defaults_missing_fields",
                    "null_values",
                    "empty_role_id",
                    "role_without_id",
                ),
                partial(agent_probes.probe_bodies, client, agent, findings),
            ),
            (
                ("web_devices", "number_ids", "new_device_preset", "web_devices_need_panel"),
                partial(agent_probes.probe_devices, client, lists, agent, findings),
            ),
            (
                (*membership_probes.NEW_MEMBERSHIP, *membership_probes.NEEDS_MEMBERSHIP),
                partial(self._probe_membership, agent),
            ),
            (
                (
                    "agents_list_deleted",
                    "grid_lists_deleted",
                    "undelete_body",
                    "undelete_keeps_memberships",
                ),
                partial(agent_probes.probe_restore, client, self.agents, agent, findings),
            ),
        )

    def _probe_membership(self, agent: ProbedAgent) -> None:
        client, lists = self.client, self.agents.lists
        findings, ask = self.findings, self.ask
        department = membership_probes.join_department(client, lists, agent, findings, ask)
        device = agent_probes.web_device(lists, agent)
        if device is None:
            reason = "the agent has no web device for tickets"
            findings.give_up(reason, *membership_probes.NEEDS_MEMBERSHIP)
        elif department is not None:
            membership_probes.probe_services(client, agent, device, department, findings)
            membership_probes.probe_hours(client, device, department, findings, ask)

    def _probe_lag(self, agent: ProbedAgent) -> None:
        """Find out how late the list of agents shows a new agent."""
        if not agent.is_new:
            reason = "only a new agent shows it: name another email with --agent"
            self.findings.give_up(reason, "list_lag_seconds")
            return
        start = self.clock()
        if self.agents.find() is not None:
            self.findings.learn(list_lag_seconds=0)
        elif self.agents.await_listed() is not None:
            seconds = self.clock() - start
            self.findings.learn(list_lag_seconds=next(one for one in LAGS if seconds <= one))
        else:
            self.findings.learn(list_lag_seconds=LAGS[-1])

    def _try_each(self, *probes: _Probe) -> None:
        """Run probes; a refused call ends only its own one."""
        for names, probe in probes:
            try:
                probe()
            except TargetError as error:
                if isinstance(error, UnansweredError) and not error.status:
                    raise  # the account can't be reached any more
                self.findings.give_up(f"the account refused a call: {error}", *names)


BEYOND = 100_000
"""Number of a page that no list has."""

_LIST = "/devices"
"""The longest list: it has several rows for each agent."""


def probe_page_size(lists: RawLists, findings: ProbeFindings) -> None:
    """Find the largest page: a refused size is halved, and a cut page shows its size."""
    size = int(ASSUMPTIONS["page_size"].default)
    while True:
        try:
            first = lists.page(_LIST, 1, size) or []
            break
        except RejectedError:
            if size == SMALLEST_PAGE:
                raise
            size = max(size // 2, SMALLEST_PAGE)
    lists.page_size = size
    is_cut = 0 < len(first) < size and lists.page(_LIST, 2, size)
    findings.learn(page_size=len(first) if is_cut else size)


def probe_end_of_pages(lists: RawLists, findings: ProbeFindings) -> None:
    """Find the answer to a page after the last one."""
    page = lists.page(_LIST, BEYOND, SMALLEST_PAGE)
    if page:
        findings.give_up("a page far beyond the end has rows", "end_of_pages")
    else:
        findings.learn(end_of_pages="not_found" if page is None else "empty")


def probe_agreement(lists: RawLists, findings: ProbeFindings) -> None:
    """Find out whether the lists of agents and departments have the same rows."""
    agents = {str(row.get("id")) for row in lists.rows("/agents") if row.get("status") != DELETED}
    rows = [row for row in lists.grid("/grid/agents")[0] if row.get("userstatus") != DELETED]
    in_grid = {str(row.get("agentid")) for row in rows}
    findings.learn(lists_agree=not (agents ^ in_grid) - {SYSTEM_AGENT})
    departments = {str(row.get("id")) for row in lists.grid("/grid/departments")[0]}
    statuses = [status for row in rows for status in row.get("departments_statuses") or ()]
    if {str(status.get("departmentid")) for status in statuses} - departments:
        findings.learn(gone_departments=False)
    else:
        findings.give_up("no agent has such a membership now", "gone_departments")


def probe_timezone(client: Client, findings: ProbeFindings) -> None:
    """Find out whether the account shows a known time zone."""
    rows = client.call("GET", "/settings", params={"settingsNames": TIMEZONE}).content
    values = [row.get("value") for row in rows or () if row.get("name") == TIMEZONE]
    findings.learn(timezone_setting=bool(values and zone_of_label(str(values[0]))))


def probe_plugins(client: Client, findings: ProbeFindings) -> None:
    """Find out whether the plugins that fields need are listed under their names in the panel."""
    rows = client.call("GET", "/grid/plugins").content
    named = active_plugins(row for row in rows or () if isinstance(row, dict))
    if named.keys() == {plugin.key for plugin in PLUGINS}:
        findings.learn(plugin_names="panel")
    elif named:
        findings.give_up("the account lists only some of the plugins", "plugin_names")
    else:
        findings.learn(plugin_names="other")
