"""The ready-made pipelines ask the reviewers of a plan, and hold the merge until they approve."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.pipelines.github import PROJECT, REPOSITORY, TEAM, GitHub
from tests.pipelines.runner import holds, workflow
from tests.pipelines.test_gitlab import for_notes, job, serving
from tests.repository import Repository
from tests.support import Account

APPROVALS = """
    approvals:
      points: {owner: 5, raise: 2, delete: 2}
      need: [{from: 1, approvals: 1}, {from: 5, approvals: 2}]
      owners:
        - {departments: [Support], reviewers: ["@acme/support-leads"]}
        - {roles: [owner], reviewers: ["@boss", "@Ann"]}
"""
OWNER = TEAM.replace("name: Mia,", "name: Mia, role: owner,").replace("Support: {", "Sales: {")
GONE = TEAM.replace("name: Mia,", "name: Mia, state: absent,")


class Review:
    """One pull request of Ann, with its reviews."""

    def __init__(self, github: GitHub, team: str) -> None:
        self.github = github
        policy = PROJECT % github.live.server.url + APPROVALS
        github.author.commit("Ask for approvals", provisioner=policy)
        github.author.git("push", "--quiet", "origin", "main")
        file = github.author.folder / "new.yaml"
        github.author.branch("change")
        github.author.commit("Change", team=team)
        github.author.git("push", "--quiet", "origin", "change")
        assert not file.exists()
        self.head = github.author.git("rev-parse", "change")
        self.reviews: list[dict[str, Any]] = []
        github.answers[f"repos/{REPOSITORY}/pulls/1/reviews"] = self.reviews
        members = "orgs/acme/teams/support-leads/members"
        github.answers[members] = [{"login": "lea"}, {"login": "ann"}]

    def plan(self) -> None:
        done = self.github.job("plan", "plan", "change")
        assert not done.failed, done.log

    def give(self, login: str, state: str = "APPROVED", **changed: Any) -> None:
        review = {"user": {"login": login, "type": "User"}, "state": state}
        self.reviews.append(
            {**review, "commit_id": self.head, "author_association": "MEMBER", **changed}
        )

    def status(self, event: str = "pull_request_review", teams: str = "teams") -> tuple[str, str]:
        """Run the workflow, and return the state and description of the status."""
        done = self.github.job("approvals", "approvals", "change", key="", teams=teams, event=event)
        assert not done.failed, done.log
        status = self.posted()["statuses"][self.head]
        assert status["context"] == "provisioner/approvals"
        return status["state"], status["description"]

    def posted(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.github.store / "posted.json").read_text())
        return data


class TestGitHub:
    def test_the_merge_waits_for_as_many_as_the_risk_needs(self, github: GitHub) -> None:
        review = Review(github, OWNER)
        assert review.status() == ("pending", "There is no plan of this commit.")
        review.plan()
        assert "2 approvals" in github.comments["provisioner-plan: production"]
        nobody = "0 of 2 approvals, none for department Support, role owner."
        assert review.status("pull_request") == ("pending", nobody)
        assert sorted(map(str, review.posted()["asked"])) == [
            "{'reviewers[]': 'boss'}",
            "{'team_reviewers[]': 'support-leads'}",
        ]
        review.give("ann")  # the author
        review.give("boss", commit_id="0" * 40)  # of an earlier commit
        review.give("boss", author_association="NONE")
        review.give("boss", "COMMENTED")
        assert review.status() == ("pending", nobody)
        review.give("boss")
        one = "1 of 2 approvals, none for department Support."
        assert review.status() == ("pending", one)
        review.give("other")
        assert review.status()[0] == "pending"
        review.give("Lea")
        assert review.status() == ("success", "3 of 2 approvals.")
        assert review.status(teams="")[0] == "pending"  # nobody knows the members of the team
        review.give("boss", "CHANGES_REQUESTED")
        assert review.status()[0] == "pending"
        assert len(review.posted()["asked"]) == 2

    def test_the_lead_of_a_department_may_approve_what_stays_inside(self, github: GitHub) -> None:
        review = Review(github, GONE)
        review.plan()
        assert review.status() == ("pending", "0 of 1 approvals, none for department Support.")
        review.give("lea")
        assert review.status() == ("success", "1 of 1 approvals.")

    def test_a_plan_without_risk_needs_nobody(self, github: GitHub) -> None:
        review = Review(github, TEAM.replace("name: Bob", "name: Robert"))
        review.plan()
        assert review.status() == ("success", "No approval is needed.")

    def test_a_pull_request_of_a_fork_gets_no_status(self) -> None:
        condition = workflow("approvals")["jobs"]["approvals"]["if"]
        for name, runs in ((REPOSITORY, True), ("eve/helpdesk", False)):
            pull = {"head": {"repo": {"full_name": name}}}
            context = {"github": {"event": {"pull_request": pull}, "repository": REPOSITORY}}
            assert holds(condition, context) is runs


ANN, BOSS, LEA = 5, 6, 7


class MergeRequest(HTTPServer):
    """A merge request of Ann with its reviewers and approvals."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reviewers = [9]
        self.approved: list[int] = []

    def answer(self, path: str) -> Any:
        match path.split("?", maxsplit=1)[0].removeprefix("/api/v4"):
            case "/projects/7/merge_requests/3":
                people = [{"id": one} for one in self.reviewers]
                return {"author": {"id": ANN}, "reviewers": people}
            case "/projects/7/merge_requests/3/approvals":
                return {"approved_by": [{"user": {"id": one}} for one in self.approved]}
            case "/users":
                return {"boss": [{"id": BOSS}], "Ann": [{"id": ANN}]}[path.partition("=")[2]]
            case other:
                assert unquote(other) == "/groups/acme/support-leads/members/all"
                return [{"id": LEA}, {"id": ANN}]


