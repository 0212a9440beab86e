"""`provisioner issue`: one issue, or the one pull request of a branch, on stand-ins."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.platform_host import ME, OTHER, TOKEN, Host, platform_host, variables
from tests.platform_issues import KeptIssues
from tests.unit.liveagent.scripted import Reply, scripted

MARK = "<!-- provisioner-manual: production -->"
LIST = f"""{MARK}
## Manual steps of production

### Configuration > Agents > Bob
- [ ] **1** add Bob, *ticks itself off*
- [ ] **2** Alias: Bobby
  ```
  Bobby
  ```
### Configuration > Agents > Mia
- [ ] **3** Alias: Bobby
"""


def run(given: dict[str, str], *arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, ("issue", *arguments), input=text, env=given)


@pytest.fixture(autouse=True)
def _no_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of these tests may be a job of a platform itself."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "TF_BUILD", "CHANGE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["github", "gitlab"])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Host, KeptIssues, dict[str, str]]]:
    with platform_host(request.param) as (url, host):
        # Anybody can write the mark.
        host.issues.issues[1] = {"state": "open", "author": OTHER, "body": LIST}
        given = variables(request.param, url, tmp_path)
        # A scheduled run belongs to no pull request.
        none = {"GITHUB_EVENT_PATH": "", "CI_MERGE_REQUEST_IID": ""}
        yield host, host.issues, given | none


def test_one_issue_keeps_the_ticks_of_what_is_the_same(
    kept: tuple[Host, KeptIssues, dict[str, str]],
) -> None:
    _host, issues, given = kept
    title = ("--title", "Manual steps of production")

    def keep(text: str, done: str) -> str:
        result = run(given, *title, text=text)
        assert result.exit_code == 0, result.output
        assert result.stdout == f"Issue of provisioner-manual: production: {done}.\n"
        assert issues.issues[1]["body"] == LIST
        return str(issues.issues[41]["body"])

    assert keep(LIST, "opened") == LIST
    assert issues.issues[41]["title"] == title[1]
    # What ticks itself off is still to do if it is in the list.
    issues.issues[41]["body"] = LIST.replace("[ ]", "[x]").replace("\n", "\r\n")
    newer = LIST.replace("**2** Alias", "**7** Alias").replace("Mia", "Ann")
    ticked = newer.replace("[ ] **7**", "[x] **7**")
    assert keep(newer, "updated") == ticked
    assert keep(newer, "unchanged") == ticked
    assert keep(f"{MARK}\n## ✅ Nothing\n", "closed") == ticked
    assert issues.issues[41]["state"] == "closed"
    assert issues.comments == [(41, "Nothing is left to do by hand.")]
    keep(f"{MARK}\n## ✅ Nothing\n", "there is none to close")


def test_one_pull_request_of_a_branch(kept: tuple[Host, KeptIssues, dict[str, str]]) -> None:
    _host, issues, given = kept
    mark = ("--mark", "drift: production")
    branch = ("--branch", "provisioner/drift-production")
    for text in ("Bobby", "Robby"):
        result = run(given, *mark, *branch, "--title", "Drift", "--base", "live", text=text)
        assert result.exit_code == 0, result.output
        assert issues.pulls == {
            41: {
                "state": "open",
                "author": ME,
                "title": "Drift",
                "head": branch[1],
                "base": "live",
                "body": f"<!-- provisioner-drift: production -->\n{text}",
            }
        }
    assert "none to close" in run(given, *mark, "--close", "It is gone").stdout
    assert "closed" in run(given, *mark, *branch, "--close", "It is gone").stdout
    assert issues.pulls[41]["state"] == "closed"
    assert issues.comments == [(41, "It is gone")]


def test_what_the_platform_refuses_is_an_error(
    kept: tuple[Host, KeptIssues, dict[str, str]],
) -> None:
    host, issues, given = kept
    without = dict.fromkeys(("GITHUB_TOKEN", "PROVISIONER_NOTE_TOKEN"), "")
    result = run(given | without, "--title", "T", text=LIST)
    assert (result.exit_code, host.requests) == (1, [])
    assert "there is no token to keep an issue with" in result.stderr
    host.status, host.headers = 302, {"Location": "https://elsewhere.acme.example"}
    result = run(given, "--title", "T", text=LIST)
    assert (result.exit_code, TOKEN in result.output) == (1, False)
    assert "redirects are not followed" in result.stderr
    assert [*issues.issues] == [1]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--title", "T"),  # no hidden first line
        ("--close", "It is gone"),
        ("--close", "", "--mark", "m"),
        ("--close", "It is gone", "--mark", "a --> b"),
        ("--close", "It is gone", "--mark", "m", "--title", "T"),
        ("--title", "T", "--mark", "m", "--branch", ""),
    ],
)
def test_options_that_can_not_work(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with platform_host("github") as (url, host):
        result = run(variables("github", url, tmp_path), *arguments, text="A list")
        assert (result.exit_code, host.requests) == (64, [])
    with platform_host("azure") as (url, host):
        result = run(variables("azure", url, tmp_path), "--title", "T", text=LIST)
        assert (result.exit_code, host.requests) == (64, [])


@pytest.mark.parametrize("content", [None, {}, [{}], [1], [{"number": "x", "iid": None}], "x"])
def test_an_odd_answer_is_no_fault(content: object, tmp_path: Path) -> None:
    for platform in ("github", "gitlab"):
        with scripted(lambda _: Reply(content)) as (url, _):
            given = variables(platform, url, tmp_path) | {"PROVISIONER_COMMENT_AUTHOR": ME}
            result = run(given, "--title", "T", text=LIST)
        assert result.exit_code in {0, 1}
        assert "[internal]" not in result.stderr
