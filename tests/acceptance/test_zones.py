"""Hours in an account that names its time zone by a label."""

from pathlib import Path

import pytest

from provisioner.sandbox.switches import Switches
from tests.support import account, write_project

TEAM = """
    departments: [{name: Support}]
    agents:
      - email: mia@acme.example
        name: Mia
        departments: {Support: {chats: true}}
"""
HOURS = '        hours: [{days: [mon], from: "09:00", to: "10:00", services: [chats]%s}]\n'
LABEL = "(GMT+01:00) Central Europe"


@pytest.mark.parametrize("surface", ["v3", "full"])
@pytest.mark.parametrize(
    ("zone", "hours", "config", "exit_code"),
    [
        (LABEL, "", "", 0),
        (LABEL, HOURS % "", "", 0),
        (LABEL, HOURS % ", timezone: Europe/Prague", "", 1),
        (LABEL, HOURS % ", timezone: Europe/Prague", "account: {timezone: Europe/Prague}", 0),
        ("(GMT+01:00) Prague", HOURS % ", timezone: Europe/Vienna", "", 0),
    ],
)
def test_only_hours_of_a_zone_need_the_accounts(
    tmp_path: Path, surface: str, zone: str, hours: str, config: str, exit_code: int
) -> None:
    files = {"provisioner": config} if config else {}
    project = write_project(tmp_path / "p", team=TEAM + hours, **files)
    switches = Switches(account_timezone=zone)
    with account(tmp_path, surface=surface, switches=switches) as live:
        result = live.run("plan", str(project))
        assert result.exit_code == exit_code, result.output
        assert "[internal]" not in result.stderr
        if exit_code:
            assert "[unknown-timezone]" in result.stderr
            message = " ".join(result.stderr.split())
            assert "account: {timezone: Europe/Prague}" in message
            assert f'"{zone}"' in message