class _Handler(BaseHTTPRequestHandler):
    server: MergeRequest

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def _answer(self, body: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self) -> None:
        self._answer(self.server.answer(self.path))

    def do_PUT(self) -> None:
        assert self.path == "/api/v4/projects/7/merge_requests/3"
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.reviewers = body["reviewer_ids"]
        self._answer({})


@pytest.fixture
def request_of_ann() -> Iterator[MergeRequest]:
    with serving(MergeRequest()) as server:
        yield server


def test_the_job_of_gitlab_fails_until_the_reviewers_approve(
    request_of_ann: MergeRequest, tmp_path: Path, live: Account
) -> None:
    origin = Repository.new(tmp_path / "origin")
    origin.commit("Begin", team=TEAM, provisioner=PROJECT % live.server.url + APPROVALS)
    live.apply(origin.folder)
    origin.git("clone", "--quiet", origin.folder.as_uri(), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    clone.branch("change")
    clone.commit("Change", team=OWNER)
    given = for_notes(f"http://127.0.0.1:{request_of_ann.server_port}")
    code, log = job("plan", clone, **{**given, "PROVISIONER_NOTE_TOKEN": ""})
    assert code == 0, log
    for approved, waiting in (
        ([], "0 of 2 approvals, none for department Support, role owner; run this job again"),
        ([ANN, BOSS], "1 of 2 approvals, none for department Support; run this job again"),
        ([BOSS, 8], "2 of 2 approvals, none for department Support; run this job again"),
        ([BOSS, LEA], ""),
    ):
        request_of_ann.approved = approved
        code, log = job("approvals", clone, **given)
        assert (code, log.strip()) == (
            (1, f"error: {waiting}") if waiting else (0, "2 of 2 approvals")
        )
    assert request_of_ann.reviewers == [BOSS, LEA, 9]
    without = job("approvals", clone, **{**given, "PROVISIONER_NOTE_TOKEN": ""})
    assert without == (1, "error: approvals can't be read without PROVISIONER_NOTE_TOKEN\n")
