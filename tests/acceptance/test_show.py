"""`show agent`: the report, the reasons of what is missing, and ending logins."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from provisioner.sandbox.faults import Fault
from tests.support import Account, account, write_project

MIA = "mia@acme.example"

PROJECT = r"""
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead}]
    agents:
      - email: mia@acme.example
        name: Mia Chen
        alias: Mia
        role: Lead
        availability: {tickets: online}
        departments:
          Support: {tickets: true, role: manager, signature: "Mia,\nSupport"}
          Sales: {}
        notifications: {slack: {user: U02ABC, customer_reply: true}}
        signature: "Kind regards\nMia"
        hours: [{days: [mon, tue], from: "09:00", to: "17:30", departments: [Support]}]
      - {email: bob@acme.example, name: Bob}
"""

SECTIONS = """\
  Alias                 Mia
  Photo                 (none)
  Gender                unspecified
  Role                  Lead
  Availability          tickets online, chats offline, calls offline
  To solve only         no
  Departments           Sales (solver)
                        Support (tickets; manager; own signature)
                          Mia,
                          Support
  Notifications         email: ticket_assigned, customer_reply
                        slack (U02ABC): customer_reply
  Signature             Kind regards
                        Mia
  Chat                  max_load 5, priority 50
  Panel                 theme bright
  Level                 (none)
  Sounds                (none)
  Hours                 mon, tue 09:00-17:30: tickets, chats, calls in Support
  Voice status          both
  Two-factor login      yes
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        running.apply(write_project(tmp_path / "project", a=PROJECT))
        running.server.seed_activity(MIA)
        running.server.requests.clear()
        yield running


