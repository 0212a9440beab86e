"""The commit of a project's files, and the addresses of its lines."""

from pathlib import Path

import pytest

from provisioner.git.head_revision import revision_of
from provisioner.planning.plans.revision import UNKNOWN
from tests.repository import Repository

GIVEN = "0123456789abcdef0123456789abcdef01234567"
TEAM = "departments:\n  - name: A\n"


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    made = Repository.new(tmp_path / "clone")
    made.commit("Begin", "team", team=TEAM)
    return made


class TestCommit:
    def test_git_knows_the_commit_and_its_day(self, clone: Repository) -> None:
        revision = revision_of(clone.folder / "team", {})
        assert (revision.commit, revision.day) == (clone.git("rev-parse", "HEAD"), "2024-01-02")
        assert not revision.changed

    def test_changed_files_count_and_reports_beside_them_do_not(self, clone: Repository) -> None:
        (clone.folder / "team" / "report.html").touch()
        assert not revision_of(clone.folder / "team", {}).changed
        (clone.folder / "team" / "new.yaml").touch()
        assert revision_of(clone.folder / "team", {}).changed

    @pytest.mark.parametrize("variable", ["GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION"])
    def test_a_pipeline_knows_it_where_git_does_not(self, variable: str, tmp_path: Path) -> None:
        variables = {variable: GIVEN, "CI_COMMIT_TIMESTAMP": "2026-03-02T23:59:59+01:00"}
        revision = revision_of(tmp_path, variables)
        assert (revision.commit, revision.day) == (GIVEN, "2026-03-02")
        assert revision_of(tmp_path, {variable: "--help"}) == UNKNOWN

    def test_both_are_kept_where_they_differ(self, clone: Repository) -> None:
        head = clone.git("rev-parse", "HEAD")
        revision = revision_of(clone.folder, {"GITHUB_SHA": GIVEN})
        assert (revision.commit, revision.pipeline) == (head, GIVEN)
        assert not revision_of(clone.folder, {"GITHUB_SHA": head}).pipeline

    def test_no_commit_is_no_revision(self, tmp_path: Path) -> None:
        empty = Repository.new(tmp_path / "empty")
        assert revision_of(empty.folder, {}) == UNKNOWN


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/acme/team.git", "https://github.com/acme/team/blob/{}"),
        ("https://me:secret@github.com/acme/team", "https://github.com/acme/team/blob/{}"),
        ("git@github.com:acme/team.git", "https://github.com/acme/team/blob/{}"),
        ("ssh://git@github.com:22/acme/team", "https://github.com/acme/team/blob/{}"),
        ("git@gitlab.acme.example:it/team.git", "https://gitlab.acme.example/it/team/-/blob/{}"),
        ("https://gitlab.acme.example:8443/t", "https://gitlab.acme.example:8443/t/-/blob/{}"),
        ("https://github.com/a{file}/b)c", "https://github.com/a%7Bfile%7D/b%29c/blob/{}"),
        ("https://git.acme.example/acme/team", ""),
        ("http://github.com/acme/team", ""),
        ("https://github.com:port/acme", ""),
        ("/srv/github/team.git", ""),
        ("", ""),
    ],
)
def test_address_of_a_line(clone: Repository, remote: str, expected: str) -> None:
    if remote:
        clone.git("remote", "add", "origin", remote)
    revision = revision_of(clone.folder / "team", {})
    url = expected and f"{expected.format(revision.commit)}/team/a%20b.yaml#L12"
    assert revision.line_url("a b.yaml", 12) == url
    assert revision.web == (url and url.replace("/blob/", "/commit/").partition("/team/a%20b")[0])


def test_the_pipeline_knows_its_kind_of_server(clone: Repository) -> None:
    clone.git("remote", "add", "origin", "https://code.acme.example/it/team.git")
    server = {"CI_SERVER_URL": "https://code.acme.example"}
    assert "/it/team/-/blob/" in revision_of(clone.folder, server).line_url("a.yaml", 1)
    server = {"GITHUB_SERVER_URL": "https://code.acme.example"}
    assert "/it/team/blob/" in revision_of(clone.folder, server).line_url("a.yaml", 1)


def test_changed_files_have_no_addresses_of_lines(clone: Repository) -> None:
    clone.git("remote", "add", "origin", "git@github.com:acme/team.git")
    (clone.folder / "team" / "team.yaml").write_text(f"# A line more\n{TEAM}")
    revision = revision_of(clone.folder / "team", {})
    assert revision.web
    assert not revision.line_url("team.yaml", 1)
