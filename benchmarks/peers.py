"""Peers on equivalent work, in the same run: octoDNS and Terraform plan, Ansible writes one by one.

octoDNS and Ansible are installed from the package index into virtual environments of their own.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import terraform
from benchmarks.accounts import generate, is_changed, project_of, snapshot_of
from benchmarks.costs import Peer, cost_of, quickest_of
from benchmarks.planning import PROVISIONER
from benchmarks.server import KEY, serving

WRITES = 30
"""The number of records that Ansible writes. The time for a thousand is estimated from it, and
marked as an estimate."""

ZONE = "acme.example."
OCTODNS = """\
providers:
  files:
    class: octodns.provider.yaml.YamlProvider
    directory: {folder}/files
    enforce_order: false
  account:
    class: octodns.provider.yaml.YamlProvider
    directory: {folder}/account
    enforce_order: false
zones:
  {zone}:
    sources: [files]
    targets: [account]
"""
PLAYBOOK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.uri:
        url: "{url}/api/v3/agents"
        method: POST
        headers: {{apikey: {key}}}
        body_format: json
        body: {{email: "peer{{{{ item }}}}@acme.example", name: "Peer {{{{ item }}}}"}}
      loop: "{{{{ range({writes}) | list }}}}"
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """The costs of other programs, and of ours on the same work.

    Attributes:
        octodns: a plan of records.
        ours: a plan of as many agents.
        ours_as_json: the same with `--format json`.
        terraform: a plan of the same agents; None without Terraform.
        ansible: writes of a few agents.
        size: agents and records of the plans.
    """

    octodns: Peer
    ours: Peer
    ours_as_json: Peer
    terraform: Peer | None
    ansible: Peer
    size: int

    def to_octodns(self, ours: Peer) -> float:
        """Return the processor time of a plan as a share of that of octoDNS."""
        return ours.cost.processor / self.octodns.cost.processor

    @property
    def terraform_times(self) -> float | None:
        """How many times the processor time of our plan Terraform takes."""
        if self.terraform is None:
            return None
        return self.terraform.cost.processor / self.ours.cost.processor


RUNS = 5


def measure(folder: Path, size: int) -> Peers:
    """Install the peers and measure them, plans in turns with ours, under the same conditions."""
    for name in ("octodns", "ansible"):
        (folder / name).mkdir(parents=True)
    octodns, name = _octodns(folder / "octodns", size)
    text = _provisioner(folder / "provisioner", size)
    commands = (octodns, text, (*text, "--format", "json"))
    turns = [[cost_of(command) for command in commands] for _ in range(RUNS)]
    theirs, ours, as_json = (quickest_of(costs) for costs in zip(*turns, strict=True))
    plan = f"plan of {size:,} agents"
    return Peers(
        Peer(name, f"plan of {size:,} A records", theirs),
        Peer("provisioner", plan, ours),
        Peer("provisioner", f"{plan}, `--format json`", as_json),
        terraform.measure(folder / "terraform", size),
        _ansible(folder / "ansible"),
        size,
    )


def _provisioner(folder: Path, size: int) -> tuple[str, ...]:
    generate(folder, size)
    files, snapshot = project_of(folder), snapshot_of(folder)
    return (*PROVISIONER, "plan", str(files), "--snapshot", str(snapshot))


def _installed(folder: Path, package: str) -> tuple[Path, str]:
    """Install a package; return the folder of its programs and its version."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    programs = folder / "venv" / "bin"
    install = [programs / "python", "-m", "pip", "install", "--quiet", package]
    subprocess.run([*map(str, install), "--disable-pip-version-check"], check=True)
    code = f"from importlib.metadata import version; print(version('{package}'))"
    result = subprocess.run(
        [str(programs / "python"), "-c", code], check=True, capture_output=True, text=True
    )
    return programs, f"{package} {result.stdout.strip()}"


def _octodns(folder: Path, size: int) -> tuple[tuple[str, ...], str]:
    programs, name = _installed(folder, "octodns")
    for side in ("files", "account"):
        (folder / side).mkdir()
        with (folder / side / f"{ZONE}yaml").open("w", encoding="utf-8") as out:
            for number in range(size):
                last = 2 if side == "files" and is_changed(number) else 1
                address = f"10.{number >> 8 & 255}.{number & 255}.{last}"
                out.write(f"agent{number:06}:\n  type: A\n  value: {address}\n")
    config = folder / "config.yaml"
    config.write_text(OCTODNS.format(folder=folder, zone=ZONE), "utf-8")
    return (str(programs / "octodns-sync"), "--quiet", "--config-file", str(config)), name


def _ansible(folder: Path) -> Peer:
    programs, name = _installed(folder, "ansible-core")
    playbook = folder / "playbook.yaml"
    command = (str(programs / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(playbook))
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_PYTHON_INTERPRETER": str(programs / "python"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "LC_ALL": "C.UTF-8",
    }
    with serving(folder / "account.db") as url:
        playbook.write_text(PLAYBOOK.format(url=url, key=KEY, writes=WRITES), "utf-8")
        return Peer(name, f"{WRITES} agents created", cost_of(command, environment))
