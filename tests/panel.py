"""The panel of LiveAgent: what people do by hand in an account, over the raw API."""

from provisioner.model.kinds import SERVICES
from tests.support import Account

LETTERS = dict(zip(SERVICES, "TMP", strict=True))
"""The letter of a web device for each service."""


class Panel:
    """Changes an account by hand, on the extended surface."""

    def __init__(self, account: Account) -> None:
        self.account = account
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
        """Give an agent a built-in role."""
        agent = self.account.agent(email)
        self.account.call("PUT", f"/agents/{agent['id']}", {**agent, "role": role, "roleId": ""})

    def delete(self, email: str) -> None:
        """Delete an agent."""
        self.account.call("DELETE", f"/agents/{self._agents[email]}")

    def join(self, email: str, department: str, *services: str, role: str = "solver") -> None:
        """Make an agent a member of a department, with services, or change the membership."""
        place = self._departments[department]
        self.account.call("PUT", f"/departments/{place}/{self._agents[email]}", {"role": role})
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
        place = self._departments[department]
        self.account.call("DELETE", f"/departments/{place}/{self._agents[email]}")

    def rename_department(self, old: str, new: str) -> None:
        """Rename a department."""
        self.account.call("PUT", f"/departments/{self._departments[old]}", {"name": new})
