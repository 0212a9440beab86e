"""The ready-made pipelines ask the reviewers of a plan, and hold the merge until they approve.

Which approvals count is tested with the command, in tests/acceptance/test_approvals_command.py.
"""

from pathlib import Path
from typing import Any

from tests.pipelines.github import PROJECT, REPOSITORY, TEAM, GitHub
from tests.pipelines.runner import holds, workflow
from tests.pipelines.test_gitlab import for_notes, job
from tests.platform_host import platform_host
from tests.repository import Repository
from tests.support import Account
from tests.unit.liveagent.scripted import Reply, Request

APPROVALS = """
    approvals:
      points: {owner: 5, raise: 2, delete: 2}
      need: [{from: 1, approvals: 1}, {from: 5, approvals: 2}]
      owners:
        - {departments: [Support], reviewers: ["@acme/support-leads"]}
        - {roles: [owner], reviewers: ["@boss", "@Ann"]}
"""
OWNER = TEAM.replace("name: Mia,", "name: Mia, role: owner,").replace("Support: {", "Sales: {")


def test_the_merge_waits_for_as_many_as_the_risk_needs(github: GitHub) -> None:
    policy = PROJECT % github.live.server.url + APPROVALS
    github.author.commit("Ask for approvals", provisioner=policy)
    github.author.git("push", "--quiet", "origin", "main")
    head = github.propose_files({"team.yaml": OWNER})
    reviews: list[dict[str, Any]] = []
    asked: list[Any] = []
    states: list[tuple[str, str]] = []
    root = f"/repos/{REPOSITORY}"

    def ask(request: Request) -> Reply:
        asked.append(request.body)
        return Reply({}, 201)

    def post(request: Request) -> Reply:
        states.append((request.body["state"], request.body["description"]))
        return Reply({}, 201)

    github.extra |= {
        f"{root}/pulls/1": {"user": {"login": "Ann"}},
        f"{root}/pulls/1/reviews": reviews,
        f"{root}/pulls/1/requested_reviewers": ask,
        f"{root}/statuses/{head}": post,
        "/orgs/acme/teams/support-leads/members": [{"login": "lea"}, {"login": "ann"}],
    }

    def status(event: str) -> tuple[str, str]:
        done = github.job("approvals", "approvals", "change", key="", teams="teams", event=event)
        assert not done.failed, done.log
        return states[-1]

    assert status("pull_request") == ("pending", "There is no plan of this commit.")
    assert asked == []
    planned = github.job("plan", "plan", "change")
    assert not planned.failed, planned.log
    assert "2 approvals" in github.comments["provisioner-plan: production"]
    nobody = "0 of 2 approvals, none for department Support, role owner."
    assert status("pull_request") == ("pending", nobody)
    assert asked == [{"team_reviewers": ["support-leads"]}, {"reviewers": ["boss"]}]
    for login in ("boss", "lea"):
        review = {"user": {"login": login, "type": "User"}, "state": "APPROVED"}
        reviews.append({**review, "commit_id": head})
        github.extra[f"{root}/collaborators/{login}/permission"] = {"permission": "write"}
    assert status("pull_request_review") == ("success", "2 of 2 approvals.")
    assert len(asked) == 2


def test_a_pull_request_of_a_fork_gets_no_status() -> None:
    condition = workflow("approvals")["jobs"]["approvals"]["if"]
    for name, runs in ((REPOSITORY, True), ("eve/helpdesk", False)):
        pull = {"head": {"repo": {"full_name": name}}}
        context = {"github": {"event": {"pull_request": pull}, "repository": REPOSITORY}}
        assert holds(condition, context) is runs


def test_the_job_of_gitlab_fails_until_the_reviewers_approve(tmp_path: Path, live: Account) -> None:
    origin = Repository.new(tmp_path / "origin")
    origin.commit("Begin", team=TEAM, provisioner=PROJECT % live.server.url + APPROVALS)
    live.apply(origin.folder)
    origin.git("clone", "--quiet", origin.folder.as_uri(), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    clone.branch("change")
    clone.commit("Change", team=OWNER)
    ann, boss, lea = ({"id": number} for number in (5, 6, 7))
    approved: list[Any] = []
    with platform_host("gitlab") as (url, host):
        given = for_notes(url)
        code, log = job("plan", clone, **{**given, "PROVISIONER_NOTE_TOKEN": ""})
        assert code == 0, log
        root = "/api/v4/projects/7/merge_requests/3"
        host.extra |= {
            root: {"author": ann, "reviewers": [boss, lea]},
            f"{root}/approvals": {"approved_by": approved},
            "/api/v4/users": [boss],
            "/api/v4/groups/acme%2Fsupport-leads/members/all": [lea, ann],
        }
        approved.append({"user": boss})
        code, log = job("approvals", clone, **given)
        assert (code, "1 of 2 approvals, none for department Support" in log) == (1, True)
        approved.append({"user": lea})
        assert job("approvals", clone, **given) == (0, "2 of 2 approvals.\n")
