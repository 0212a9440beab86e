"""Probes with the throwaway agent: its defaults, the bodies of writes, and its restore."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.diagnostics import RejectedError
from provisioner.documents.schema.json_schema import schemas
from provisioner.liveagent.account_lists import EXTENDED, SURFACE_HEADER
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.probing.findings import (
    DEFAULT,
    DEFAULTED,
    OTHER,
    Ask,
    ProbedAgent,
    ProbeFindings,
    RawLists,
)
from provisioner.liveagent.probing.throwaway import ThrowawayAgents
from provisioner.liveagent.rows import codec, codecs
from provisioner.liveagent.rows.row_checks import Row
from provisioner.model.fields import FieldPath

_EXPECTED = ("status", "roleId", DEFAULTED)
"""Optional fields of an Agent that the client uses (D: optional in the model)."""

_BUILT_IN = "agent"
_NEEDS_NEW = "only a new agent shows it: name another email with --agent"


def probe_rows(
    client: Client, lists: RawLists, agent: ProbedAgent, findings: ProbeFindings
) -> None:
    """Find the form of optional fields and of the ids of built-in roles."""
    row = _read(client, agent)
    grid = _grid_row(lists, agent)
    missing = [name for name in _EXPECTED if name not in row]
    lacks = missing or (grid is not None and "departments_statuses" not in grid)
    nulls = [
        *(row.get(name, "") for name in _EXPECTED),
        (grid or {}).get("departments_statuses", ""),
    ]
    findings.learn(optional_fields="left_out" if lacks else "null" if None in nulls else "present")
    role_id = row.get("roleId")
    if role_id:
        findings.learn(builtin_role_ids="name" if role_id == _BUILT_IN else "opaque")
    else:
        findings.give_up("the account shows no roleId for an agent", "builtin_role_ids")


def probe_bodies(client: Client, agent: ProbedAgent, findings: ProbeFindings) -> None:
    """Find out what a PUT does without a field, with null and with an empty role id."""
    path = f"/agents/{quoted(agent.id)}"
    answer = client.call("PUT", path, body=agent.body(**{DEFAULTED: OTHER})).content
    has_object = isinstance(answer, dict) and bool(answer.get("id"))
    findings.learn(write_answers="object" if has_object else "none")
    partial = {name: value for name, value in agent.body().items() if name != DEFAULTED}
    client.call("PUT", path, body=partial)
    value = _read(client, agent).get(DEFAULTED, DEFAULT)
    findings.learn(put_defaults_missing_fields=value != OTHER)
    client.call("PUT", path, body=agent.body())
    findings.learn(null_values=_answer(client, path, agent.body(avatar_url=None), "accepted"))
    findings.learn(empty_role_id=_answer(client, path, agent.body(roleId=""), "role_decides"))
    findings.give_up(
        "it needs a custom role: the first plan that takes one away reads the role back",
        "role_without_id",
    )


def _answer(client: Client, path: str, body: Mapping[str, Any], accepted: str) -> str:
    try:
        client.call("PUT", path, body=body)
    except RejectedError:
        return "refused"
    return accepted


def probe_devices(
    client: Client, lists: RawLists, agent: ProbedAgent, findings: ProbeFindings
) -> None:
    """Find the web devices of an agent, their ids, and the presets of new ones."""
    rows = _web_devices(lists, agent)
    numbers = [sum(row["service_type"] == letter for row in rows) for letter in _LETTERS]
    is_one = all(number == 1 for number in numbers)
    findings.learn(web_devices="one" if is_one else "several" if max(numbers) > 1 else "none")
    if not rows:
        reason = "the agent has no web device"
        findings.give_up(reason, "number_ids", "web_devices_need_panel", "new_device_preset")
        return
    identifier = rows[0]["id"]
    form = "float" if isinstance(identifier, float) else "text"
    findings.learn(number_ids="whole" if isinstance(identifier, int) else form)
    if agent.is_new:
        is_on = any(row["preset_status"] == "N" for row in rows)
        findings.learn(new_device_preset="online" if is_on else "offline")
    else:
        findings.give_up(_NEEDS_NEW, "new_device_preset")
    if statuses(client, agent):
        reason = "the agent is in a department, and could get work while it is online"
        findings.give_up(reason, "web_devices_need_panel")
        return
    device = next((row for row in rows if row["service_type"] == "M"), rows[0])
    path = f"/devices/{quoted(device['id'])}"
    client.call("PUT", path, body=codecs.body(codecs.device_fields(device, "online")))
    after = client.call("GET", path).content
    client.call("PUT", path, body=codecs.body(codecs.device_fields(device, "offline")))
    findings.learn(web_devices_need_panel=after.get("online_status") != "N")


def probe_new_agent(client: Client, agent: ProbedAgent, findings: ProbeFindings, ask: Ask) -> None:
    """Find what a creation brings with it: memberships, and the registration mail."""
    names = ("creates_agents", "new_agents_join_all", "new_agent_voice", "registration_mail")
    if not agent.is_new:
        findings.give_up(_NEEDS_NEW, *names)
        return
    findings.learn(creates_agents=True, new_agents_join_all=bool(statuses(client, agent)))
    if voice := codec.read(_read(client, agent), codecs.AGENT).get("voice_status"):
        findings.learn(new_agent_voice=voice)
    else:
        findings.give_up("the account shows no voice status of an agent", "new_agent_voice")
    question = f"Has {agent.email} received a registration mail?"
    answer = ask(question, ("yes", "no"))
    if answer:
        findings.learn(registration_mail=answer == "yes")
    else:
        findings.give_up(f"look into the mailbox: {question}", "registration_mail")


_YES_NO = ("yes", "no")


def probe_settings(client: Client, agent: ProbedAgent, findings: ProbeFindings, ask: Ask) -> None:
    """Find the settings of a new agent: the extended surface shows them, on v3 a person does."""
    if not agent.is_new:
        return
    path = f"/agents/{quoted(agent.id)}"
    if client.call("GET", path).headers.get(SURFACE_HEADER) != EXTENDED:
        _ask_settings(agent, findings, ask)
        return
    content = client.call("GET", f"{path}/profile").content
    settings = codec.read(content, codecs.SETTINGS) if isinstance(content, dict) else {}
    findings.new_agent_defaults = {
        name: _declarable(value) for name, value in settings.items() if name in _sections()
    }


def _sections() -> Mapping[str, Any]:
    """Return the schemas of the settings that a new agent may have, by their names."""
    names = schemas()["provisioner"]["$defs"]["new_agent_defaults"]["properties"]
    return {name: one for name, one in schemas()["agent"]["properties"].items() if name in names}


def _declarable(value: Any) -> Any:
    """Return a value in the form of the files, where null is an empty text."""
    if isinstance(value, Mapping):
        return {key: _declarable(part) for key, part in value.items()}
    return None if value == "" else value


def _ask_settings(agent: ProbedAgent, findings: ProbeFindings, ask: Ask) -> None:
    if ask(f"Can you look up the settings of {agent.email} in the panel?", _YES_NO) != "yes":
        return
    for path, title, schema in _leaves(_sections()):
        is_flag = "boolean" in schema.get("type", ())
        words = tuple(word for word in schema.get("enum", ()) if word)
        answers = _YES_NO if is_flag else words
        form = "" if answers else " (a number)"
        section_of_panel = schema["x-panel"].rpartition(" > ")[2]
        answer = ask(f"{section_of_panel}: {title}?{form}", answers)
        if answer is None or not (answers or answer.isdecimal()):
            continue
        section = findings.new_agent_defaults
        for key in path[:-1]:
            section = section.setdefault(key, {})
        section[path[-1]] = answer == "yes" if is_flag else answer if answers else int(answer)


def _leaves(
    properties: Mapping[str, Any], path: FieldPath = (), titles: str = ""
) -> Iterator[tuple[FieldPath, str, Mapping[str, Any]]]:
    """Yield path, title and schema of the settings to ask for: flags, numbers and words."""
    for name, schema in properties.items():
        title = f"{titles}{schema['title']}"
        if "properties" in schema and "object" in schema["type"]:
            outer = f"{title}, " if path else ""
            yield from _leaves(schema["properties"], (*path, name), outer)
        elif "enum" in schema or {"boolean", "integer"} & {*schema.get("type", ())}:
            yield (*path, name), title, schema


def probe_restore(
    client: Client, agents: ThrowawayAgents, agent: ProbedAgent, findings: ProbeFindings
) -> None:
    """Delete the agent, look which lists show it, and restore it."""
    had_memberships = bool(statuses(client, agent))
    agents.remove(agent.id)
    listed = agents.find()
    findings.learn(agents_list_deleted=listed is not None)
    findings.learn(grid_lists_deleted=_grid_row(agents.lists, agent) is not None)
    without_id = {name: value for name, value in agent.body().items() if name != "id"}
    try:
        agents.undelete(without_id)
        findings.learn(undelete_body="agent")
    except RejectedError:
        agents.undelete(agent.body())
        findings.learn(undelete_body="id")
    if had_memberships:
        findings.learn(undelete_keeps_memberships=bool(statuses(client, agent)))
    else:
        reason = "the agent was in no department when it was deleted"
        findings.give_up(reason, "undelete_keeps_memberships")


def statuses(client: Client, agent: ProbedAgent) -> list[Row]:
    """Return the rows of the agent's departments."""
    content = client.call("GET", f"/agents/{quoted(agent.id)}/status").content
    return [row for row in content if isinstance(row, dict)] if isinstance(content, list) else []


_LETTERS = tuple(codecs.SERVICE_LETTERS.values())


def _web_devices(lists: RawLists, agent: ProbedAgent) -> list[Row]:
    return [
        row
        for row in lists.rows("/devices")
        if row.get("type") == codecs.WEB_DEVICE and str(row.get("agent_id")) == agent.id
    ]


def web_device(lists: RawLists, agent: ProbedAgent) -> Row | None:
    """Return the agent's web device for tickets, or None."""
    rows = _web_devices(lists, agent)
    return next((row for row in rows if row.get("service_type") == "M"), None)


def _read(client: Client, agent: ProbedAgent) -> Row:
    content = client.call("GET", f"/agents/{quoted(agent.id)}").content
    return content if isinstance(content, dict) else {}


def _grid_row(lists: RawLists, agent: ProbedAgent) -> Row | None:
    rows, _ = lists.grid("/grid/agents")
    return next((row for row in rows if str(row.get("agentid")) == agent.id), None)
