"""The panel of LiveAgent: what people do by hand in an account, over the raw API."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.model.kinds import SERVICES
from tests.support import Account

LETTERS = dict(zip(SERVICES, "MTP", strict=True))
"""The letter of a web device for each service: mail, talk and phone."""

FLAGS = {True: "Y", False: "N"}

SETTINGS = {
    "chat": {"max_load": "max_chat_load", "priority": "chat_priority"},
    "panel": {"theme": "panel_theme"},
}
"""The names of agent settings on the extended surface, where they differ from the YAML."""


class Panel:
    """Changes an account by hand, on the extended surface.

    Attributes:
        account: the account, on the extended surface.
        project: the folder with the photos.
    """

    def __init__(self, account: Account, project: Path = Path()) -> None:
        self.account = account
        self.project = project
        self._agents: dict[str, str] = {}
        self._departments: dict[str, str] = {}
        self._devices: dict[tuple[str, str], str] = {}

    def hire(self, email: str, role: str = "agent", role_id: str = "") -> None:
        """Create an agent; the name is made from the email."""
        name = email.partition("@")[0].replace(".", " ").title()
        body = {"email": email, "name": name, "role": role}
        row = self.account.call("POST", "/agents", body | ({"roleId": role_id} if role_id else {}))
        self._agents[email] = row["id"]

    def found(self, department: str) -> None:
        """Create a department."""
        row = self.account.call("POST", "/departments", {"name": department})
        self._departments[department] = row["department_id"]

    def set_role(self, email: str, role: str) -> None:
        """Give an agent a built-in or a custom role."""
        agent = self.account.agent(email)
        custom = {row["name"]: row["id"] for row in self.account.everything("/roles")}
        given = {"role": "agent" if role in custom else role, "roleId": custom.get(role, "")}
        self.account.call("PUT", f"/agents/{agent['id']}", {**agent, **given})

    def delete(self, email: str) -> None:
        """Delete an agent."""
        self.account.call("DELETE", f"/agents/{self._agents[email]}")

    def join(self, email: str, department: str, *services: str, role: str = "solver") -> None:
        """Make an agent a member of a department, with services, or change the membership."""
        self._set_membership(email, department, {"role": role})
        self.serve(email, department, *services)

    def serve(self, email: str, department: str, *services: str) -> None:
        """Set the services of a member of a department."""
        agent = self._agents[email]
        if (agent, "T") not in self._devices:
            self._devices = {
                (device["agent_id"], device["service_type"]): device["id"]
                for device in self.account.everything("/devices")
            }
        rows = [
            {
                "device_id": self._devices[agent, letter],
                "department_id": self._departments[department],
                "user_id": agent,
                "preset_status": "N" if service in services else "F",
                "online_status": "N" if service in services else "F",
            }
            for service, letter in LETTERS.items()
            if (agent, letter) in self._devices
        ]
        self.account.call("PUT", "/devices/departments/update", {"DeviceDepartments": rows})

    def leave(self, email: str, department: str) -> None:
        """End a membership."""
        path = f"/departments/{self._department(department)}/{self._agent(email)}"
        self.account.call("DELETE", path)

    def rename_department(self, old: str, new: str) -> None:
        """Rename a department."""
        self.account.call("PUT", f"/departments/{self._departments[old]}", {"name": new})

    def do_all(self, work_list: Mapping[str, Any]) -> None:
        """Do all that a work list shows, as JSON of `provisioner manual`, in its order."""
        for page in work_list["pages"]:
            for entry in page["entries"]:
                self.do(entry)

    def do(self, entry: Mapping[str, Any]) -> None:
        """Do an entry, for each of its people."""
        values = entry["values"]
        match entry["section"]:
            case "department":
                self.found(values["name"])
            case "permissions":
                role = {"name": values["name"], "permissions": values["permissions"]}
                self.account.call("POST", "/roles", role)
            case "create":
                for agent in values["agents"]:
                    self.account.call("POST", "/agents", agent)
            case "departments":
                self._set_members(**values)
            case section:
                if section == "photo":
                    values = {"photo": self._uploaded(entry["todo"][0].removeprefix("Photo: "))}
                for person in entry["people"]:
                    self._set(person["email"], section, values)

    def _set_members(self, department: str, add: list[str], remove: list[str]) -> None:
        for email in add:
            self._set_membership(email, department, {})
        for email in remove:
            self.leave(email, department)

    def _set_membership(self, email: str, department: str, settings: Mapping[str, Any]) -> None:
        path = f"/departments/{self._department(department)}/{self._agent(email)}"
        self.account.call("PUT", path, settings)

    def _set(self, email: str, section: str, values: Mapping[str, Any]) -> None:
        match section:
            case "department-settings":
                for department, settings in values.items():
                    self._set_membership(email, department, _flags(settings))
            case "role":
                self.set_role(email, values["role"])
            case _:
                body = _body(section, values[section])
                self.account.call("PUT", f"/agents/{self._agent(email)}/profile", body)

    def _uploaded(self, photo: str) -> str:
        """Upload a file of the project and return its id."""
        return str(self.account.upload(self.project / photo)["id"])

    def _agent(self, email: str) -> str:
        """Return the id of an agent."""
        if email not in self._agents:
            self._agents = {row["email"]: row["id"] for row in self.account.everything("/agents")}
        return self._agents[email]

    def _department(self, name: str) -> str:
        """Return the id of a department."""
        if name not in self._departments:
            rows = self.account.everything("/departments")
            self._departments = {row["name"]: row["department_id"] for row in rows}
        return self._departments[name]


def _body(section: str, value: Any) -> dict[str, Any]:
    """Return the value of a section as the extended surface takes it."""
    if section in SETTINGS:
        return {SETTINGS[section][key]: part for key, part in value.items()}
    return {section: _flags(value)}


def _flags(value: Any) -> Any:
    """Return a value with letters in place of true and false."""
    if isinstance(value, Mapping):
        return {key: _flags(part) for key, part in value.items()}
    return FLAGS[value] if isinstance(value, bool) else value
