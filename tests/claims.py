"""A small team with renamed objects, and helpers of tests of claims."""

from pathlib import Path

from tests.support import Account

TEAM = """
    departments: [{name: Grain}, {name: Flour}]
    roles: [{name: Miller, permissions: {manage_agents: grant}}]
    agents:
      - email: rina@mill.example
        name: Rina Vale
        role: Miller
        departments: {Grain: {tickets: true}}
      - {email: otto@mill.example, name: Otto Pell, departments: {Flour: {tickets: true}}}
"""
RENAMED = "{email: rina.hale@mill.example, previously: rina@mill.example, name: Rina Hale}"
NEWCOMER = "{email: rina@mill.example, name: Rina Young}"
BOTH = f"agents: [{RENAMED}, {NEWCOMER}]"


def ids(live: Account, path: str = "/agents") -> dict[str, str]:
    """Return email or name to id of all objects of a kind, without deleted ones."""
    return {
        str(row.get("email", row["name"])): str(row.get("id", row.get("department_id")))
        for row in live.everything(path)
        if row.get("status") != "X"
    }


def codes(live: Account, command: str, project: Path, *options: str) -> tuple[int, str]:
    result = live.run(command, str(project), *options)
    return result.exit_code, result.stderr


def check_empty(live: Account, project: Path, *warnings: str) -> None:
    result = live.run("plan", str(project), "--detailed-exitcode")
    assert result.exit_code == 0, result.output
    assert all(f"[{code}]" in result.stderr for code in warnings)
