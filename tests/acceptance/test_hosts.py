"""Who gets the API key: pinned hosts, encryption, and redirects."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import KEY, Account, write_project
from tests.unit.liveagent.scripted import Reply, scripted

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"
TARGET = "targets: {production: {url: '%s', api_key: {%s}%s}}"

COMMANDS = (
    ("plan", "PATH"),
    ("apply", "PATH", "--yes"),
    ("drift", "PATH"),
    ("snapshot", "PATH", "--out", "OUT"),
    ("export", "OUT"),
    ("show", "agent", "mia@acme.example", "PATH"),
    ("apps", "disconnect", "mia@acme.example", "PATH", "--yes"),
)


def run(*arguments: str, **environment: str | None) -> Result:
    nothing = {"LIVEAGENT_BASE_URL": None, "LIVEAGENT_V3_API_KEY": None, "PROVISIONER_HOSTS": None}
    return CliRunner().invoke(main, [*arguments], env={**nothing, **environment})


def flat(result: Result) -> str:
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_host_that_is_not_pinned_gets_no_request_and_no_key_is_looked_for(
    live: Account, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    target = TARGET % (live.server.url, f"command: touch {mark}", "")
    project = write_project(tmp_path / "p", team=TEAM, provisioner=target)
    words = {"PATH": str(project), "OUT": str(tmp_path / "out")}
    monkeypatch.chdir(project)
    result = run(*(words.get(word, word) for word in command), PROVISIONER_HOSTS="acme.example")
    assert result.exit_code == 3, result.output
    assert "[host-not-pinned]" in result.stderr
    assert "acme.example" in flat(result)
    assert live.server.requests.entries() == []
    assert not mark.exists()


@pytest.mark.parametrize("pins", ["127.0.0.1", "acme.example, 127.0.*", "", "  "])
def test_a_pinned_host_is_used(live: Account, tmp_path: Path, pins: str) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    address = {"LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": KEY}
    assert run("plan", str(project), PROVISIONER_HOSTS=pins, **address).exit_code == 0


def test_the_embedded_sandbox_needs_no_pin(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    result = run("plan", str(project), "-t", "sandbox", PROVISIONER_HOSTS="acme.example")
    assert result.exit_code == 0, result.output


def test_an_address_without_encryption_is_an_error_at_its_place(tmp_path: Path) -> None:
    target = "targets:\n  production:\n    url: http://acme.example\n    api_key: {env: X}\n"
    project = write_project(tmp_path, team=TEAM, provisioner=target)
    for command in ("validate", "plan"):
        result = run(command, str(project), X=KEY)
        assert result.exit_code == 1
        assert "provisioner.yaml:3:10: error" in result.output
        assert "[insecure-url]" in result.output


def test_the_environment_s_target_is_encrypted(tmp_path: Path) -> None:
    project = write_project(tmp_path, team=TEAM)
    address = {"LIVEAGENT_BASE_URL": "http://acme.example", "LIVEAGENT_V3_API_KEY": KEY}
    result = run("plan", str(project), **address)
    assert result.exit_code == 1
    assert "[insecure-url]" in result.stderr
    assert "declare the target in provisioner.yaml with insecure: true" in flat(result)


def test_a_target_can_accept_an_address_without_encryption(tmp_path: Path) -> None:
    """The host does not exist: what is tested is that it is tried, with a warning."""
    target = TARGET % ("http://acme.invalid", "env: X", ", insecure: true")
    project = write_project(tmp_path, team=TEAM, provisioner=target)
    assert run("validate", str(project)).exit_code == 0
    result = run("plan", str(project), "-t", "production")  # no key: it ends before the network
    assert "warning: target" in flat(result)
    assert "[api-key-missing]" in result.stderr


def test_a_redirect_takes_the_key_nowhere(tmp_path: Path) -> None:
    with scripted(lambda _: Reply([])) as (thief, stolen):
        away = Reply(status=307, headers={"Location": f"{thief}/api/v3/agents"})
        with scripted(lambda _: away) as (url, _):
            address = {"LIVEAGENT_BASE_URL": url, "LIVEAGENT_V3_API_KEY": KEY}
            project = write_project(tmp_path, team=TEAM)
            result = run("plan", str(project), PROVISIONER_HOSTS="127.0.0.1", **address)
    assert result.exit_code == 1
    assert "redirected to" in flat(result)
    assert stolen == []
