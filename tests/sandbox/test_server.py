"""Starting and stopping, as a program that embeds the sandbox relies on it."""

import errno
import gc
import signal
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.server import Sandbox, serve
from tests.effort import LONGEST_SECONDS
from tests.sandbox.api import KEY, Api, Rows, Start


def test_a_fresh_account_has_its_owner_and_the_default_department(api: Api) -> None:
    (owner,) = api.get("/agents")
    assert (owner["email"], owner["name"]) == ("owner@acme.example", "Account Owner")
    assert (owner["role"], owner["roleId"]) == ("owner", "owner")
    (department,) = api.get("/departments")
    assert department == {
        "department_id": "default",
        "name": "General",
        "agent_count": 1,
        "agent_ids": [owner["id"]],
        "online_status": "",
        "mailaccount_id": None,
    }


def test_everything_is_kept_in_the_file(database: Path) -> None:
    for number in range(2):
        with Sandbox(database, api_key=f"key-{number}") as sandbox:
            agents = requests.get(
                f"{sandbox.url}/api/v3/agents", headers={"apikey": "key-0"}, timeout=LONGEST_SECONDS
            ).json()
            assert [agent["email"] for agent in agents] == ["owner@acme.example"]
    # Nothing is left in the write-ahead log.
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_a_second_key_works_beside_the_first(start: Start) -> None:
    first, second = start(api_key="one"), start(api_key="two")
    assert first.get("/agents") == second.get("/agents")
    for key in ("one", "two"):
        assert Api(first.sandbox, key, requests.Session()).get("/agents")


def test_both_surfaces_can_share_a_database(start: Start) -> None:
    full, v3 = start(), start(surface="v3")
    agent = v3.agent("Mia Chen")
    full.put(f"/departments/default/{agent['id']}")
    assert agent["id"] in v3.get("/departments/default")["agent_ids"]


def test_writes_at_the_same_time_do_not_disturb_each_other(start: Start) -> None:
    one, other = start(), start(surface="v3")

    def create(number: int) -> int:
        api = (one, other)[number % 2]
        headers = {"apikey": KEY}
        body = {"name": "Mia Chen", "email": f"mia{number // 4}@acme.example"}
        url = f"{api.sandbox.url}/api/v3/agents"
        return requests.post(url, json=body, headers=headers, timeout=LONGEST_SECONDS).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(40)))
    # Of every four that want the same email, one gets it.
    assert statuses == [200] * 10 + [400] * 30


def test_the_log_lists_the_requests(api: Api) -> None:
    api.get("/agents/")
    api.send("GET", "/nothing")
    assert api.sandbox.requests.entries() == [
        ("GET", "/api/v3/agents", 200),
        ("GET", "/api/v3/nothing", 404),
    ]
    api.sandbox.requests.clear()
    assert api.sandbox.requests.entries() == []


def test_it_is_silent(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    api.get("/agents")
    api.send("GET", "/nothing")
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_an_error(api: Api, tmp_path: Path) -> None:
    other = Sandbox(tmp_path / "other.db", api_key=KEY, port=api.sandbox.port)
    with pytest.raises(SandboxError, match=rf"Cannot listen on .*:{api.sandbox.port}"):
        other.start()
    assert not (tmp_path / "other.db").exists()


def test_a_server_without_room_for_its_loop_is_an_error(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("provisioner.sandbox.server._Server.run", fail)
    with pytest.raises(SandboxError, match=r"cannot start: .*Too many open files"):
        Sandbox(database, api_key=KEY).start()


def test_an_impossible_port_is_an_error(database: Path) -> None:
    with pytest.raises(SandboxError, match=r"Cannot listen on .*:70000"):
        Sandbox(database, api_key=KEY, port=70000).start()


def test_the_port_is_free_again_after_the_stop(database: Path) -> None:
    with Sandbox(database, api_key=KEY) as sandbox:
        port = sandbox.port
    with Sandbox(database, api_key=KEY, port=port) as again:
        assert again.port == port


@pytest.mark.parametrize("content", [b"no database", b"\0" * 4096, b"x" * 8192])
def test_a_file_that_is_no_database_is_not_changed(database: Path, content: bytes) -> None:
    database.write_bytes(content)
    with pytest.raises(SandboxError, match="cannot be used as a database"):
        Sandbox(database, api_key=KEY).start()
    assert database.read_bytes() == content


def test_a_database_of_another_program_is_not_changed(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    before = database.read_bytes()
    with pytest.raises(SandboxError, match="is a database of another program"):
        Sandbox(database, api_key=KEY).start()
    assert database.read_bytes() == before


def test_a_database_of_another_version_is_an_error(database: Path, rows: Rows) -> None:
    with Sandbox(database, api_key=KEY):
        pass
    rows("PRAGMA user_version = 99")
    with pytest.raises(SandboxError, match="made by another version"):
        Sandbox(database, api_key=KEY).start()


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "sandbox.db", tmp_path):
        with pytest.raises(SandboxError, match="Cannot open the sandbox database"):
            Sandbox(path, api_key=KEY).start()


def test_a_client_that_never_finishes_does_not_hold_up_the_stop(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.sandbox.server._GRACE_SECONDS", 0)
    with Sandbox(database, api_key=KEY) as sandbox:
        client = socket.create_connection(("127.0.0.1", sandbox.port))
        client.sendall(
            f"POST /api/v3/agents HTTP/1.1\r\nHost: localhost\r\napikey: {KEY}\r\n"
            "Content-Length: 9\r\n\r\n".encode()
        )
        # The answer to a second request shows that the first has arrived.
        requests.get(f"{sandbox.url}/api/v3/ping", timeout=LONGEST_SECONDS)
    with client, suppress(ConnectionResetError):
        assert client.recv(1) == b""


def test_clients_that_have_just_connected_are_closed_by_a_stop(tmp_path: Path) -> None:
    for number in range(5):
        server = Sandbox(tmp_path / f"{number}.db", api_key=KEY)
        server.start()
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(6)]
        server.stop()
        for client in clients:
            client.close()
    gc.collect()  # reports a socket that is still open, which fails the test


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_runs_until_a_signal(database: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    seen: list[int] = []

    def on_ready(url: str) -> None:
        seen.append(requests.get(f"{url}/api/v3/ping", timeout=LONGEST_SECONDS).status_code)
        signal.raise_signal(number)

    sandbox = Sandbox(database, api_key=KEY)
    serve(sandbox, on_ready)
    assert seen == [200]
    assert signal.getsignal(number) == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", sandbox.port)) != 0
