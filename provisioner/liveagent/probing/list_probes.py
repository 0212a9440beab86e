"""Probes of lists: the size of their pages and their end; and of the account's time zone."""

from provisioner.diagnostics import RejectedError
from provisioner.liveagent.account_reader import TIMEZONE
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.probing.findings import SMALLEST_PAGE, ProbeFindings, RawLists
from provisioner.liveagent.rows.codecs import DELETED, SYSTEM_AGENT
from provisioner.liveagent.rows.live_objects import active_plugins
from provisioner.model.agent_rules import PLUGINS
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.model.zones import zone_of_label

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
