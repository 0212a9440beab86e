"""Peers on equivalent work, in the same run: octoDNS plans records, Ansible writes them one by one.

Each is installed from the package index into a virtual environment of its own.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accounts import Layout, is_changed
from benchmarks.costs import Cost, cost_of, median_of
from benchmarks.planning import PROVISIONER
from benchmarks.server import KEY, serving

RECORDS = 10_000
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
class Peer:
    """The cost of a peer.

    Attributes:
        name: with its version.
        work: what it did.
        cost: of that.
    """

    name: str
    work: str
    cost: Cost


RUNS = 5


def measure(folder: Path) -> dict[str, Peer]:
    """Install the peers and measure them, plans in turns with ours, under the same conditions."""
    octodns, name = _octodns(folder / "octodns")
    provisioner = _provisioner(folder / "provisioner")
    turns = [(cost_of(octodns), cost_of(provisioner)) for _ in range(RUNS)]
    theirs, ours = (median_of(costs) for costs in zip(*turns, strict=True))
    return {
        "octodns": Peer(name, f"plan of {RECORDS:,} A records", theirs),
        "provisioner": Peer("provisioner", f"plan of {RECORDS:,} agents", ours),
        "ansible": _ansible(folder / "ansible"),
    }


def _provisioner(folder: Path) -> tuple[str, ...]:
    make = [sys.executable, "-m", "benchmarks.accounts", str(folder), str(RECORDS)]
    subprocess.run(make, check=True)
    project, snapshot = folder / Layout.ONE_FILE.name.lower(), folder / "account.snapshot"
    return (*PROVISIONER, "plan", str(project), "--snapshot", str(snapshot))


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


def _octodns(folder: Path) -> tuple[tuple[str, ...], str]:
    programs, name = _installed(folder, "octodns")
    for side in ("files", "account"):
        (folder / side).mkdir()
        with (folder / side / f"{ZONE}yaml").open("w", encoding="utf-8") as out:
            for number in range(RECORDS):
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
