"""The API key is in nothing that a run prints, records or saves."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.sandbox.server import Sandbox
from tests.support import write_project
from tests.unit.liveagent.scripted import Reply, Request, scripted

KEY = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
TEAM = """
    departments: [{name: Support}]
    agents: [{email: mia@acme.example, name: Mia, departments: {Support: {chats: true}}}]
"""
FORMATS = ("text", "json", "markdown", "html")


def echoing(url: str) -> Any:
    """Pass requests on, and put the key into every answer: names, extra fields, errors, headers."""

    def script(request: Request) -> Reply:
        answer = requests.request(
            request.method,
            url + request.path,
            params=request.query,
            json=request.body,
            headers={"apikey": KEY},
            timeout=30,
        )
        headers = {"api_surface": "extended", "X-Debug": KEY}
        if request.method == "PUT" and "/departments/" in request.path:
            return Reply({"message": f"no: apikey={KEY}"}, 400, {"Location": KEY})
        content = answer.json() if answer.content else {}
        for row in content if isinstance(content, list) else [content]:
            row["debug"] = {"headers": {"apikey": KEY}}
            if row.get("alias") == "" or row.get("name") == "General":
                row["alias" if "alias" in row else "name"] = f"made with {KEY}"
        return Reply(content, answer.status_code, headers)

    return script


def run(url: str, *arguments: object) -> Result:
    environment = {
        "LIVEAGENT_BASE_URL": url,
        "LIVEAGENT_V3_API_KEY": KEY,
        "PROVISIONER_REQUESTS_PER_MINUTE": "0",
    }
    return CliRunner().invoke(main, [*map(str, arguments)], env=environment)


def test_a_key_that_the_account_echoes_is_nowhere(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    with (
        Sandbox(tmp_path / "account.db", api_key=KEY) as server,
        scripted(echoing(server.url)) as (url, _),
    ):
        outputs = [
            *(run(url, "plan", project, "--format", form) for form in FORMATS),
            run(url, "plan", project, "--out", tmp_path / "plan.json"),
            run(url, "snapshot", project, "--out", tmp_path / "snapshot.json"),
            run(url, "export", tmp_path / "exported"),
            run(url, "--log-format", "json", "apply", project, "--yes"),
            run(url, "apply", project, "--yes"),
            run(url, "runs", "show", "1", project),
        ]
    assert [result.exit_code for result in outputs[:7]] == [0] * 7, outputs[6].output
    assert outputs[-2].exit_code == 4
    assert "apikey=(API key)" in outputs[-2].output
    printed = "".join(result.output + result.stderr for result in outputs)
    assert KEY not in printed
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    written = [file for file in files if not file.name.startswith("account.db")]
    assert len(written) > 5
    assert [file for file in written if KEY.encode() in file.read_bytes()] == []


@pytest.mark.parametrize("source", ["env", "file", "command"])
@pytest.mark.parametrize("command", ["validate", "plan", "apply"])
def test_a_key_that_was_pasted_into_the_project_is_not_shown(
    source: str, command: str, tmp_path: Path
) -> None:
    pasted = f"a{KEY}"
    target = {"url": "http://127.0.0.1:9", "api_key": {source: pasted}}
    config = json.dumps({"targets": {"production": target}})
    project = write_project(tmp_path / "p", team=TEAM, provisioner=config)
    result = CliRunner().invoke(main, [command, str(project), *(["--yes"] * (command == "apply"))])
    assert pasted[:12] not in result.output + result.stderr
