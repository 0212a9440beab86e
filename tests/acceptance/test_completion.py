"""Completion in real shells, and its answers for all kinds of lines and projects."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from provisioner.documents import load_project
from provisioner.documents.declared_names import declared_names
from tests.shells import INSTALLED, shell
from tests.support import write_project

PROGRAMS = Path(sys.executable).parent

PROJECT = {
    "provisioner": """
        targets:
          production: {url: "https://acme.ladesk.com", api_key: {env: SECRET}}
          staging: {url: "https://staging.ladesk.com", api_key: {command: touch ran}}
    """,
    "team": """
        departments:
          - name: Support
          - name: Großkunden & Co
          - {name: "$(touch ran)"}
        roles: [{name: Team lead}, {name: 'It''s "special"'}]
        agents:
          - email: mia.chen@acme.example
            name: Mia
          - {name: Bob, email: bob@acme.example}
    """,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", **PROJECT)
    (folder / "saved.plan").write_text("")
    (folder / "accounts").mkdir()
    return folder


def answer(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the words for a line of zsh, which needs no quotes."""
    monkeypatch.chdir(folder)
    words = line.split(" ")[1:]
    result = CliRunner().invoke(main, ["completion", "zsh", "--candidates", "--", *words])
    assert (result.exit_code, result.stderr) == (0, "")
    fields = [row.split("\t") for row in result.stdout.splitlines()]
    return [value if kind in {"word", "part"} else kind for kind, value, _ in fields]


LINES = [
    ("provisioner val", ["validate"]),
    ("provisioner plan -t prod", ["-t", "production"]),
    ("provisioner plan --target=stag", ["--target=staging"]),
    ("provisioner agent suspend mia.chen@ac", ["suspend", "mia.chen@acme.example"]),
    ("provisioner plan --only agent/b", ["--only", "agent/bob@acme.example"]),
    ("provisioner plan --only member-of/Gro", ["member-of/Großkunden & Co"]),
    ("provisioner explain role/Te", ["role/Team lead"]),
    (r"provisioner explain role/Team\ le", ["role/Team lead"]),
    ('provisioner explain "role/Te', ["role/Team lead"]),
    ("provisioner explain 'role/Te", ["role/Team lead"]),
    ("provisioner explain role/It", ['role/It\'s "special"']),
    (r"provisioner plan --only department/\$", ["department/$(touch ran)"]),
    ("provisioner plan --only 'department/$", ["department/$(touch ran)"]),
    ("provisioner apply sav", ["apply", "saved.plan"]),
    ("provisioner validate acc", ["validate", "accounts"]),
    ("provisioner plan -v --form", ["-v", "--format"]),
]


@pytest.mark.parametrize("name", INSTALLED)
def test_a_shell_completes_words_and_reads_them_back_as_they_are(project: Path, name: str) -> None:
    with shell(name, project, PROGRAMS, LIVEAGENT_BASE_URL="http://127.0.0.1:9") as running:
        for line, ending in LINES:
            words = [word.removesuffix("/") for word in running.complete(line)]
            assert words[-len(ending) :] == ending, (line, running.shown)
    assert not (project / "ran").exists()


@pytest.mark.parametrize("name", INSTALLED)
def test_an_invalid_project_does_not_disturb_a_shell(tmp_path: Path, name: str) -> None:
    folder = write_project(
        tmp_path / "p",
        provisioner="targets: {production: {url: 'https://acme.ladesk.com'",
        team='agents: [{email: "mia@acme.example}',
        more="agents:\n  - email: bob@acme.example\n     name: Bob",
    )
    (folder / "more.yml").symlink_to("nowhere")
    with shell(name, folder, PROGRAMS) as running:
        for line, last in (
            ("provisioner agent remove bo", "bob@acme.example"),
            ("provisioner plan -t pro", "pro"),
            ("provisioner undo ", "undo"),
            ("provisioner nonsense --x", "--x"),
        ):
            assert running.complete(line)[-1] == last
            assert "rror" not in running.shown


