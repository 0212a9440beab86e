"""`provisioner probe` finds the value of each switch, and writes it to `capabilities.yaml`."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.liveagent.probing.findings import PROBE_NAME, ProbeFindings
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.server import Sandbox
from provisioner.sandbox.settings import Setting
from provisioner.sandbox.switches import Switches, parse_switches, switch_rows
from tests.probes import EMAIL, facts_of, living, probe, probing
from tests.support import KEY, Account, account, write_project

SWITCHES: list[tuple[str, Any, str, Any]] = [
    ("per_page_cap", 2, "page_size", 2),
    ("per_page_limit", 100, "page_size", 62),
    ("page_past_end", "missing", "end_of_pages", "not_found"),
    ("list_deleted_agents", True, "agents_list_deleted", True),
    ("grid_lists_deleted_agents", True, "grid_lists_deleted", True),
    ("optional_fields", "left_out", "optional_fields", "left_out"),
    ("null_for_empty", True, "optional_fields", "null"),
    ("numbers", "float", "number_ids", "float"),
    ("numbers", "string", "number_ids", "text"),
    ("service_user", "agents", "lists_agree", False),
    ("service_user", "grid", "lists_agree", False),
    ("write_answer", "empty", "write_answers", "none"),
    ("write_answer", "text", "write_answers", "none"),
    ("undelete_key", "id", "undelete_body", "id"),
    ("undelete_key", "email", "undelete_body", "agent"),
    ("put_defaults_missing_fields", False, "put_defaults_missing_fields", False),
    ("role_id_shape", "opaque", "builtin_role_ids", "opaque"),
    ("empty_role_id", "refused", "empty_role_id", "refused"),
    ("empty_role_id", "role_decides", "empty_role_id", "role_decides"),
    ("join_all_departments", True, "new_agents_join_all", True),
    ("new_device_preset", "N", "new_device_preset", "online"),
    ("new_agent_voice", "F", "new_agent_voice", "outgoing"),
    ("web_devices_need_panel", False, "web_devices_need_panel", False),
    ("account_timezone", "Nowhere", "timezone_setting", False),
    ("plugin_rows", "code", "plugin_names", "other"),
    ("creates_agents", "404", "creates_agents", False),
]
"""Switch, value, assumption, and the fact that a probe finds on either surface."""

MEMBER_SWITCHES: list[tuple[str, Any, str, Any]] = [
    ("status_letter_r", False, "status_letter_r", False),
    ("new_membership_preset", "N", "new_membership_preset", "online"),
    ("undelete_keeps_memberships", True, "undelete_keeps_memberships", True),
    ("plan_day_base", 1, "plan_day_base", 1),
    ("plan_time_format", "HH:MM", "plan_time_format", "HH:MM"),
    ("plan_midnight", "24:00", "plan_midnight", "24:00"),
]
"""The same for what only a member of a department shows."""


def others(row: Setting) -> list[str]:
    """Return the values of a switch besides its default; a number stands for the others."""
    if row.name.startswith("lag_"):
        return ["2"]
    words = row.values.split(" or ") if " or " in row.values else []
    return [word for word in words if word != row.default]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "team", agents="agents: [{email: mia@acme.example}]\n")


@pytest.mark.parametrize("surface", ["v3", "full"])
@pytest.mark.parametrize(("switch", "value", "name", "fact"), SWITCHES)
def test_finds_the_value_of_a_switch(
    tmp_path: Path, project: Path, surface: str, switch: str, value: Any, name: str, fact: Any
) -> None:
    with account(tmp_path, surface=surface, switches=Switches(**{switch: value})) as live:
        before = living(live)
        probe(live, project)
        assert facts_of(project)[name] == fact
        assert living(live) == before


@pytest.mark.parametrize(
    ("switch", "value"), [(row.name, word) for row in switch_rows() for word in others(row)]
)
def test_ends_well_under_every_switch(
    tmp_path: Path, project: Path, switch: str, value: str
) -> None:
    switches = parse_switches([f"{switch}={value}"])
    with account(tmp_path, surface="full", switches=switches) as live:
        output = probe(live, project)
        assert EMAIL not in living(live)
    # Without the patience for new objects, what could not be found out is named.
    assert switch == "lag_new_objects" or "refused a call" not in output


@pytest.mark.parametrize(("switch", "value", "name", "fact"), MEMBER_SWITCHES)
def test_finds_what_a_member_shows_on_the_full_surface(
    tmp_path: Path, project: Path, switch: str, value: Any, name: str, fact: Any
) -> None:
    with account(tmp_path, surface="full", switches=Switches(**{switch: value})) as live:
        probe(live, project)
    assert facts_of(project)[name] == fact != ASSUMPTIONS[name].default


@pytest.mark.parametrize(("switch", "value", "name", "fact"), MEMBER_SWITCHES)
def test_finds_what_a_member_shows_on_v3_if_a_person_adds_the_agent(
    tmp_path: Path, switch: str, value: Any, name: str, fact: Any
) -> None:
    switches = Switches(**{switch: value})
    with (
        account(tmp_path, surface="v3", switches=switches) as live,
        Sandbox(tmp_path / "account.db", api_key=KEY, surface="full", switches=switches) as panel,
    ):

        def ask(question: str, answers: tuple[str, ...]) -> str:
            if question.startswith("Add "):
                agent = live.agent(EMAIL)["id"]
                Account(panel).call("PUT", f"/departments/default/{agent}", {})
            return answers[0] if answers else "5"

        with probing(live, ask=ask) as one:
            findings = one.run()
    assert findings.facts[name] == fact
    assert findings.facts["registration_mail"] is True
    assert findings.facts["plan_first_day"] == "mon"


def test_on_v3_without_a_person_the_rest_is_named_with_what_to_do(
    tmp_path: Path, project: Path
) -> None:
    with account(tmp_path, surface="v3") as live:
        output = probe(live, project)
    unknown = ASSUMPTIONS.keys() - facts_of(project).keys()
    assert {"plan_day_base", "plan_first_day", "registration_mail"} <= unknown
    heads = (line.strip().partition(": ")[0] for line in output.splitlines())
    assert {name for head in heads for name in head.split(", ")} >= set(ASSUMPTIONS)
    assert "add the agent to a department in the panel" in output


def test_a_list_that_shows_a_new_agent_late_is_measured(tmp_path: Path) -> None:
    seconds = iter([0.0, 7.5])
    with (
        account(tmp_path, switches=Switches(lag_agents=2)) as live,
        probing(live, clock=lambda: next(seconds)) as one,
    ):
        assert one.run().facts["list_lag_seconds"] == 30


@pytest.mark.parametrize("status", ["404", "405"])
def test_an_account_without_creation_is_a_finding(
    tmp_path: Path, project: Path, status: str
) -> None:
    with account(tmp_path, switches=parse_switches([f"creates_agents={status}"])) as live:
        output = probe(live, project)
    assert facts_of(project)["creates_agents"] is False
    assert facts_of(project)["page_size"] == 500
    assert f'create "{PROBE_NAME}" <{EMAIL}> in the panel, and run again' in output


def test_an_agent_that_a_person_made_for_the_probe_is_used_and_removed(
    tmp_path: Path, project: Path
) -> None:
    with account(tmp_path) as live:
        before = living(live)
        live.call("POST", "/agents", {"email": EMAIL, "name": PROBE_NAME, "role": "agent"})
    with account(tmp_path, switches=Switches(creates_agents="404")) as live:
        probe(live, project)
        assert living(live) == before
    assert facts_of(project)["undelete_body"] == "agent"
    assert "creates_agents" not in facts_of(project)


class TestFile:
    def test_a_second_probe_changes_no_byte(self, live: Account, project: Path) -> None:
        probe(live, project)
        file = project / "capabilities.yaml"
        before = file.read_bytes()
        probe(live, project)
        assert file.read_bytes() == before
        assert live.run("validate", str(project)).exit_code == 0

    def test_other_targets_and_comments_stay(self, live: Account, project: Path) -> None:
        file = project / "capabilities.yaml"
        file.write_text(
            "# ours\ntargets:\n  # the sandbox is not ours\n  sandbox: # own\n    facts:\n"
            "      page_size: 7 # seen\n\n# the end\n",
            "utf-8",
        )
        probe(live, project)
        text = file.read_text("utf-8")
        for line in ("# ours", "  # the sandbox is not ours", "  sandbox: # own", "# the end"):
            assert f"{line}\n" in text
        assert "      page_size: 7 # seen\n" in text
        assert facts_of(project)["page_size"] == 500

    def test_the_client_reads_it(self, live: Account, project: Path) -> None:
        probe(live, project)
        result = live.run("doctor", str(project))
        assert f"ok       assumptions: {len(facts_of(project))} of" in result.stdout


def test_asks_first_and_needs_yes_without_a_terminal(live: Account, project: Path) -> None:
    result = live.run("probe", str(project), "--agent", EMAIL)
    assert result.exit_code == 64
    assert "[confirmation-needed]" in result.stderr
    declined = live.run_in_terminal(b"n\n", "probe", str(project), "--agent", EMAIL)
    assert declined.returncode == 1
    assert f'the agent "{PROBE_NAME}" <{EMAIL}>' in declined.stderr
    assert live.writes() == []
    assert not (project / "capabilities.yaml").exists()


def test_a_broken_account_ends_with_its_error(live: Account, project: Path) -> None:
    live.server.faults.add(Fault("status", status=403, path=".*", times=0))
    assert "[target-refused]" in probe(live, project, exit_code=1)


def test_findings_replace_reasons() -> None:
    findings = ProbeFindings()
    findings.give_up("no call shows it", "plan_day_base")
    findings.learn(plan_day_base=1)
    findings.give_up("later", "plan_day_base")
    assert (findings.facts, findings.unknown) == ({"plan_day_base": 1}, {})


def test_the_extended_surface_shows_what_a_new_agent_has(live: Account, project: Path) -> None:
    output = probe(live, project)
    [document] = read_yaml((project / "capabilities.yaml").read_bytes(), "capabilities.yaml")[0]
    [target] = document.data["targets"].values()
    defaults = target["new_agent_defaults"]
    assert defaults["chat"] == {"max_load": 5, "priority": 50}
    assert (defaults["to_solve_only"], defaults["signature"]) == (False, None)
    assert "Settings of a new agent (new_agent_defaults): alias, chat" in output
    assert live.run("validate", str(project)).exit_code == 0


def test_on_v3_a_person_says_what_a_new_agent_has(tmp_path: Path) -> None:
    answers = {
        "Can you": "yes",
        "To solve": "no",
        "Max chat": "5",
        "Chatting": "few",
        "Panel": "dark",
    }

    def ask(question: str, _answers: tuple[str, ...]) -> str | None:
        return next((answer for word, answer in answers.items() if word in question), None)

    with account(tmp_path, surface="v3") as live, probing(live, ask=ask) as one:
        assert one.run().new_agent_defaults == {
            "to_solve_only": False,
            "chat": {"max_load": 5},
            "panel": {"theme": "dark"},
        }
