"""The check that main requires, the merge queue, and allowances in comments, on GitHub."""

import json
from pathlib import Path

import pytest

from tests.pipelines.github import REPOSITORY, UNKNOWN, GitHub
from tests.pipelines.runner import Job, holds, workflow

COMMENT = "provisioner-plan: production"
DELETED = "{email: %s, state: absent}"


@pytest.mark.parametrize(
    ("event", "repository", "author", "planned_by"),
    [
        ("pull_request", REPOSITORY, "mia", "plan"),
        ("pull_request", "stranger/helpdesk", "stranger", "plan-of-fork"),
        ("pull_request", REPOSITORY, "dependabot[bot]", "plan-of-fork"),
        ("merge_group", "", "", "plan"),
    ],
)
def test_who_gets_no_secret_is_planned_from_a_snapshot(
    event: str, repository: str, author: str, planned_by: str
) -> None:
    pull = {"head": {"repo": {"full_name": repository}}, "user": {"login": author}}
    given = {"pull_request": pull} if event == "pull_request" else {}
    context = {"github": {"event_name": event, "repository": REPOSITORY, "event": given}}
    jobs = {name: job for name, job in workflow("plan")["jobs"].items() if "needs" not in job}
    assert [name for name, job in jobs.items() if holds(job["if"], context)] == [planned_by]


@pytest.mark.parametrize(
    ("plan", "fork", "passes"),
    [
        ("success", "skipped", True),
        ("skipped", "success", True),
        ("skipped", "skipped", False),
        ("failure", "skipped", False),
        ("cancelled", "skipped", False),
        ("skipped", "failure", False),
    ],
)
def test_the_required_check_is_green_only_after_a_plan(
    tmp_path: Path, plan: str, fork: str, passes: bool
) -> None:
    needs = {"plan": {"result": plan}, "plan-of-fork": {"result": fork}}
    done = Job(tmp_path, tmp_path, {"github": {"event": {}}, "needs": needs}, {}, {})
    assert workflow("plan")["jobs"]["planned"]["if"] == "always()"
    assert done.run("plan", "planned").failed is not passes


def test_a_merge_queue_plans_the_merge_and_writes_no_comment(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan", "change", event="merge_group")
    assert not planned.failed, planned.log
    assert "Robert" in planned.summary
    assert github.comments == {}
    assert not github.job("plan", "approvals-of-queue", "change", event="merge_group").failed
    [status] = json.loads((github.store / "posted.json").read_text())["statuses"].values()
    assert (status["state"], status["context"]) == ("success", "provisioner/approvals")


def test_a_comment_allows_the_plan_with_its_digest_and_no_other(github: GitHub) -> None:
    leavers = [f"gone-{number}@acme.example" for number in range(6)]
    for email in leavers:
        github.live.call("POST", "/agents", {"email": email, "name": "Gone"})
    entries = "".join(f"\n  - {DELETED % email}" for email in leavers)
    github.propose("name: Bob}", f"name: Bob}}{entries}")
    assert github.job("plan", "plan", "change").failed
    digest = github.comments[COMMENT].rsplit("Plan ", 1)[1].split("<")[0]
    assert f"`/provisioner allow deletes=6 {digest}`" in github.comments[COMMENT]
    root, at = f"/repos/{REPOSITORY}", {"created_at": "2026-11-26", "updated_at": "2026-11-26"}
    github.extra[f"{root}/pulls/1"] = {"user": {"login": "Ann"}}
    github.extra[f"{root}/collaborators/boss/permission"] = {"permission": "write"}
    github.extra[f"{root}/issues/1/comments"] = [
        {"id": number, "user": {"login": "boss", "type": "User"}, **at, "body": body}
        for number, body in enumerate(
            (f"/provisioner allow deletes=60 {UNKNOWN}", f"/provisioner allow deletes=6 {digest}")
        )
    ]
    planned = github.job("plan", "plan", "change")
    assert not planned.failed, planned.log
    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert "6 deleted" in applied.summary
