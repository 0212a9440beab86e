"""The ready-made workflows of GitHub, from a branch to the account, with a bare remote."""

from typing import Any

import pytest

from tests.panel import Panel
from tests.pipelines.github import PROJECT, REPOSITORY, UNKNOWN, GitHub
from tests.support import account

COMMENT = "provisioner-plan: production"
RECORDS = "provisioner-records"
RUN = f"https://git.acme.example/{REPOSITORY}/actions/runs/7"
DELETED = "{email: %s, state: absent}"


def test_a_change_goes_from_the_branch_to_the_account(github: GitHub) -> None:
    commit = github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan", "change")
    assert not planned.failed, planned.log
    comment = github.comments[COMMENT]
    assert "Changed by this branch" in comment
    assert commit[:7] in comment
    assert "Robert" in comment
    assert f"Planned at {commit[:8]}. [The run]({RUN}) keeps the whole report." in comment
    assert planned.summary == comment
    artifact = github.store / str(github.runs) / "provisioner-plan-1"
    assert (artifact / "report.html").read_text().startswith("<!doctype html>")
    assert github.live.agent("bob@acme.example")["name"] == "Bob"

    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert "Applied and read back: 1 updated" in applied.summary
    assert f"[The run]({RUN}) keeps the whole report." in applied.summary
    assert github.live.agent("bob@acme.example")["name"] == "Robert"
    again = github.job("apply", "apply")
    assert not again.failed
    assert "Applied" not in again.summary


def test_a_new_plan_replaces_the_comment(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    file = github.author.folder / "team.yaml"
    file.write_text(file.read_text().replace("name: Robert", "name: Bobby"))
    github.author.commit("Another name")
    github.author.git("push", "--quiet", "origin", "change")
    assert not github.job("plan", "plan", "change").failed
    assert "Robert" not in github.comments[COMMENT]
    assert "Bobby" in github.comments[COMMENT]


def test_earlier_drift_is_shown_as_such(github: GitHub) -> None:
    mia = github.live.agent("mia@acme.example")
    github.live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Somebody"})
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    assert "Earlier drift" in github.comments[COMMENT]


def test_what_was_not_reviewed_is_not_applied(github: GitHub) -> None:
    """Somebody changed the same agent between the review and the merge."""
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bobby"})
    github.merge()
    github.live.server.requests.clear()
    applied = github.job("apply", "apply")
    assert applied.failed
    assert "this is not the plan that was reviewed; nothing was written" in applied.log
    assert github.live.writes() == []
    digest = applied.summary.rsplit("the digest `", 1)[1].split("`")[0]
    assert not github.job("apply", "apply", inputs={"digest": digest}).failed
    assert github.live.agent("bob@acme.example")["name"] == "Robert"


BY_HAND = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: %s}
      - {email: bob@acme.example, name: %s, departments: {}}
