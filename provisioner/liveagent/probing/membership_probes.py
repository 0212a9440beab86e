"""Probes that need a membership: its defaults, the letters of a status, and planned hours."""

from collections.abc import Iterator
from contextlib import contextmanager

from provisioner.diagnostics import RejectedError
from provisioner.liveagent.account_lists import EXTENDED, SURFACE_HEADER
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.probing.agent_probes import statuses
from provisioner.liveagent.probing.findings import (
    PROBE_NAME,
    Ask,
    ProbedAgent,
    ProbeFindings,
    RawLists,
)
from provisioner.liveagent.probing.throwaway import await_shown
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.row_checks import Row

NEW_MEMBERSHIP = ("new_membership_preset", "new_membership_role")
HOURS = ("plan_day_base", "plan_first_day", "plan_time_format", "plan_midnight")
NEEDS_MEMBERSHIP = ("status_letter_r", *HOURS)

_BY_HAND = (
    "no call of API v3 adds a membership: run the probe at a terminal, and add the agent to a "
    "department in the panel when it asks"
)
_TIMES = {"HH:MM:SS": ("09:00:00", "10:00:00"), "HH:MM": ("09:00", "10:00")}
_MIDNIGHTS = ("24:00", "23:59", "00:00")


def join_department(
    client: Client, lists: RawLists, agent: ProbedAgent, findings: ProbeFindings, ask: Ask
) -> str | None:
    """Return the id of a department that the agent is in, or None if nothing puts it into one."""
    if rows := statuses(client, agent):
        findings.give_up("the agent was in a department already", *NEW_MEMBERSHIP)
        return str(rows[0]["departmentid"])
    departments, answer = lists.grid("/grid/departments")
    if answer.headers.get(SURFACE_HEADER) == EXTENDED and departments:
        department = str(departments[0]["id"])
        path = f"/departments/{quoted(department)}/{quoted(agent.id)}"
        client.call("PUT", path, body={})
        _learn_role(client, agent, findings)
        return department
    findings.give_up("API v3 does not show it", "new_membership_role")
    question = (
        f"Add {PROBE_NAME} ({agent.email}) to a department under Configuration > Agents in the "
        "panel. Is it done?"
    )
    rows = statuses(client, agent) if ask(question, ("yes", "no")) == "yes" else []
    if not rows:
        findings.give_up(_BY_HAND, *NEEDS_MEMBERSHIP, "new_membership_preset")
    return str(rows[0]["departmentid"]) if rows else None


def _learn_role(client: Client, agent: ProbedAgent, findings: ProbeFindings) -> None:
    settings = client.call("GET", f"/agents/{quoted(agent.id)}/profile").content
    findings.learn(new_membership_role=settings["memberships"][0]["role"])


def probe_services(
    client: Client, agent: ProbedAgent, device: Row, department: str, findings: ProbeFindings
) -> None:
    """Find the preset of a new membership, and whether a status has the letter R."""
    path = f"/devices/{quoted(device['id'])}/departments/{quoted(department)}"
    await_shown(client, path)
    before = client.call("GET", path).content
    if "new_membership_preset" not in findings.unknown:
        is_on = before.get("preset_status") == "N"
        findings.learn(new_membership_preset="online" if is_on else "offline")
    for wanted in (True, False):
        row = codecs.device_department(device, department, wanted=wanted)
        body = {"DeviceDepartments": [row]}
        client.call("PUT", "/devices/departments/update", body=body)
        if wanted:
            letters = next(
                str(status.get("preset_status") or status.get("online_status") or "")
                for status in statuses(client, agent)
                if str(status["departmentid"]) == department
            )
            findings.learn(status_letter_r="R" in letters)


def probe_hours(
    client: Client, device: Row, department: str, findings: ProbeFindings, ask: Ask
) -> None:
    """Find the numbers of days and the form of times that planned hours are written with."""
    hours = _ProbedHours(client, device, department)
    with hours.removed_at_the_end():
        form = next((form for form, times in _TIMES.items() if hours.accepts(1, *times)), None)
        if form is None:
            findings.give_up("the account refuses every form of a time", *HOURS)
            return
        findings.learn(plan_time_format=form)
        start, end = _TIMES[form]
        base = 0 if hours.accepts(0, start, end) else 1
        findings.learn(plan_day_base=base)
        seconds = form.removeprefix("HH:MM").replace("SS", "00")
        midnight = next((t for t in _MIDNIGHTS if hours.accepts(1, start, t + seconds)), None)
        if midnight:
            findings.learn(plan_midnight=midnight)
        hours.clear()
        hours.accepts(base, start, end)
        question = (
            f"The panel shows planned hours of {PROBE_NAME} on one day, 09:00 to 10:00. "
            "Which day is it?"
        )
        day = ask(question, ("mon", "sun"))
        if day:
            findings.learn(plan_first_day=day)
        else:
            reason = "only the panel shows it: write hours for one agent, and look at the day"
            findings.give_up(reason, "plan_first_day")


class _ProbedHours:
    """The planned hours of the throwaway agent's device in a department."""

    def __init__(self, client: Client, device: Row, department: str) -> None:
        self._client = client
        self._ids = {"device_id": device["id"], "department_id": department}
        self._path = f"/devices/{quoted(device['id'])}/departments/{quoted(department)}/plans"

    def accepts(self, day: int, start: str, end: str) -> bool:
        """Return whether the account accepts a shift."""
        row = {**self._ids, "day": day, "start": start, "end": end}
        try:
            self._client.call("POST", self._path, body={"DeviceDepartments": [row]})
        except RejectedError:
            return False
        return True

    def clear(self) -> None:
        self._client.delete(self._path)

    @contextmanager
    def removed_at_the_end(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.clear()
