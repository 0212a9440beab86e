"""Terraform on equivalent work: a plan of `terraform_data` with the same 25 values an agent.

Each agent is a resource of its own, which Terraform plans several times faster than a map of them.
It reads no account either: the state is compared without a refresh.
"""

import json
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.accounts import agent_yaml, department_of, is_changed
from benchmarks.costs import Peer, cost_of

TYPE = "terraform_data"
PROVIDER = 'provider["terraform.io/builtin/terraform"]'
ENVIRONMENT = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


def measure(folder: Path, size: int) -> Peer | None:
    """Return the cost of a plan; None if this machine has no Terraform."""
    program = shutil.which("terraform")
    if program is None:
        return None
    version = json.loads(_output(program, "version", "-json"))["terraform_version"]
    agents = [yaml.safe_load(agent_yaml(number))[0] for number in range(size)]
    names = [f"agent{number:06}" for number in range(size)]
    resources = {name: {"input": agent} for name, agent in zip(names, agents, strict=True)}
    _write(folder / "main.tf.json", {"resource": {TYPE: resources}})
    state = {
        "version": 4,
        "terraform_version": version,
        "serial": 1,
        "lineage": str(uuid.UUID(int=0)),
        "outputs": {},
        "resources": [_known(number, name, agents[number]) for number, name in enumerate(names)],
    }
    _write(folder / "terraform.tfstate", state)
    at = f"-chdir={folder}"
    _output(program, at, "init", "-input=false")
    command = (program, at, "plan", "-input=false", "-refresh=false", "-no-color")
    work = f"plan of {size:,} agents as `{TYPE}`"
    return Peer(f"Terraform {version}", work, cost_of(command, ENVIRONMENT))


def _known(number: int, name: str, agent: Mapping[str, Any]) -> dict[str, Any]:
    """Return an agent in Terraform's state; in every twentieth two values differ."""
    if is_changed(number):
        department = department_of(number)
        membership = {**agent["departments"][department], "chats": False}
        chat = {**agent["chat"], "max_load": 3}
        agent = {**agent, "chat": chat, "departments": {department: membership}}
    value = {"value": agent, "type": _type_of(agent)}
    attributes = {
        "id": str(uuid.UUID(int=number)),
        "input": value,
        "output": value,
        "triggers_replace": None,
    }
    return {
        "mode": "managed",
        "type": TYPE,
        "name": name,
        "provider": PROVIDER,
        "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
    }


def _type_of(value: object) -> object:
    match value:
        case bool():
            return "bool"
        case int():
            return "number"
        case dict():
            return ["object", {key: _type_of(one) for key, one in value.items()}]
        case _:
            return "string"


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), "utf-8")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
