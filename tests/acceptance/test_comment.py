"""`provisioner comment` and `show --digest`: one comment on each platform, against stand-ins."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.liveagent.http.pacing import Pacer
from provisioner.platforms.platform_api import PlatformApi
from provisioner.render.markdown.comment_cut import cut
from tests.platform_host import ME, OTHER, PLATFORMS, TOKEN, Host, platform_host, variables
from tests.support import Account, write_project
from tests.unit.liveagent.scripted import Reply, Request, scripted

MARK = "<!-- provisioner-plan: production -->"
IN_BITBUCKET = "[//]: # (provisioner-plan: production)"


def run(*arguments: str, given: str = "", **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, input=given, env=environment)


@pytest.fixture(autouse=True)
def _no_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of these tests may be a job of a platform itself."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "TF_BUILD", "CHANGE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[tuple[Host, dict[str, str]]]:
    with platform_host("github") as (url, host):
        yield host, variables("github", url, tmp_path)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_one_comment_is_created_updated_and_deleted(platform: str, tmp_path: Path) -> None:
    mark = IN_BITBUCKET if platform == "bitbucket" else MARK
    with platform_host(platform) as (url, host):
        host.comments[2] = (OTHER, f"{mark}\nForged")
        given = variables(platform, url, tmp_path)
        for text, done in (
            ("First", "created"),
            ("Second", "updated"),
            ("Second", "unchanged"),
            ("", "deleted"),
            ("", "there is none"),
        ):
            result = run("comment", given=f"{MARK}\n{text}\n" if text else MARK, **given)
            assert result.exit_code == 0, result.output
            assert f"Comment of pull request 3: {done}" in result.stdout
            assert [own.split("\n", 1)[0] for own in host.own] == ([mark] if text else [])
            assert all(text in own for own in host.own)
        assert {text for _, text in host.comments.values()} == {f"{mark}\nForged", "Looks good"}


@pytest.mark.parametrize(
    ("platform", "link"),
    [
        ("github", "https://git.acme.example/acme/helpdesk/actions/runs/77"),
        ("gitea", "https://git.acme.example/acme/helpdesk/actions/runs/12"),
        ("gitlab", "https://git.acme.example/acme/helpdesk/-/jobs/5"),
        ("bitbucket", "https://git.acme.example/acme/helpdesk/pipelines/results/12"),
        ("azure", "/acme/help%20desk/_build/results?buildId=12"),
    ],
)
def test_a_commit_that_could_not_be_planned_replaces_the_plan(
    platform: str, link: str, tmp_path: Path
) -> None:
    with platform_host(platform) as (url, host):
        given = variables(platform, url, tmp_path)
        run("comment", given=f"{MARK}\nA plan", **given)
        assert run("comment", "--unplanned", "production", **given).exit_code == 0
        [text] = host.own
        assert "## ⛔ Could not be planned at abcdef01" in text
        assert f"{link}) shows the reason." in text


def test_the_digest_is_that_of_earlier_pipelines(live: Account, tmp_path: Path) -> None:
    """The comment and `show --digest` name it; a file that was edited has none."""
    team = "departments: [{name: Support}]\nagents: [{email: mia@acme.example, name: Mia}]\n"
    project = write_project(tmp_path / "p", team=team)
    file = tmp_path / "plan.json"
    live.run("plan", str(project), "--out", str(file))
    digest = run("show", "--digest", str(file)).stdout.strip()
    assert len(digest) == 64
    assert run("show", str(file), "--digest", "--reviewed", str(file)).stdout == f"{digest}\n"
    printed = live.run("plan", str(project), "--format", "json").stdout
    (tmp_path / "printed.json").write_text(printed)
    assert run("show", "--digest", str(tmp_path / "printed.json")).stdout.strip() == digest
    shown = run("comment", "--dry-run", "--plan", str(file), given=f"{MARK}\nA plan\n")
    assert shown.stdout == f"{MARK}\nA plan\n\n<sub>Plan {digest}</sub>\n"
    file.write_text(file.read_text().replace("Mia", "Mio"))
    edited = run("show", "--digest", str(file))
    assert (edited.exit_code, "edited or cut short" in edited.stderr) == (3, True)
    file.write_text("[]")
    assert run("show", "--digest", str(file)).exit_code == 3
    assert run("show", "--digest", str(tmp_path / "none.json")).exit_code == 1
    assert run("show", str(file), "--reviewed", str(file)).exit_code == 64


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (403, {}, "403 not today"),
        (404, {}, "docs/commands.md lists what it needs"),
        (302, {"Location": "https://elsewhere.acme.example"}, "redirects are not followed"),
    ],
)
def test_a_comment_that_the_platform_refuses_is_a_warning(
    github: tuple[Host, dict[str, str]], status: int, headers: dict[str, str], words: str
) -> None:
    host, given = github
    host.status, host.headers = status, headers
    result = run("comment", given=f"{MARK}\nA plan", **given)
    assert result.exit_code == 0
    assert "warning: the comment is not written" in result.stderr
    assert words in result.stderr
    assert TOKEN not in result.output
    assert len(host.requests) == 1


def test_without_a_token_nothing_is_sent(github: tuple[Host, dict[str, str]]) -> None:
    host, given = github
    result = run("comment", given=f"{MARK}\nA plan", **{**given, "GITHUB_TOKEN": ""})
    assert (result.exit_code, host.requests) == (0, [])
    assert "set one of PROVISIONER_COMMENT_TOKEN, GITHUB_TOKEN, GH_TOKEN" in result.stderr


def test_a_token_that_may_not_ask_who_it_is_can_be_given_its_author(tmp_path: Path) -> None:
    with platform_host("bitbucket") as (url, host):
        host.extra["/user"] = {}
        given = variables("bitbucket", url, tmp_path)
        result = run("comment", given=f"{MARK}\nA plan", **given)
        assert "name the author in PROVISIONER_COMMENT_AUTHOR" in result.stderr
        assert host.own == []
        for _ in range(2):
            run("comment", given=f"{MARK}\nA plan", PROVISIONER_COMMENT_AUTHOR=ME, **given)
        assert len(host.own) == 1


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"GITHUB_API_URL": "http://git.acme.example"}, 3, "is not an https address"),
        ({"GITHUB_API_URL": "https://me:pw@git.acme.example"}, 3, "[platform-address]"),
        ({"GITHUB_EVENT_PATH": "", "GITHUB_REF": "refs/heads/main"}, 1, "[no-pull-request]"),
        ({"GITHUB_ACTIONS": ""}, 1, "no variables of GitHub"),
        ({"GITHUB_REPOSITORY": ""}, 1, "name no repository"),
    ],
)
def test_what_is_wrong_before_anything_is_sent_is_an_error(
    github: tuple[Host, dict[str, str]], changed: dict[str, str], code: int, words: str
) -> None:
    host, given = github
    result = run("comment", given=f"{MARK}\nA plan", **{**given, **changed})
    assert (result.exit_code, host.requests) == (code, [])
    assert words in result.stderr


def test_options_and_files_that_can_not_work(
    github: tuple[Host, dict[str, str]], tmp_path: Path
) -> None:
    _host, given = github
    (tmp_path / "latin.md").write_bytes(b"\xff")
    for code, *arguments in (
        (64, "comment"),  # no hidden first line
        (64, "comment", "--mark", "a --> b"),
        (64, "comment", "--unplanned", "production", "--mark", "plan"),
        (64, "comment", "--reviewed", "plan.json"),
        (1, "comment", "--file", str(tmp_path / "none.md")),
        (1, "comment", "--file", str(tmp_path / "latin.md")),
        (64, "comment", "--pull-request", "x", "--mark", "plan"),
        (64, "comment", "--pull-request", "0", "--mark", "plan"),
        (64, "show", "--digest", "plan.json", "--format", "json"),
        (64, "show", "--digest", "plan.json", "--summary"),
    ):
        result = run(*map(str, arguments), given="A plan", **given)
        assert result.exit_code == code, arguments
    named = run("comment", "--mark", "plan: eu", "--dry-run", given="A plan\n")
    assert named.stdout == "<!-- provisioner-plan: eu -->\nA plan\n"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ("/acme/helpdesk/pull/3", "/api/v3/repos/acme/helpdesk/issues/3/comments"),
        (
            "/acme/eu/help/-/merge_requests/3",
            "/api/v4/projects/acme%2Feu%2Fhelp/merge_requests/3/notes",
        ),
        ("/acme/helpdesk/pulls/3", "/api/v1/repos/acme/helpdesk/issues/3/comments"),
        (
            "/tfs/acme/help%20desk/_git/r1/pullrequest/3",
            "/tfs/acme/help%20desk/_apis/git/repositories/r1/pullRequests/3/threads",
        ),
    ],
)
def test_jenkins_names_the_pull_request_by_its_address(change: str, path: str) -> None:
    def answer(request: Request) -> Reply:
        if request.path.endswith("graphql"):
            return Reply({"data": {"viewer": {"login": ME}}})
        if request.path.endswith("connectionData"):
            return Reply({"authenticatedUser": {"id": ME}})
        if request.path.endswith("user"):
            return Reply({"id": ME})
        return Reply({"value": []} if request.path.endswith("threads") else [])

    with scripted(answer) as (url, requests):
        given = {"JENKINS_URL": "https://ci.acme.example", "CHANGE_URL": url + change}
        token = {"CHANGE_ID": "3", "PROVISIONER_COMMENT_TOKEN": TOKEN}
        result = run("comment", given=f"{MARK}\nA plan", **given, **token)
        assert result.exit_code == 0, result.output
        assert [(one.method, one.path) for one in requests][-1] == ("POST", path)


def test_a_busy_platform_is_asked_again_and_a_comment_written_once() -> None:
    """After a 500 the comment may be there, so it is not written a second time."""
    replies = iter([Reply(status=429, headers={"Retry-After": "1"}), Reply(status=502), Reply([])])
    waits: list[float] = []
    with scripted(lambda _: next(replies)) as (url, requests):
        pacer = Pacer(0, sleep=waits.append)
        with PlatformApi(url, TOKEN, {"Authorization": TOKEN}, pacer) as api:
            assert api.call("GET", "/comments").content == []
            assert len(waits) == 2
            replies = iter([Reply(status=503)])
            with pytest.raises(Exception, match="503"):
                api.call("POST", "/comments", {"body": "x"})
    assert [one.method for one in requests] == ["GET", "GET", "GET", "POST"]


def test_a_long_comment_is_cut_between_lines_and_counts_them(tmp_path: Path) -> None:
    rows = "".join(f"- row {number}\n" for number in range(9_000))
    text = f"Head\n<details><summary>Rows</summary>\n\n{rows}\n</details>\n"
    with platform_host("bitbucket") as (url, host):
        run("comment", given=f"{MARK}\n{text}", **variables("bitbucket", url, tmp_path))
        [written] = host.own
        assert len(written.encode()) <= 32_000
        assert "**Rows**" in written
        assert "<" not in written
        assert written.endswith(" more lines are in the whole report.\n")
    shown = cut(text, 1_000)
    assert len(shown.encode()) <= 1_000
    assert shown.count("- row") + int(shown.split()[-8]) == text.count("\n") - 3
    assert "</details>" in shown
    assert cut("```\n" + "x\n" * 900 + "```\n", 500).count("```") == 2
    assert cut(text, 1_000_000) == text


def test_a_comment_on_a_later_page_is_found(github: tuple[Host, dict[str, str]]) -> None:
    host, given = github
    host.comments |= dict.fromkeys(range(2, 250), (OTHER, "Hm"))
    for text in ("A plan", "Another plan"):
        run("comment", given=f"{MARK}\n{text}", **given)
    assert host.own == [f"{MARK}\nAnother plan"]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("content", [None, {}, [{}], [1], {"value": [{}], "values": [{}]}, "x"])
def test_an_odd_answer_is_a_warning(platform: str, content: object, tmp_path: Path) -> None:
    """Whatever a platform sends: at most a comment is written, and there is no traceback."""
    with scripted(lambda _: Reply(content)) as (url, _):
        author = {"PROVISIONER_COMMENT_AUTHOR": ME}
        given = variables(platform, url, tmp_path) | author
        result = run("comment", given=f"{MARK}\nA plan", **given)
    assert result.exit_code == 0, result.output
    assert "[internal]" not in result.stderr


def test_a_token_that_is_no_text_is_not_sent(github: tuple[Host, dict[str, str]]) -> None:
    host, given = github
    result = run("comment", given=f"{MARK}\nA plan", **{**given, "GITHUB_TOKEN": "a\nb: c"})
    assert (result.exit_code, host.requests) == (0, [])
    assert "the token is no plain text" in result.stderr
    assert run("comment", given=f"{MARK}\nA plan", **{**given, "GITHUB_TOKEN": f"{TOKEN}\n"}).stdout


DIGEST = "ab" * 32


def test_allowances_count_from_people_who_may_write_and_for_one_plan(
    github: tuple[Host, dict[str, str]], live: Account, tmp_path: Path
) -> None:
    host, given = github
    file = tmp_path / "plan.json"
    project = write_project(tmp_path / "p", team="departments: [{name: Support}]")
    live.run("plan", str(project), "--out", str(file))
    digest = run("show", "--digest", str(file)).stdout.strip()
    at, later = "2026-11-26T10:00:00Z", "2026-11-26T11:00:00Z"

    def row(login: str, text: str, updated: str = at, kind: str = "User") -> dict[str, object]:
        user = {"login": login, "type": kind}
        return {"id": 1, "body": text, "user": user, "created_at": at, "updated_at": updated}

    root = "/repos/acme/helpdesk"
    host.extra[f"{root}/pulls/3"] = {"user": {"login": "ann"}}
    for login, permission in (
        ("boss", "admin"),
        ("lea", "write"),
        ("eve", "read"),
        ("ann", "write"),
    ):
        host.extra[f"{root}/collaborators/{login}/permission"] = {"permission": permission}
    allow = "/provisioner allow"
    for rows, words in (
        ([row("boss", f"{allow} deletes=6 updates=9 {digest}\r\n")], "deletes=6 updates=9\n"),
        (
            [row("lea", f"{allow} deletes=6 {digest}"), row("boss", f"{allow} deletes=7 {digest}")],
            "deletes=7\n",
        ),
        ([row("eve", f"{allow} deletes=6 {digest}")], ""),
        ([row("ann", f"{allow} deletes=6 {digest}")], ""),  # the author
        ([row("boss", f"{allow} deletes=6 {DIGEST}")], ""),  # another plan
        ([row("boss", f"{allow} deletes=6 {digest}", updated=later)], ""),  # edited
        ([row("boss", f"{allow} deletes=6 {digest}", kind="Bot")], ""),
        ([row("boss", f"{allow} deletes=6;true {digest}")], ""),
        ([row("boss", f"> {allow} deletes=6 {digest}")], ""),
    ):
        host.extra[f"{root}/issues/3/comments"] = rows
        result = run("allowances", str(file), **given)
        assert (result.exit_code, result.stdout) == (0, words), rows
    host.status = 500
    assert run("allowances", str(file), **{**given, "GITHUB_TOKEN": ""}).exit_code == 1
    with platform_host("gitlab") as (url, _):
        assert run("allowances", str(file), **variables("gitlab", url, tmp_path)).exit_code == 64