"""


@pytest.mark.parametrize(
    ("email", "department", "settings", "is_applied"),
    [
        ("mia@acme.example", "Sales", "", True),
        ("mia@acme.example", "Sales", "tickets: true", False),  # an apply would now write it
        ("bob@acme.example", "Sales", "", False),  # another step: he is to leave again
    ],
)
def test_manual_steps_may_be_done_before_the_merge(
    github: GitHub, email: str, department: str, settings: str, is_applied: bool
) -> None:
    """A membership is done by hand between the review and the merge, and another one is not."""
    panel = Panel(github.live)
    panel.leave("mia@acme.example", "Support")
    with account(github.folder.parent, surface="v3") as live:
        begin = BY_HAND % ("{}", "Bob")
        github.author.commit("Begin", provisioner=PROJECT % live.server.url, team=begin)
        github.author.git("push", "--quiet", "origin", "main")
        members = f"{{Support: {{}}, Sales: {{{settings}}}}}"
        github.propose_files({"team.yaml": BY_HAND % (members, "Robert")})
        assert not github.job("plan", "plan", "change").failed
        panel.join(email, department)
        github.merge()
        applied = github.job("apply", "apply")
        assert applied.failed is not is_applied, applied.log
        assert ("this is not the plan that was reviewed" in applied.log) is not is_applied
        name = "Robert" if is_applied else "Bob"
        assert live.agent("bob@acme.example")["name"] == name


def test_what_else_changed_in_the_account_does_not_matter(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    github.live.call("POST", "/agents", {"email": "new@acme.example", "name": "New"})
    github.merge()
    assert not github.job("apply", "apply").failed


def test_a_merge_that_nobody_planned_is_not_applied(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.merge()
    assert github.job("apply", "apply").failed
    assert github.live.agent("bob@acme.example")["name"] == "Bob"


def test_the_plan_of_a_fork_has_no_say_in_what_is_applied(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change", from_repository=2)
    github.merge()
    assert github.job("apply", "apply").failed


def test_an_invalid_project_is_annotated_and_not_planned(github: GitHub) -> None:
    github.propose("name: Bob", "nome: Bob")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert "::error file=team.yaml,line=5,col=" in planned.log
    comment = github.comments[COMMENT]
    assert f"Could not be planned at {github.author.git('rev-parse', 'change')[:8]}" in comment
    assert f"[The log]({RUN})" in comment
    assert planned.summary == comment


def test_a_plan_that_apply_would_refuse_is_shown_and_fails(github: GitHub) -> None:
    github.propose("name: Bob}", "name: Bob}\n  - {email: owner@acme.example, state: absent}")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert "protected" in planned.log
    assert "owner@acme.example" in github.comments[COMMENT]
    github.merge()
    assert github.job("apply", "apply").failed


def test_a_fork_s_pull_request_is_planned_from_a_snapshot_without_a_secret(
    github: GitHub,
) -> None:
    assert not github.job("snapshot", "snapshot").failed
    github.propose("name: Bob", "name: Robert")
    github.live.server.requests.clear()
    planned = github.job("plan", "plan-of-fork", "change", key="")
    assert not planned.failed, planned.log
    assert "Robert" in planned.summary
    assert github.live.server.requests.entries() == []
    assert github.comments == {}


def test_without_a_snapshot_a_fork_is_told_so(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan-of-fork", "change", key="")
    assert planned.failed
    assert "there is no snapshot to plan from" in planned.log


def test_drift_fails_the_scheduled_check_and_says_what(github: GitHub) -> None:
    assert not github.job("drift", "drift").failed
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "</pre>`*x*"})
    found = github.job("drift", "drift")
    assert found.failed
    assert "the account differs from the files" in found.log
    assert "        name: declared Bob, live </pre>`*x*\n" in found.summary


def test_names_of_branches_and_inputs_are_data(github: GitHub) -> None:
    """Names are passed in the environment, so bash never runs them as commands."""
    mark = github.folder / "mark"
    applied = github.job(
        "apply", "apply", inputs={"digest": f'"; touch {mark}; echo "$(touch {mark})'}
    )
    assert not mark.exists()
    assert "not the digest of a plan" in applied.log
    applied = github.job(
        "apply", "apply", inputs={"digest": UNKNOWN, "allow": f"deletes=1;touch {mark}"}
    )
    assert not mark.exists()
    assert "allow takes words such as deletes=6" in applied.log


def test_what_a_plan_does_not_write_is_not_what_was_reviewed(github: GitHub) -> None:
    """Agents switch their availability all day; no file declares it."""
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    bob = github.live.agent("bob@acme.example")
    [device] = [
        device
        for device in github.live.everything("/devices")
        if (device["agent_id"], device["service_type"]) == (bob["id"], "T")
    ]
    switched = {"preset_status": "N", "online_status": "N"}
    assert device["preset_status"] != "N"
    github.live.call("PUT", f"/devices/{device['id']}", {**device, **switched})
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "gender": "F"})
    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert github.live.agent("bob@acme.example")["name"] == "Robert"


def test_a_run_of_an_older_commit_is_not_run_again(github: GitHub) -> None:
    older = github.author.git("rev-parse", "main")
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    github.merge()
    assert not github.job("apply", "apply").failed
    github.live.server.requests.clear()
    again = github.job("apply", "apply", at=older)
    assert again.failed
    assert "this run is not for the last commit of main" in again.log
    assert github.live.server.requests.entries() == []


def test_the_plan_of_another_pull_request_is_not_the_reviewed_one(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change", number=3)
    github.merge()
    applied = github.job("apply", "apply")
    assert applied.failed
    assert "this is not the plan that was reviewed" in applied.log


def test_a_reviewed_digest_is_a_digest(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    artifact = github.store / str(github.runs) / "provisioner-plan-1"
    (artifact / "digest").write_text(f"{UNKNOWN}\ndigest={UNKNOWN}\n")
    github.merge()
    applied = github.job("apply", "apply")
    assert applied.failed
    assert "not the digest of a plan" in applied.log


def test_a_guard_is_passed_by_hand_with_the_digest(github: GitHub) -> None:
    leavers = [f"gone-{number}@acme.example" for number in range(6)]
    for email in leavers:
        github.live.call("POST", "/agents", {"email": email, "name": "Gone"})
    entries = "".join(f"\n  - {DELETED % email}" for email in leavers)
    github.propose("name: Bob}", f"name: Bob}}{entries}")
    assert github.job("plan", "plan", "change").failed
    comment = github.comments[COMMENT]
    assert "--allow deletes=6" in comment
    digest = comment.rsplit("Plan ", 1)[1].split("<")[0]
    github.merge()
    assert github.job("apply", "apply").failed
    assert github.job("apply", "apply", inputs={"digest": digest}).failed
    few = {"digest": digest, "allow": "deletes=5 updates=9"}
    assert github.job("apply", "apply", inputs=few).failed
    assert github.job("apply", "apply", inputs={**few, "digest": UNKNOWN}).failed
    assert github.live.agent(leavers[0])
    enough = {"digest": digest, "allow": "deletes=6 updates=9"}
    applied = github.job("apply", "apply", inputs=enough)
    assert not applied.failed, applied.log
    assert "6 deleted" in applied.summary


def test_code_of_the_repository_does_not_run_beside_the_key(github: GitHub) -> None:
    mark = github.folder / "mark"
    evil = f"open({str(mark)!r}, 'w')\n"
    modules = ("hashlib", "json", "secrets", "sys")
    plant = {f"{name}.py": evil for name in modules} | {"provisioner/__init__.py": evil}
    github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan", "change", plant=plant)
    assert not planned.failed, planned.log
    github.merge()
    applied = github.job("apply", "apply", plant=plant)
    assert not applied.failed, applied.log
    assert not github.job("drift", "drift", plant=plant).failed
    assert not mark.exists()


def shown_as_text(log: str, word: str) -> bool:
    """Return whether a word is in a log, and only where the runner executes no commands."""
    rest, heeded = log, ""
    while "::stop-commands::" in rest:
        before, _, rest = rest.partition("::stop-commands::")
        token, _, rest = rest.partition("\n")
        _, ended, rest = rest.partition(f"::{token}::\n")
        assert ended
        heeded += before
    return word in log and word not in heeded + rest


def test_names_are_no_commands_to_the_runner(github: GitHub) -> None:
    github.propose("name: Bob", 'name: "##[error]Bob ::error::Bob"')
    assert not github.job("plan", "plan", "change").failed
    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert shown_as_text(applied.log, "##[error]")
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "##[warning]B"})
    assert shown_as_text(github.job("drift", "drift").log, "##[warning]")


def test_what_refuses_a_plan_is_no_command_either(github: GitHub) -> None:
    """Two agents of one name are created and deleted; the refusal lists them."""
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "##[error]B"})
    comes = '{email: robert@acme.example, name: "##[error]B"}'
    github.propose("{email: bob@acme.example, name: Bob}", f"{DELETED % bob['email']}\n  - {comes}")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert shown_as_text(planned.log, "##[error]B")


def test_the_records_of_a_project_in_a_folder_go_from_run_to_run(github: GitHub) -> None:
    (github.author.folder / "team").mkdir()
    github.author.git("mv", "team.yaml", "provisioner.yaml", "team")
    github.author.commit("Move")
    github.author.git("push", "--quiet", "origin", "main")
    github.propose("name: Bob", "name: Robert", "team/team.yaml")
    assert not github.job("plan", "plan", "change", project="team").failed
    github.merge()
    applied = github.job("apply", "apply", project="team")
    assert not applied.failed, applied.log
    kept = github.store / str(github.runs) / RECORDS
    assert sorted(file.name for file in kept.iterdir()) == ["000001.jsonl", "000002.jsonl"]


def test_the_records_of_others_are_not_taken(github: GitHub) -> None:
    [made, *_] = [artifact for artifact in github.artifacts if artifact["name"] == RECORDS]
    others: list[dict[str, Any]] = [{"head_branch": "change"}, {"head_repository_id": 2}]
    for number, other in enumerate(others, start=90):
        forged = {**made["workflow_run"], **other, "id": number}
        github.artifacts.append({**made, "created_at": "2025-01-02", "workflow_run": forged})
    taken = github.job("apply", "apply", inputs={"digest": UNKNOWN})
    assert not taken.failed, taken.log
    kept = github.store / str(github.runs) / RECORDS
    assert [file.name for file in kept.iterdir()] == ["000001.jsonl"]
