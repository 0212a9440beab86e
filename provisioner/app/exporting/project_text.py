"""Formats the YAML files of an export, with remarks as comments."""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.characters import spelt_out
from provisioner.documents.files.project_files import CONFIG_NAME
from provisioner.documents.formatting import formatted
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.live.state import Surface
from provisioner.model.settings import REQUESTS_PER_MINUTE, Target

HEADERS = {
    Surface.FULL: (
        "# Exported from the live account. Roles and departments are always written;\n"
        "# any other setting that is left out has the account's default.\n"
    ),
    Surface.V3: (
        "# Exported from the live account, as far as API v3 shows it: without settings of agents\n"
        "# (such as alias, signature and notifications), roles in departments and permissions.\n"
    ),
}

PROFILES_HEADER = (
    "# Settings that agents share. An agent extends a profile, and its own values override it.\n"
)

SETTINGS_HEADER = "# Targets and policy of this project.\n"

SETTINGS_WITHOUT_TARGET = """\
version: 1

# targets:
#   production:
#     url: https://acme.ladesk.com
#     api_key: {env: LIVEAGENT_V3_API_KEY}
"""


_UNNAMED_ROLES = """
# API v3 shows only the ids of these roles. Replace each NAME by the name in the panel, remove the
# marks of the comment, and run `provisioner export . --merge`:
"""


def settings_file(
    target: Target | None,
    role_ids: Mapping[str, str],
    unnamed: Mapping[str, str],
) -> bytes:
    """Return the content of `provisioner.yaml`.

    Args:
        target: the target to declare; None for an example in comments.
        role_ids: the ids of its roles by their names, as a person wrote them.
        unnamed: the ids of roles without a known name, to an agent with the role.
    """
    if target is None:
        return (SETTINGS_HEADER + SETTINGS_WITHOUT_TARGET).encode()
    source, argument = target.api_key
    entry: dict[str, Any] = {"url": target.url, "api_key": {source: argument}}
    if target.insecure:
        entry["insecure"] = True
    if target.requests_per_minute not in {REQUESTS_PER_MINUTE, 0}:
        entry["requests_per_minute"] = target.requests_per_minute
    if role_ids:
        entry["role_ids"] = dict(role_ids)
    if target.hours:
        entry["hours"] = dict(target.hours)
    if target.panel_url:
        entry["panel_url"] = target.panel_url
    if target.new_agent_defaults:
        entry["new_agent_defaults"] = dict(target.new_agent_defaults)
    content = {"version": 1, "targets": {target.name: entry}, "default_target": target.name}
    text = SETTINGS_HEADER + write_yaml(content)
    if unnamed:
        text += _UNNAMED_ROLES + "# role_ids:\n"
    for role_id, email in sorted(unnamed.items()):
        text += f"#   NAME: {spelt_out(role_id)}  # such as {spelt_out(email)}\n"
    canonical, _ = formatted(text.encode(), CONFIG_NAME, "provisioner")
    return canonical or text.encode()


def section(name: str, entries: Iterable[tuple[dict[str, Any], Iterable[str]]]) -> str:
    """Return a top-level list of a YAML file.

    Args:
        name: its key, such as `agents`.
        entries: entry and remarks of each object; an empty entry writes only the remarks.
    """
    text = f"{name}:\n"
    for item, remarks in entries:
        text += "".join(f"  # {spelt_out(remark)}\n" for remark in remarks)
        if item:
            text += write_yaml({name: [item]}).partition("\n")[2]
    return text
