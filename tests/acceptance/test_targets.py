"""Targets: the account, its key, and the errors of an account that does not answer."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.sandbox.switches import Switches
from tests.effort import LONGEST_SECONDS
from tests.support import KEY, Account, account, write_project
from tests.unit.liveagent.scripted import Reply, Request, scripted

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"


def run(*arguments: str, **environment: str) -> Result:
    nothing: dict[str, str | None] = {"LIVEAGENT_BASE_URL": None, "LIVEAGENT_V3_API_KEY": None}
    return CliRunner().invoke(main, [*arguments], env={**nothing, **environment})


class TestChoice:
    def test_a_run_without_any_target_says_how_to_name_one(self, tmp_path: Path) -> None:
        result = run("plan", str(write_project(tmp_path, a=TEAM)))
        assert result.exit_code == 1
        assert "[no-target]" in result.stderr
        assert "LIVEAGENT_BASE_URL" in result.stderr

    @pytest.mark.parametrize("name", ["sandbx", "environment"])
    def test_an_unknown_target_is_refused(self, tmp_path: Path, name: str) -> None:
        result = run("plan", str(write_project(tmp_path, a=TEAM)), "-t", name)
        assert result.exit_code == 1
        assert "[unknown-target]" in result.stderr

    @pytest.mark.parametrize("source", ["env: SECRET", "file: key.txt", "command: cat key.txt"])
    def test_the_key_comes_from_where_the_project_says(
        self, live: Account, tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = f"{{url: '{live.server.url}', api_key: {{{source}}}}}"
        project = write_project(
            tmp_path / "p", a=TEAM, provisioner=f"targets: {{production: {target}}}"
        )
        (project / "key.txt").write_text(f"{KEY}\n")
        monkeypatch.chdir(project)
        result = run("plan", ".", SECRET=KEY, LIVEAGENT_BASE_URL="http://127.0.0.1:9")
        assert result.exit_code == 0, result.output
        assert "Plan for production" in result.stdout
        assert KEY not in result.output

    @pytest.mark.parametrize(
        ("source", "why"),
        [
            ("env: NOWHERE", "the environment variable NOWHERE is not set"),
            ("file: nowhere.txt", "nowhere.txt: No such file or directory"),
            ("file: empty.txt", "the file empty.txt is empty"),
            ("file: odd.txt", "the key holds characters that no key has"),
            ("command: 'false'", "the command 'false' failed with exit code 1"),
            ("command: 'true'", "the command 'true' printed nothing"),
            ("command: nowhere-to-be-found", "No such file or directory"),
            ('command: "open quote \'"', "can't be understood"),
        ],
    )
    def test_a_missing_key_is_explained(self, tmp_path: Path, source: str, why: str) -> None:
        target = f"targets: {{production: {{url: 'http://127.0.0.1:9', api_key: {{{source}}}}}}}"
        project = write_project(tmp_path, a=TEAM, provisioner=target)
        (project / "empty.txt").write_text("\n")
        (project / "odd.txt").write_text("a\x00b")
        result = run("plan", str(project))
        assert result.exit_code == 1
        assert "[api-key-missing]" in result.stderr
        assert why in " ".join(result.stderr.split())

    def test_several_targets_without_a_default_are_not_guessed_among(self, tmp_path: Path) -> None:
        one = "{url: 'http://127.0.0.1:9', api_key: {env: X}}"
        project = write_project(tmp_path, a=TEAM, provisioner=f"targets: {{a: {one}, b: {one}}}")
        assert "[no-target]" in run("plan", str(project)).stderr
        write_project(project, provisioner=f"targets: {{a: {one}, b: {one}}}\ndefault_target: b")
        assert 'target "b" has no API key' in run("plan", str(project)).stderr

    def test_the_environment_names_the_target_unless_the_option_does(self, tmp_path: Path) -> None:
        one = "{url: 'http://127.0.0.1:9', api_key: {env: X}}"
        project = write_project(
            tmp_path, a=TEAM, provisioner=f"targets: {{a: {one}, b: {one}}}\ndefault_target: b"
        )
        for target, words, chosen in (("a", [], "a"), ("a", ["-t", "b"], "b"), ("", [], "b")):
            result = run("plan", str(project), *words, PROVISIONER_TARGET=target)
            assert f'target "{chosen}" has no API key' in result.stderr
        result = run("plan", str(project), PROVISIONER_TARGET="prod")
        assert result.exit_code == 1
        assert 'there is no target "prod" (PROVISIONER_TARGET) [unknown-target]' in result.stderr

    def test_a_saved_plan_is_not_applied_to_the_target_of_the_environment(
        self, live: Account, tmp_path: Path
    ) -> None:
        targets = f"targets: {{a: {{url: '{live.server.url}', api_key: {{env: SECRET}}}}}}"
        project = write_project(tmp_path / "p", a=TEAM, provisioner=targets)
        saved = str(tmp_path / "saved.plan")
        assert run("plan", str(project), "--out", saved, SECRET=KEY).exit_code == 0
        result = run("apply", saved, "--yes", SECRET=KEY, PROVISIONER_TARGET="sandbox")
        assert result.exit_code == 3
        assert 'the plan was made for the target "a"' in result.stderr
        assert live.writes() == []

    @pytest.mark.parametrize("url", ["acme.ladesk.com", "http://user:pw@127.0.0.1:9"])
    def test_the_environments_address_is_checked(self, tmp_path: Path, url: str) -> None:
        project = write_project(tmp_path, a=TEAM)
        result = run("plan", str(project), LIVEAGENT_BASE_URL=url, LIVEAGENT_V3_API_KEY="x")
        assert "[target-url]" in result.stderr
        assert "user:pw" not in result.stderr

    def test_the_environments_limit_is_checked(self, tmp_path: Path) -> None:
        environment = {
            "LIVEAGENT_BASE_URL": "http://127.0.0.1:9",
            "LIVEAGENT_V3_API_KEY": "x",
            "PROVISIONER_REQUESTS_PER_MINUTE": "-1",
        }
        result = run("plan", str(write_project(tmp_path, a=TEAM)), **environment)
        assert result.exit_code == 64


class TestTrouble:
    def test_a_closed_port(self, tmp_path: Path) -> None:
        project = write_project(tmp_path, a=TEAM)
        with scripted(lambda _request: Reply([])) as (url, _):
            pass
        result = run("plan", str(project), LIVEAGENT_BASE_URL=url, LIVEAGENT_V3_API_KEY="x")
        assert result.exit_code == 1
        assert "[target-unreachable]" in result.stderr
        assert result.stdout == ""

    def test_a_wrong_key(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", a=TEAM)
        environment = {"LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": "wrong"}
        result = run("apply", str(project), "--yes", **environment)
        assert result.exit_code == 1
        assert "[target-refused]" in result.stderr

    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            (Reply(raw=b"<html>Welcome</html>"), "target-not-liveagent"),
            (Reply(raw=b"<html>Slim Application Error</html>", status=500), "target-error"),
            (Reply({}), "target-not-liveagent"),
            (
                Reply(
                    [
                        {"id": "a", "agentid": "a", "name": "A"}
                        | {"email": "a@x", "role": "agent"}
                        | {"type": "W", "service_type": "T"}
                    ]
                ),
                "short-read",
            ),
        ],
    )
    def test_something_else_than_liveagent(self, tmp_path: Path, reply: Reply, code: str) -> None:
        project = write_project(tmp_path, a=TEAM)
        with scripted(lambda _request: reply) as (url, _):
            result = run("plan", str(project), LIVEAGENT_BASE_URL=url, LIVEAGENT_V3_API_KEY="x")
        assert result.exit_code == 1
        assert f"[{code}]" in result.stderr

    @pytest.mark.parametrize(
        ("rows", "code"), [([], "empty-account"), ([{"id": "a"}], "unexpected-answer")]
    )
    def test_lists_that_make_no_sense(
        self, tmp_path: Path, rows: list[dict[str, str]], code: str
    ) -> None:
        """An account without agents can't exist, and rows without fields are no agents."""
        project = write_project(tmp_path, a=TEAM)
        lists: dict[str, list[dict[str, object]]] = {
            "/api/v3/agents": [{**row} for row in rows],
            "/api/v3/grid/agents": [
                {"agentid": row["id"], "departments_statuses": []} for row in rows
            ],
            "/api/v3/devices": [],
            "/api/v3/grid/departments": [],
        }

        def answer(request: Request) -> Reply:
            if request.path not in lists:
                return Reply({"message": "Not found"}, 404)
            return Reply(lists[request.path] if request.query.get("_page", "1") == "1" else [])

        with scripted(answer) as (url, _):
            result = run("plan", str(project), LIVEAGENT_BASE_URL=url, LIVEAGENT_V3_API_KEY="x")
        assert result.exit_code == 1
        assert f"[{code}]" in result.stderr

    def test_a_project_that_can_not_be_written_to(self, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", a=TEAM)
        (project / ".provisioner").write_text("a file in the way")
        result = run("plan", str(project), "-t", "sandbox")
        assert result.exit_code == 1
        assert "[file-unwritable]" in result.stderr

    def test_a_sandbox_file_that_is_something_else(self, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", a=TEAM)
        (project / ".provisioner").mkdir()
        (project / ".provisioner/sandbox.db").write_text("certainly no database" * 100)
        result = run("plan", str(project), "-t", "sandbox")
        assert result.exit_code == 1
        assert "[sandbox-failed]" in result.stderr

    def test_a_target_that_takes_a_write_and_forgets_it(
        self, live: Account, tmp_path: Path
    ) -> None:
        """The account accepts a write, and reading back shows that nothing has changed."""
        project = write_project(tmp_path / "p", a=TEAM)
        live.apply(project)
        agents = live.everything("/agents")
        mia = next(row for row in agents if row["email"] == "mia@acme.example")
        statuses = live.call("GET", "/grid/agents?_perPage=100")
        devices = live.everything("/devices")
        departments = live.call("GET", "/grid/departments?_perPage=100")
        lists = {
            "agents": agents,
            "grid/agents": statuses,
            "grid/departments": departments,
            "devices": devices,
        }

        def forgetful(request: Request) -> Reply:
            path = request.path.removeprefix("/api/v3/")
            if path == f"agents/{mia['id']}":
                return Reply(mia)
            if path in lists:
                return Reply(lists[path] if request.query.get("_page", "1") == "1" else [])
            return Reply({"message": "Not found"}, 404)

        write_project(project, a=TEAM.replace("name: Mia", "name: Mia Chen"))
        with scripted(forgetful) as (url, _):
            result = run(
                "apply", str(project), "--yes", LIVEAGENT_BASE_URL=url, LIVEAGENT_V3_API_KEY="x"
            )
        assert result.exit_code == 4
        assert 'name was set to "Mia Chen" and is "Mia"' in result.stdout


class TestReading:
    @pytest.mark.parametrize(
        "switches",
        [
            Switches(per_page_cap=7),
            Switches(plain_list_status=206),
            Switches(list_deleted_agents=True),
        ],
        ids=["pages of 7", "206", "archived agents listed"],
    )
    def test_whatever_the_servers_habits_the_result_is_right(
        self, tmp_path: Path, switches: Switches
    ) -> None:
        team = "\n".join(f"  - {{email: a{n}@acme.example, name: A{n}}}" for n in range(20))
        project = write_project(tmp_path / "p", a=f"agents:\n{team}")
        with account(tmp_path, switches=switches) as live:
            live.apply(project)
            (project / "a.yaml").write_text(
                f"agents:\n{team}".replace("name: A3}", "name: A3, state: absent}")
            )
            assert "1 deleted" in live.apply(project)
            assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0

    @pytest.mark.parametrize("surface", ["v3", "full"])
    def test_the_requests_grow_with_pages_not_with_agents(
        self, tmp_path: Path, surface: str
    ) -> None:
        """A hundred agents in pages of 50 are to the client what 1,000 are in pages of 500."""
        departments = [{"name": f"Department {n}"} for n in range(20)]
        agents = [
            {
                "email": f"a{n}@acme.example",
                "name": f"A{n}",
                "departments": {f"Department {n % 20}": {}, f"Department {(n + 7) % 20}": {}},
            }
            for n in range(99)
        ]
        team = json.dumps({"departments": departments, "agents": agents})
        project = write_project(tmp_path / "p", a=team)
        switches = Switches(per_page_cap=50)
        with account(tmp_path, switches=switches) as live:
            live.apply(project)
        with account(tmp_path, switches=switches, surface=surface) as live:
            plan = live.plan(project)
            assert plan["requests"]["read"] == len(live.server.requests.entries())
            assert plan["requests"]["read"] <= 12
            assert plan["requests"]["total"] == plan["requests"]["read"]


class TestApplying:
    def test_a_quiet_apply_has_only_the_plan_and_the_report(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = write_project(tmp_path, a=TEAM)
        result = live.run("apply", str(project), "--yes", "--quiet")
        assert result.exit_code == 0
        assert result.stderr == ""
        assert "Plan for" in result.stdout
        assert "Applied and read back: 1 created" in result.stdout

    def test_a_verbose_run_names_the_account_and_each_request_but_not_the_key(
        self, live: Account, tmp_path: Path
    ) -> None:
        result = live.run("-v", "plan", str(write_project(tmp_path, a=TEAM)))
        account, *requests = result.stderr.splitlines()
        key = "key from env LIVEAGENT_V3_API_KEY."
        assert account == f"Account: environment, {live.server.url}, {key}"
        assert "200 GET /api/v3/agents" in requests
        assert len(requests) == len(live.server.requests.entries())
        assert KEY not in result.output

    def test_without_a_terminal_nobody_is_asked(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", a=TEAM)
        result = live.run("apply", str(project))
        assert result.exit_code == 64
        assert "--yes" in result.stderr
        assert live.server.requests.entries() == []

    def test_an_invalid_project_makes_no_request(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", a="agents: [{email: mia}]")
        assert live.run("apply", str(project), "--yes").exit_code == 1
        assert live.server.requests.entries() == []

    @pytest.mark.parametrize(("given", "exit_code"), [("y\n", 0), ("n\n", 1), ("", 1)])
    def test_in_a_terminal_it_asks(
        self, live: Account, tmp_path: Path, given: str, exit_code: int
    ) -> None:
        """A real terminal, so that the question and its answer are as people meet them."""
        project = write_project(tmp_path / "p", a=TEAM)
        done = live.run_in_terminal(given.encode() or b"\x04", "apply", str(project))
        where = f"environment, {live.server.url} (extended surface)"
        assert f"Apply this to {where}? [y/N]" in done.stderr
        assert (f"Report for {where}\n" in done.stdout) == (exit_code == 0)
        assert done.returncode == exit_code
        assert bool(live.writes()) == (exit_code == 0)

    def test_ctrl_c_finishes_what_is_under_way_and_starts_nothing_new(
        self, live: Account, tmp_path: Path
    ) -> None:
        """The signal comes while the first write is held back by the server."""
        project = write_project(tmp_path / "p", a=TEAM)
        live.apply(project)
        lists = {
            "/api/v3/agents": live.everything("/agents"),
            "/api/v3/grid/agents": live.call("GET", "/grid/agents?_perPage=100"),
            "/api/v3/devices": live.everything("/devices"),
            "/api/v3/grid/departments": live.call("GET", "/grid/departments?_perPage=100"),
        }
        write_arrived, released = threading.Event(), threading.Event()

        def slow(request: Request) -> Reply:
            if request.method != "GET":
                write_arrived.set()
                released.wait(LONGEST_SECONDS)
                return Reply({})
            if request.path in lists:
                first = request.query.get("_page", "1") == "1"
                return Reply(lists[request.path] if first else [])
            return Reply({"message": "Not found"}, 404)

        write_project(
            project,
            b="agents: [{email: bob@acme.example, name: Bob, availability: {tickets: online}}]",
        )
        with scripted(slow) as (url, seen):
            process = subprocess.Popen(
                [sys.executable, "-m", "provisioner", "apply", str(project), "--yes"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "LIVEAGENT_BASE_URL": url, "LIVEAGENT_V3_API_KEY": "x"},
            )
            assert write_arrived.wait(LONGEST_SECONDS)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            # A message about a repeated request may come first.
            assert any("Stopping" in line for line in iter(process.stderr.readline, ""))
            released.set()
            stdout, stderr = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 4, stdout + stderr
        assert "Traceback" not in stderr
        assert "the run was interrupted" in stdout
        assert [request.method for request in seen if request.method != "GET"] == ["POST"]