class TestAnswers:
    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("provisioner ag", ["agent"]),
            ("provisioner zz", []),
            ("provisioner agent ", ["add", "move", "remove", "rename", "suspend"]),
            ("provisioner help agent re", ["remove", "rename"]),
            ("provisioner help plan ", []),
            ("provisioner completion ", ["bash", "zsh", "fish"]),
            ("provisioner -q plan -t pro", ["production"]),
            ("provisioner plan -t ", ["production", "staging", "sandbox"]),
            ("provisioner plan --format=m", ["--format=markdown"]),
            ("provisioner plan --color ", ["auto", "always", "never"]),
            ("provisioner plan --allow ", None),
            ("provisioner init --from st", ["staging"]),
            ("provisioner agent move mia.chen@acme.example --from Su", ["Support"]),
            ("provisioner agent move mia.chen@acme.example --to su", ["Support"]),
            ("provisioner agent add new@acme.example --like ", None),
            ("provisioner agent add ", []),
            ("provisioner show agent b", ["bob@acme.example"]),
            ("provisioner show ag", ["agent", "file"]),
            ("provisioner show ", ["agent", "file"]),
            ("provisioner apps disconnect B", ["bob@acme.example"]),
            ("provisioner explain ", ["agent/", "role/", "department/"]),
            ("provisioner plan --only me", ["member-of/"]),
            ("provisioner plan --exclude a", ["agent/", "agents"]),
            ("provisioner set profile", ["profile/"]),
            ("provisioner drift --accept agent/B", ["agent/bob@acme.example"]),
            ("provisioner export --only role/T", ["role/Team"]),
            ("provisioner schema ag", ["agent"]),
            ("provisioner plan ", ["dir"]),
            ("provisioner apply ", ["file"]),
            ("provisioner plan --out ", ["file"]),
            ("provisioner runs v", ["verify", "dir"]),
            ("provisioner runs --format ", ["text", "json"]),
        ],
    )
    def test_a_line_goes_on(
        self, project: Path, line: str, words: list[str] | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = answer(line, project, monkeypatch)
        if words is None:
            assert found
        else:
            assert [word.partition(" ")[0] for word in found] == words

    def test_runs_are_completed_with_the_latest_first(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs = project / ".provisioner/runs"
        runs.mkdir(parents=True)
        for number in (1, 2, 10):
            (runs / f"{number:06}.jsonl").write_text("")
        assert answer("provisioner undo ", project, monkeypatch) == ["10", "2", "1"]
        assert answer("provisioner runs show 1", project, monkeypatch) == ["10", "1"]

    def test_names_are_those_of_the_project_that_is_typed_or_above(
        self, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mia = ["mia.chen@acme.example"]
        assert answer("provisioner agent suspend mia", project / "accounts", monkeypatch) == mia
        assert answer("provisioner plan p --only agent/mia", tmp_path, monkeypatch) == [
            "agent/mia.chen@acme.example"
        ]
        assert answer("provisioner agent suspend mia", tmp_path, monkeypatch) == mia
        line = "provisioner explain agent/bob@acme.example p -t st"
        assert answer(line, tmp_path, monkeypatch) == ["staging"]

    @pytest.mark.parametrize("arguments", [[], ["one"], ["provisioner \x00", "x", "y"]])
    @pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
    def test_whatever_a_shell_asks_is_answered(self, name: str, arguments: list[str]) -> None:
        asked = ["completion", name, "--candidates", "--", *arguments]
        result = CliRunner().invoke(main, asked)
        assert (result.exit_code, result.stderr) == (0, "")


def test_the_names_of_the_example_are_complete() -> None:
    root = Path(__file__).parents[2] / "examples/acme"
    names = declared_names(root).objects
    for document in load_project(root).documents:
        for kind, key in (("agents", "email"), ("roles", "name"), ("departments", "name")):
            declared = {item[key] for item in document.data.get(kind, ())}
            assert declared <= {*names[kind]}


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_scripts_are_printed(name: str) -> None:
    result = CliRunner().invoke(main, ["completion", name])
    assert result.exit_code == 0
    assert f"completion {name} --candidates" in result.stdout


@pytest.mark.parametrize("words", [["bash", "more"], ["tcsh"], []])
def test_other_words_are_wrong_usage(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["completion", *words]).exit_code == 64
