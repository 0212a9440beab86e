"""`provisioner approvals`: who must approve a plan and who does, on stand-ins of the platforms."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.planning.plans.plan_json import checksum
from tests.platform_host import TOKEN, Host, platform_host, variables
from tests.unit.liveagent.scripted import Reply, Request

HEAD = "abcdef0123456789"
TEAMS = "teams-token-0123"
LEADS = ("@acme/support-leads", "department Support")
OWNERS = (("@Boss", "role owner"), ("@Ann", "role owner"))


def plan(folder: Path, required: int, *reviewers: tuple[str, str]) -> str:
    """Write a plan that needs approvals, and return its file."""
    data: dict[str, Any] = {"target": "t", "account": {}, "policy": {}, "resource_changes": []}
    data |= {"manual_steps": [], "required_approvals": required, "approval_points": []}
    data["reviewers"] = [{"reviewer": n, "for": scope, "reason": ""} for n, scope in reviewers]
    data["checksum"] = checksum(data)
    (folder / "plan.json").write_text(json.dumps(data))
    return str(folder / "plan.json")


class Pull:
    """Pull request 3 of Ann on GitHub, with its reviews and status."""

    def __init__(self, host: Host, given: dict[str, str]) -> None:
        self.host = host
        self.given = {**given, "PROVISIONER_TEAMS_TOKEN": TEAMS}
        self.reviews: list[dict[str, Any]] = []
        self.asked: list[Any] = []
        self.posted: list[dict[str, str]] = []
        host.other_token = TEAMS
        root = "/repos/acme/helpdesk"
        host.extra = {
            f"{root}/pulls/3": {"user": {"login": "Ann"}},
            f"{root}/pulls/3/reviews": self.reviews,
            f"{root}/pulls/3/requested_reviewers": self._ask,
            f"{root}/statuses/{HEAD}": self._post,
            "/orgs/acme/teams/support-leads/members": self._members,
        }
        for login in ("ann", "boss", "other", "lea"):
            self.may(login, "write")

    def may(self, login: str, permission: str) -> None:
        """Give a person a permission for the repository."""
        path = f"/repos/acme/helpdesk/collaborators/{login}/permission"
        self.host.extra[path] = {"permission": permission}

    def _ask(self, request: Request) -> Reply:
        self.asked.append(request.body)
        return Reply({}, 422 if request.body == {"reviewers": ["gone"]} else 201)

    def _post(self, request: Request) -> Reply:
        self.posted.append(request.body)
        return Reply({}, 201)

    def _members(self, request: Request) -> Reply:
        known = TEAMS in request.headers["Authorization"]
        return Reply([{"login": "lea"}, {"login": "ann"}]) if known else Reply({}, 404)

    def give(self, login: str, state: str = "APPROVED", **changed: Any) -> None:
        review = {"user": {"login": login, "type": "User"}, "state": state, "commit_id": HEAD}
        self.reviews.append({**review, **changed})

    def run(self, *arguments: str, **changed: str) -> Result:
        environment = {**self.given, "GITHUB_EVENT_NAME": "pull_request_review", **changed}
        return CliRunner().invoke(main, ("approvals", *arguments), env=environment)

    def status(self, file: str, **changed: str) -> tuple[str, str]:
        """Run the command, and return the state and description of the status."""
        result = self.run(file, **changed)
        assert result.exit_code == 0, result.output
        status = self.posted[-1]
        assert result.stdout == f"{status['state']}: {status['description']}\n"
        assert status["context"] == "provisioner/approvals"
        return status["state"], status["description"]


@pytest.fixture(autouse=True)
def _no_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of these tests may be a job of a platform itself."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "TF_BUILD", "CHANGE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def pull(tmp_path: Path) -> Iterator[Pull]:
    with platform_host("github") as (url, host):
        yield Pull(host, variables("github", url, tmp_path))


def test_a_merge_waits_for_as_many_as_the_plan_needs(pull: Pull, tmp_path: Path) -> None:
    file = plan(tmp_path, 2, LEADS, *OWNERS)
    nobody = "0 of 2 approvals, none for department Support, role owner."
    assert pull.status(file, GITHUB_EVENT_NAME="pull_request") == ("pending", nobody)
    assert pull.asked == [{"team_reviewers": ["support-leads"]}, {"reviewers": ["Boss"]}]
    pull.give("ANN")  # the author
    pull.give("boss", commit_id="0" * 40)  # of an earlier commit
    pull.may("reader", "read")
    pull.give("reader", author_association="MEMBER")
    path = "/repos/acme/helpdesk/collaborators/stranger/permission"
    pull.host.extra[path] = lambda _: Reply({"message": "stranger is not a user"}, 404)
    pull.give("stranger")
    pull.give("boss", "COMMENTED")
    pull.give("boss", user={"login": "boss", "type": "Bot"})
    assert pull.status(file) == ("pending", nobody)
    pull.give("boss")
    assert pull.status(file) == ("pending", "1 of 2 approvals, none for department Support.")
    pull.give("other")
    assert pull.status(file) == ("pending", "2 of 2 approvals, none for department Support.")
    pull.give("Lea")
    assert pull.status(file) == ("success", "3 of 2 approvals.")
    without = pull.run(file, PROVISIONER_TEAMS_TOKEN="")
    assert pull.posted[-1]["state"] == "pending"  # nobody knows the members of the team
    assert "warning: the members of @acme/support-leads are not known" in without.stderr
    pull.give("boss", "CHANGES_REQUESTED")
    assert pull.status(file)[0] == "pending"
    pull.give("boss", "DISMISSED")
    assert pull.status(file)[0] == "pending"
    assert len(pull.asked) == 2


def test_a_plan_that_needs_few_or_none(pull: Pull, tmp_path: Path) -> None:
    assert pull.status(plan(tmp_path, 0)) == ("success", "No approval is needed.")
    assert [request.method for request in pull.host.requests] == ["POST"]
    file = plan(tmp_path, 0, ("@boss", "role owner"), ("@gone", "role owner"))
    done = pull.run(file, GITHUB_EVENT_NAME="pull_request")
    assert pull.posted[-1]["state"] == "success"
    assert pull.asked == [{"reviewers": ["boss"]}, {"reviewers": ["gone"]}]
    assert "warning: @gone can't be asked for a review" in done.stderr
    pull.give("lea")
    assert pull.status(plan(tmp_path, 1, LEADS)) == ("success", "1 of 1 approvals.")
    pull.give("boss")
    scopes = [("@boss", "role owner"), *(("@gone", f"department {n}") for n in range(20))]
    state, text = pull.status(plan(tmp_path, 1, *scopes))
    assert (state, len(text)) == ("pending", 140)


def test_without_a_plan_the_merge_waits(pull: Pull, tmp_path: Path) -> None:
    assert pull.run("--unplanned").stdout == "pending: There is no plan of this commit.\n"
    assert pull.posted == [
        {
            "state": "pending",
            "description": "There is no plan of this commit.",
            "context": "provisioner/approvals",
        }
    ]
    file = Path(plan(tmp_path, 2))
    file.write_text(file.read_text().replace('"required_approvals": 2', '"required_approvals": 0'))
    assert pull.run(str(file)).exit_code == 3  # edited
    assert pull.run(str(tmp_path / "none.json")).exit_code == 1
    assert pull.run("--unplanned", GITHUB_TOKEN="").exit_code == 1
    assert len(pull.host.requests) == 1


@pytest.mark.parametrize("content", [None, [], {}, [1], {"user": {"login": ""}}, "x"])
def test_an_odd_answer_never_counts_as_an_approval(
    pull: Pull, tmp_path: Path, content: object
) -> None:
    file = plan(tmp_path, 1, ("@boss", "role owner"))
    pull.host.extra["/repos/acme/helpdesk/pulls/3"] = content
    result = pull.run(file)
    assert (result.exit_code, pull.posted) == (1, [])
    assert "[platform-refused]" in result.stderr
    pull.host.extra["/repos/acme/helpdesk/pulls/3"] = {"user": {"login": "ann"}}
    pull.host.extra["/repos/acme/helpdesk/pulls/3/reviews"] = content
    assert "[internal]" not in pull.run(file).stderr
    assert [one["state"] for one in pull.posted] in ([], ["pending"])


ANN, BOSS, LEA = 4, 6, 7


class Merge:
    """Merge request 3 of Ann on GitLab, with its reviewers and approvals."""

    def __init__(self, host: Host, given: dict[str, str]) -> None:
        self.given = given
        self.reviewers = [9]
        self.approved: list[int] = []
        root = "/api/v4/projects/7/merge_requests/3"
        host.extra = {
            root: self._merge,
            f"{root}/approvals": self._approvals,
            "/api/v4/users": self._users,
            "/api/v4/groups/acme%2Fsupport-leads/members/all": [{"id": LEA}, {"id": ANN}],
        }

    def _merge(self, request: Request) -> Reply:
        if request.method == "PUT":
            self.reviewers = request.body["reviewer_ids"]
        people = [{"id": one} for one in self.reviewers]
        return Reply({"author": {"id": ANN}, "reviewers": people})

    def _approvals(self, _: Request) -> Reply:
        return Reply({"approved_by": [{"user": {"id": one}} for one in self.approved]})

    def _users(self, request: Request) -> Reply:
        return Reply([{"id": {"Boss": BOSS, "Ann": ANN}[request.query["username"]]}])

    def run(self, *arguments: str, **changed: str) -> Result:
        return CliRunner().invoke(main, ("approvals", *arguments), env={**self.given, **changed})


def test_a_job_of_gitlab_fails_until_the_reviewers_approve(tmp_path: Path) -> None:
    with platform_host("gitlab") as (url, host):
        merge = Merge(host, variables("gitlab", url, tmp_path))
        file = plan(tmp_path, 2, LEADS, *OWNERS)
        for approved, waiting in (
            ([], "0 of 2 approvals, none for department Support, role owner"),
            ([ANN, BOSS], "1 of 2 approvals, none for department Support"),
            ([BOSS, 8], "2 of 2 approvals, none for department Support"),
            ([BOSS, LEA], ""),
        ):
            merge.approved = approved
            result = merge.run(file)
            assert result.exit_code == (1 if waiting else 0), result.output
            assert (waiting or "2 of 2 approvals.\n") in result.output
        assert merge.reviewers == [BOSS, LEA, 9]
        assert [one.method for one in host.requests].count("PUT") == 1
        without = merge.run(file, PROVISIONER_NOTE_TOKEN="")
        assert (without.exit_code, TOKEN in without.output) == (1, False)
        assert "there is no token to read approvals with" in without.stderr
        host.requests.clear()
        assert merge.run(plan(tmp_path, 0), PROVISIONER_NOTE_TOKEN="").exit_code == 0
        assert merge.run("--unplanned").exit_code == 1
        assert host.requests == []


def test_a_job_of_another_platform_can_not_ask(tmp_path: Path) -> None:
    with platform_host("bitbucket") as (url, host):
        given = variables("bitbucket", url, tmp_path)
        result = CliRunner().invoke(main, ("approvals", plan(tmp_path, 1)), env=given)
        assert (result.exit_code, host.requests) == (64, [])
