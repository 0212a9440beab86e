"""`manual done` and `manual prune`: people tick off what the API can't show."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.repository import Repository
from tests.support import Account, account, write_project

PRIYA = "priya@acme.example"
NOTIFIED = "notifications: {email: {ticket_assigned: true}}"
TEAM = f"""\
    roles: [{{name: Lead}}]
    departments: [{{name: Support}}]
    agents:
      - {{email: ben@acme.example, name: Ben, alias: Benny, {NOTIFIED}}}
      - {{email: Mia@acme.example, name: Mia, {NOTIFIED}}}
      - {{email: zoe@acme.example, name: Zoe, {NOTIFIED}, departments: {{Support: {{}}}}}}
"""


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", PRIYA)
    with account(tmp_path, surface="v3") as running:
        yield running


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    """A project with agents in the account, and nothing done by hand."""
    root = write_project(tmp_path / "p", team=TEAM)
    live.apply(root)
    return root


def ids(live: Account, project: Path, status: str = "open") -> dict[str, str]:
    """Return the ids of the steps that people tick off, by agent or role and section."""
    return {
        step["id"].rpartition("@")[0]: step["id"]
        for step in live.plan(project)["manual_steps"]
        if step["status"] == status and not step["verifiable"]
    }


def shared(step_id: str) -> str:
    return re.sub("^agent/.*?#", "agent/*#", step_id)


def today() -> str:
    return datetime.now().astimezone().date().isoformat()


def written(project: Path) -> str:
    return (project / "acknowledged.yaml").read_text("utf-8")


def done(live: Account, *words: str, exit_code: int = 0) -> Any:
    result = live.run("manual", "done", *words)
    assert result.exit_code == exit_code, result.output
    return result


def test_one_entry_holds_all_agents_with_the_same_value(live: Account, project: Path) -> None:
    before = ids(live, project)
    assert len(before) == 5
    result = done(live, "--all-as-is", str(project))
    assert f"+- step: {shared(before['agent/mia@acme.example#notifications'])}" in result.stdout
    assert "5 manual steps acknowledged." in result.stderr
    assert "ticks off 2 steps that the API shows" in result.stderr
    assert written(project) == (
        "# Manual steps that are done. `provisioner manual done` adds entries.\n"
        f"- step: {shared(before['agent/ben@acme.example#alias'])}\n"
        "  for:\n"
        "    - ben@acme.example\n"
        f"  by: {PRIYA}\n"
        f"  'on': \"{today()}\"\n"
        f"- step: {shared(before['agent/mia@acme.example#notifications'])}\n"
        "  for:\n"
        "    - ben@acme.example\n"
        "    - mia@acme.example\n"
        "    - zoe@acme.example\n"
        f"  by: {PRIYA}\n"
        f"  'on': \"{today()}\"\n"
        f"- step: {before['role/Lead#permissions']}\n"
        f"  by: {PRIYA}\n"
        f"  'on': \"{today()}\"\n"
    )
    assert ids(live, project) == {}
    again = done(live, "--all-as-is", str(project))
    assert "Nothing was acknowledged." in again.stderr
    assert again.stdout == ""


def test_who_comes_to_a_value_later_is_not_covered(live: Account, project: Path) -> None:
    notified = ids(live, project)["agent/zoe@acme.example#notifications"]
    done(live, shared(notified), str(project))
    kim = f"      - {{email: kim@acme.example, name: Kim, {NOTIFIED}}}\n"
    write_project(project, team=TEAM + kim)
    live.apply(project)
    opened = ids(live, project)
    assert opened["agent/kim@acme.example#notifications"].endswith(notified[-9:])
    assert "agent/mia@acme.example#notifications" not in opened
    before = written(project)
    done(live, opened["agent/kim@acme.example#notifications"], str(project))
    # Priya did both on one day, so the line of the agent is all that is new.
    assert written(project) == before.replace("    - mia@", "    - kim@acme.example\n    - mia@")


def test_another_person_s_entry_leaves_the_reviewed_lines_alone(
    live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ids(live, project)
    done(live, steps["agent/mia@acme.example#notifications"], str(project))
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ada@acme.example")
    before = written(project)
    done(live, steps["agent/ben@acme.example#notifications"], str(project))
    assert written(project).replace(before.partition("\n")[2], "").count("by: ada") == 1
    assert f"by: {PRIYA}" in written(project)
    assert set(ids(live, project, "acknowledged")) == {
        "agent/mia@acme.example#notifications",
        "agent/ben@acme.example#notifications",
    }


def test_a_value_that_changes_opens_the_step_again_also_if_it_changes_back(
    live: Account, project: Path
) -> None:
    alias = "agent/ben@acme.example#alias"
    done(live, ids(live, project)[alias], str(project))
    write_project(project, team=TEAM.replace("Benny", "Benjamin"))
    plan = live.run("plan", str(project))
    assert "acknowledged.yaml:4:7" in plan.stderr
    assert "[stale-acknowledgement]" in plan.stderr
    changed = ids(live, project)[alias]
    done(live, changed, str(project))
    assert alias not in ids(live, project)
    # The former entry is gone, since the account does not have its value any more.
    assert written(project).count("- step:") == 1
    assert changed[-8:] in written(project)
    write_project(project, team=TEAM)
    assert alias in ids(live, project)


def test_what_a_person_can_t_answer_for_is_refused(live: Account, project: Path) -> None:
    kim = "      - {email: kim@acme.example, name: Kim, alias: K}\n"
    write_project(project, team=TEAM + kim)
    plan = live.plan(project)["manual_steps"]
    membership = next(step["id"] for step in plan if step["section"] == "departments")
    early = next(step["id"] for step in plan if step["id"].startswith("agent/kim"))
    alias = ids(live, project)["agent/ben@acme.example#alias"]
    for step, reason, hint in (
        (membership, "the API itself shows whether", "the next plan ticks it off"),
        (early, "an agent or a membership that does not exist yet", "create it first"),
        (shared(early), "an agent or a membership that does not exist yet", "create it first"),
        (f"{alias[:-8]}00000000", "has other values now", f"acknowledge {alias}"),
        ("agent/nobody@acme.example#alias@00000000", "there is no manual step", ""),
    ):
        result = done(live, alias, step, str(project), exit_code=1)
        message = " ".join(result.stderr.split())
        assert (reason in message, hint in message) == (True, True), message
        assert "[not-acknowledged]" in message
        assert not (project / "acknowledged.yaml").exists()

    result = done(live, "--all-as-is", str(project))
    assert "does not exist yet: kim@acme.example." in result.stderr
    assert "kim@" not in written(project)


def test_an_account_that_was_created_anew_is_not_covered(live: Account, project: Path) -> None:
    done(live, "--all-as-is", str(project))
    with account(project.parent, surface="full") as panel:
        panel.call("DELETE", f"/agents/{panel.agent('ben@acme.example')['id']}")
    plan = live.run("plan", str(project))
    assert "for an account or a membership that is gone" in " ".join(plan.stderr.split())
    assert "agent/ben@acme.example#alias" in ids(live, project)
    result = live.run("manual", "prune", str(project))
    assert result.exit_code == 0, result.output
    assert "ben@acme.example" not in written(project)


def test_the_target_is_written_and_another_account_is_not_covered(
    live: Account, project: Path
) -> None:
    one = f"url: '{live.server.url}', insecure: true, api_key: {{env: LIVEAGENT_V3_API_KEY}}"
    config = f"targets: {{one: {{{one}}}, two: {{{one}}}}}\ndefault_target: one\n"
    write_project(project, provisioner=config)
    done(live, "--all-as-is", str(project), "-t", "two")
    assert written(project).count("  target: two\n") == 3
    assert len(ids(live, project)) == 5
    done(live, "--all-as-is", str(project))
    assert ids(live, project) == {}
    assert written(project).count("  target: one\n") == 3


def test_prune_removes_what_no_step_needs_from_both_files(live: Account, project: Path) -> None:
    steps = ids(live, project)
    old = "{step: 'role/Old#permissions@00000000', by: me, on: 2026-01-02}"
    write_project(project, provisioner=f"# settings\nacknowledged: [{old}]\nversion: 1\n")
    lead = steps["role/Lead#permissions"]
    write_project(
        project,
        acknowledged=f"""\
            # Read by the auditors.
            - step: {shared(steps["agent/mia@acme.example#notifications"])}
              for: [gone@acme.example, mia@acme.example]  # the first two
              by: me
              on: 2026-01-02
            - {{step: "agent/*#alias@00000000", for: [ben@acme.example], by: me, on: 2026-01-02}}
            - {{step: "{lead}", by: me, on: 2026-01-02}}
            - {{step: "{lead}", by: you, on: 2026-01-02}}
        """,
    )
    plan = live.run("plan", str(project))
    places = re.findall(r"(\S+\.yaml:\d+:\d+)", plan.stderr)
    found = [Path(place).name for place in places]
    assert {"acknowledged.yaml:3:9", "acknowledged.yaml:6:42", "provisioner.yaml:2:16"} <= {*found}
    before = written(project)
    dry = live.run("manual", "prune", str(project), "--dry-run")
    assert (dry.exit_code, written(project)) == (0, before)
    result = live.run("manual", "prune", str(project))
    assert result.stdout == dry.stdout
    kept = re.findall("by: (?:me|you), on: .*", written(project))
    assert len(kept) == 1
    assert "for: [mia@acme.example]  # the first two" in written(project)
    assert written(project).startswith("# Read by the auditors.\n- step:")
    assert (project / "provisioner.yaml").read_text() == "# settings\nversion: 1\n"
    assert "[stale-acknowledgement]" not in live.run("plan", str(project)).stderr
    assert "Every acknowledgement is needed" in live.run("manual", "prune", str(project)).stderr


def test_a_partial_plan_reports_no_stale_entries(live: Account, project: Path) -> None:
    done(live, "--all-as-is", str(project))
    partial = live.run("plan", str(project), "--only", "agent/ben@acme.example")
    assert "[stale-acknowledgement]" not in partial.stderr


def test_where_nobody_can_be_asked_it_says_what_to_write(live: Account, project: Path) -> None:
    result = done(live, str(project), exit_code=64)
    assert "has no terminal to ask at" in result.stderr
    both = done(live, "--all-as-is", "agent/a@b.example#alias@0", str(project), exit_code=64)
    assert "leave STEP out" in both.stderr
    assert "is no step" in done(live, "mia", str(project), exit_code=64).stderr
    assert not (project / "acknowledged.yaml").exists()


def test_a_dry_run_prints_the_difference(live: Account, project: Path) -> None:
    dry = done(live, "--all-as-is", "--dry-run", str(project))
    assert "5 manual steps would be acknowledged." in dry.stderr
    assert not (project / "acknowledged.yaml").exists()
    assert done(live, "--all-as-is", str(project)).stdout == dry.stdout


@pytest.mark.parametrize("comment", ["", "# Priya looked at this one\n"])
def test_many_steps_are_written_at_once_and_as_one_after_another(
    live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: str
) -> None:
    """A file with comments of people is edited entry by entry, so that they stay."""
    people = [f"a{number}@acme.example" for number in range(12)]
    agents = [f"{{email: {one}, name: {one[:2]}, alias: {one[:2]}, {NOTIFIED}}}" for one in people]
    root = write_project(tmp_path / "many", team=f"agents: [{', '.join(agents)}]\n")
    live.apply(root)
    half = [*ids(live, root).values()][::2]
    done(live, *half, str(root))
    before = written(root).replace("- step", f"{comment}- step", 2)
    results = set()
    for many in (1, 1000):
        monkeypatch.setattr("provisioner.app.file_edits.acknowledgement_edits._MANY", many)
        write_project(root, acknowledged=before)
        done(live, "--all-as-is", str(root))
        assert ids(live, root) == {}
        assert written(root).count(comment or "\n- step") >= 2
        write_project(root, team=f"agents: [{', '.join(agents[:3])}]\n")
        assert live.run("manual", "prune", str(root)).exit_code == 0
        results.add(written(root))
        write_project(root, team=f"agents: [{', '.join(agents)}]\n")
    assert len(results) == 1


class TestWalk:
    @pytest.mark.parametrize(
        ("answers", "ticked"),
        [
            ("y q", "role/Lead"),
            ("q", ""),
            ("n y n n n", "alias"),
            ("n n n y n", "mia"),
            ("n n y q", "ben"),
            ("n n n v", "mia zoe"),
            ("n n a", "ben mia zoe"),
            ("oh a y n n n", "role/Lead alias"),
        ],
    )
    def test_a_page_and_a_value_take_one_answer(
        self, live: Account, project: Path, answers: str, ticked: str
    ) -> None:
        """The pages are those of the role, of Ben, and of the notifications of all three."""
        typed = answers.replace(" ", "\n") + "\n"
        result = live.run_in_terminal(typed.encode(), "manual", "done", str(project))
        assert result.returncode == 0, result.stderr
        names = {"agent/ben@acme.example#alias": "alias", "role/Lead#permissions": "role/Lead"}
        found = {
            names.get(one, one[len("agent/") :].partition("@")[0])
            for one in ids(live, project, "acknowledged")
        }
        assert found == {*ticked.split()}
        assert (project / "acknowledged.yaml").exists() == bool(ticked)

    def test_a_walk_that_is_broken_off_writes_nothing_and_names_what_was_ticked(
        self, live: Account, project: Path
    ) -> None:
        result = live.run_in_terminal(b"y\nn\ny\n\x04", "manual", "done", str(project))
        assert (result.returncode, "nothing was written" in result.stderr) == (1, True)
        assert not (project / "acknowledged.yaml").exists()
        command = result.stderr.partition("To acknowledge what was ticked: ")[2].splitlines()[0]
        assert live.run(*shlex.split(command)[1:]).exit_code == 0
        done_now = {one.partition("@")[0] for one in ids(live, project, "acknowledged")}
        assert done_now == {"role/Lead#permissions", "agent/ben"}

    def test_files_may_change_while_somebody_works_in_the_panel(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alias = ids(live, project)["agent/ben@acme.example#alias"]

        answers = iter("ynyyy")

        def answer(*_: object, **__: object) -> str:
            write_project(project, acknowledged=f"- {{step: {alias}, by: Li, on: 2026-11-21}}\n")
            return next(answers)

        terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
        monkeypatch.setattr("provisioner.cli.commands.manual.sys", terminal)
        monkeypatch.setattr("click.prompt", answer)
        done(live, str(project))
        assert ids(live, project) == {}
        assert live.run("plan", str(project)).stderr == "", "no entry is there twice"


def test_branches_that_tick_off_different_people_merge_cleanly(
    live: Account, tmp_path: Path
) -> None:
    people = [f"a{number}@acme.example" for number in range(9)]
    agents = [f"{{email: {one}, name: {one[:2]}, alias: {one[:2]}, {NOTIFIED}}}" for one in people]
    clone = Repository.new(tmp_path / "clone")
    clone.commit("Team", team=f"agents: [{', '.join(agents)}]\n")
    live.apply(clone.folder)
    steps = ids(live, clone.folder)
    notified = [steps[f"agent/{one}#notifications"] for one in people]
    done(live, *notified[::2], str(clone.folder))
    clone.commit("Half of the team")
    for name, agent in (("one", 1), ("two", 5)):
        clone.git("checkout", "--quiet", "main")
        clone.branch(name)
        done(live, notified[agent], str(clone.folder))
        clone.commit(f"Tick off {agent}")
    clone.git("merge", "--quiet", "--no-edit", "one")
    assert live.run("validate", str(clone.folder)).exit_code == 0
    left = {one for one in ids(live, clone.folder) if "notifications" in one}
    assert left == {f"agent/a{number}@acme.example#notifications" for number in (3, 7)}
    text = written(clone.folder)
    done(live, notified[3], notified[7], str(clone.folder))
    assert re.findall("- (a.)@", written(clone.folder)) == [f"a{n}" for n in range(9)]
    assert len(text.splitlines()) + 2 == len(written(clone.folder).splitlines())


def test_a_renamed_agent_stays_done(live: Account, project: Path) -> None:
    done(live, "--all-as-is", str(project))
    words = ("agent", "rename", "ben@acme.example", "bo@acme.example", str(project), "--no-plan")
    assert live.run(*words).exit_code == 0
    assert written(project).count("- bo@acme.example\n") == 2
    assert ids(live, project) == {}
    live.apply(project)
    assert ids(live, project) == {}


def test_the_plan_has_no_work_left_once_all_is_done(live: Account, tmp_path: Path) -> None:
    team = "agents: [{email: mia@acme.example, name: Mia, alias: M}]"
    root = write_project(tmp_path / "p", team=team)
    live.apply(root)
    assert live.run("plan", str(root), "--detailed-exitcode").exit_code == 2
    done(live, "--all-as-is", str(root))
    assert live.run("plan", str(root), "--detailed-exitcode").exit_code == 0
    assert json.loads(live.run("plan", str(root), "--format", "json").stdout)["manual_steps"]