def shown(live: Account, *arguments: str, email: str = MIA) -> dict[str, Any]:
    result = live.run("show", "agent", email, "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def phones(live: Account) -> list[str]:
    return [row["name"] for row in live.call("GET", "/apikeys") if row["type"] == "P"]


class TestShow:
    def test_every_section_is_shown_in_words(self, live: Account) -> None:
        result = live.run("show", "agent", "MIA@acme.example", "--since", "2026-05-29")
        assert result.exit_code == 0
        assert result.stderr == ""
        head, sections, report, apps = result.stdout.split("\n\n")
        agent_id = live.agent(MIA)["id"]
        assert head == f"agent/mia@acme.example  Mia Chen  (id {agent_id} on environment)"
        assert f"{sections}\n" == SECTIONS
        assert report.startswith("Performance report, from 2026-05-29\n  worktime ")
        assert "\n  0: newAnswerAvgTimeSla, " in report
        assert apps == (
            "Authorised applications\n"
            "  Pixel 8, valid until 2027-05-29 08:00:00 (key 3)\n"
            "  iPhone 15, valid until 2027-05-29 08:00:00 (key 4)\n"
        )
        assert live.writes() == []

    def test_the_report_is_of_the_period(self, live: Account) -> None:
        day = shown(live, "--since", "2026-05-29", "--until", "2026-05-29")
        assert (day["since"], day["until"]) == ("2026-05-29", "2026-05-29")
        assert (day["report"]["worktime"], day["report"]["calls"]) == (37800, 14)
        days = shown(live, "--until", "2026-05-29")
        assert (days["report"]["calls"], days["since"]) == (91, None)
        assert not any(shown(live, email="bob@acme.example")["report"].values())

    def test_no_output_holds_a_key(self, live: Account) -> None:
        keys = [row["key"] for row in live.call("GET", "/apikeys")]
        output = live.run("show", "agent", MIA).output + json.dumps(shown(live))
        assert len(keys) == 3
        assert not any(key in output for key in keys)

    def test_what_the_target_does_not_tell_is_said(self, live: Account, tmp_path: Path) -> None:
        role = live.agent(MIA)["roleId"]
        with account(tmp_path, surface="v3") as v3:
            text = v3.run("show", "agent", MIA).stdout
            data = shown(v3)
            settings = write_project(
                tmp_path / "named", provisioner=f"role_ids: {{Lead: '{role}'}}"
            )
            named = shown(v3, str(settings))
        assert "  Signature             (not shown by API v3)\n" in text
        assert "  Hours                 mon, tue 09:00-17:30: tickets, chats, calls" in text
        assert "Performance report, all days\n  (API v3 has no reports)\n" in text
        assert "Pixel 8" in text
        assert (data["report"], data["unavailable"]["report"]) == (None, "API v3 has no reports")
        assert data["attributes"]["role"] == f"(role id {role})"
        assert named["attributes"]["role"] == "lead"

    def test_what_the_key_may_not_read_is_said(self, live: Account) -> None:
        for path in ("/apikeys", "/reports/agents"):
            live.server.faults.add(Fault(path=path, status=403))
        text = live.run("show", "agent", MIA).stdout
        for path in ("/apikeys", "/reports/agents"):
            assert f"  (GET /api/v3{path}: 403 Forbidden: Fault on purpose)\n" in text

    def test_a_report_that_the_key_does_not_get_is_not_empty(self, live: Account) -> None:
        row = live.call("POST", "/apikeys", {"userid": live.agent("bob@acme.example")["id"]})
        result = CliRunner().invoke(
            main,
            ["show", "agent", MIA],
            env={"LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": row["key"]},
        )
        assert "Performance report, all days\n  (not shown to this API key)\n" in result.stdout

    def test_a_fault_of_the_account_is_no_missing_privilege(self, live: Account) -> None:
        live.server.faults.add(Fault(path="/apikeys", status=500, times=0))
        result = live.run("show", "agent", MIA)
        assert result.exit_code == 1
        assert "[target-error]" in result.stderr

    def test_an_unknown_agent_is_an_error_with_a_suggestion(self, live: Account) -> None:
        result = live.run("show", "agent", "mai@acme.example")
        assert result.exit_code == 1
        assert "[unknown-agent]" in result.stderr
        assert 'did you mean "mia@acme.example"' in result.stderr

    @pytest.mark.parametrize(
        "arguments",
        [
            ("agent", MIA, "--since", "soon"),
            ("agent", MIA, "--since", "2026-05-30", "--until", "2026-05-29"),
            ("agent",),
        ],
    )
    def test_wrong_usage_makes_no_request(self, live: Account, arguments: tuple[str, ...]) -> None:
        result = live.run("show", *arguments)
        assert result.exit_code == 64
        assert result.stdout == ""
        assert live.server.requests.entries() == []

    def test_a_folder_that_does_not_exist_is_an_error(self, live: Account, tmp_path: Path) -> None:
        result = live.run("show", "agent", MIA, str(tmp_path / "nowhere"))
        assert result.exit_code == 1
        assert "[path-missing]" in result.stderr


class TestDisconnect:
    def test_each_login_ends_and_the_next_run_has_nothing_to_do(self, live: Account) -> None:
        result = live.run("apps", "disconnect", "MIA@acme.example", "--yes")
        assert result.exit_code == 0
        assert result.stdout == (
            "disconnected  Pixel 8, valid until 2027-05-29 08:00:00 (key 3)\n"
            "disconnected  iPhone 15, valid until 2027-05-29 08:00:00 (key 4)\n"
        )
        assert phones(live) == []
        assert live.writes() == [("DELETE", "/apikeys/3"), ("DELETE", "/apikeys/4")]
        again = live.run("apps", "disconnect", MIA, "--yes")
        assert again.exit_code == 0
        assert again.stdout == f"Nothing to disconnect: {MIA} is not logged in to LivePhone.\n"

    def test_others_stay_logged_in(self, live: Account) -> None:
        live.run("apps", "disconnect", "bob@acme.example", "--yes")
        assert phones(live) == ["Pixel 8", "iPhone 15"]

    def test_it_works_on_v3(self, live: Account, tmp_path: Path) -> None:
        with account(tmp_path, surface="v3") as v3:
            assert v3.run("apps", "disconnect", MIA, "--yes").exit_code == 0
        assert phones(live) == []

    def test_one_that_fails_does_not_keep_the_others(self, live: Account) -> None:
        live.server.faults.add(Fault(method="DELETE", path="/apikeys/3", status=403))
        result = live.run("apps", "disconnect", MIA, "--yes")
        assert result.exit_code == 4
        assert result.stdout.startswith(
            "failed        Pixel 8, valid until 2027-05-29 08:00:00 (key 3)\n"
            "              DELETE /api/v3/apikeys/3: 403 Forbidden: Fault on purpose\n"
            "              hint: "
        )
        assert "\ndisconnected  iPhone 15" in result.stdout
        assert phones(live) == ["Pixel 8"]

    def test_an_unknown_agent_is_an_error(self, live: Account) -> None:
        result = live.run("apps", "disconnect", "zoe@acme.example", "--yes")
        assert result.exit_code == 1
        assert "[unknown-agent]" in result.stderr

    def test_without_a_terminal_nobody_is_asked(self, live: Account) -> None:
        result = live.run("apps", "disconnect", MIA)
        assert result.exit_code == 64
        assert "[confirmation-needed]" in result.stderr
        assert live.server.requests.entries() == []

    @pytest.mark.parametrize(
        ("given", "exit_code", "left"),
        [("y\n", 0, []), ("n\n", 1, ["Pixel 8", "iPhone 15"])],
    )
    def test_in_a_terminal_it_asks(
        self, live: Account, given: str, exit_code: int, left: list[str]
    ) -> None:
        done = live.run_in_terminal(given.encode(), "apps", "disconnect", MIA)
        assert done.stdout.startswith("Pixel 8, valid until 2027-05-29 08:00:00 (key 3)\n")
        assert "Disconnect these from environment? [y/N]" in done.stderr
        assert done.returncode == exit_code
        assert phones(live) == left
