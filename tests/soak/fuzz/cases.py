"""One case of the campaign: what is damaged, and the commands that meet it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import yaml

from provisioner.planning.plans.plan_json import checksum
from tests.soak.fuzz import mutate, world
from tests.soak.fuzz.world import SURFACES, Files, World, write_files

PLAN_FORMATS = ["text", "json", "markdown", "html"]
CHECK_FORMATS = ["text", "json", "github", "gitlab", "sarif", "junit"]
RECORD = ".provisioner/runs/000001.jsonl"
ADDRESSES = [
    "agent/nadia.rahman@acme.example",
    "agent/new.one@acme.example",
    "department/Sales",
    "role/Team lead",
    "agents",
    "member-of/Sales",
    "agent/*",
]

Command = list[str]


class Case:
    """A seed's files and commands.

    Attributes:
        surface: the surface of the account.
        answers: whether the account's answers are damaged.
        commands: in their order; each is a command line.
    """

    def __init__(self, seed: int, made: World) -> None:
        """Write the files of a seed into the world's folder."""
        self.seed = seed
        self.random = mutate.seeded(f"case {seed}")
        self.world = made
        self.surface = self.random.choice(SURFACES)
        self.answers = False
        self.project = made.folder / "case"
        shutil.rmtree(made.folder / "exported", ignore_errors=True)
        self.kind = list(KINDS)[seed % len(KINDS)]
        self.commands = list(KINDS[self.kind](self))

    def write(self, files: Files) -> str:
        """Write the project, and return its path."""
        write_files(self.project, files)
        return str(self.project)

    def file(self, name: str, content: bytes) -> str:
        """Write a file beside the project, and return its path."""
        path = self.world.folder / name
        path.write_bytes(content)
        return str(path)

    def one_of(self, *choices: Any) -> Any:
        """Choose by the seed."""
        return self.random.choice(choices)

    def plan(self, path: str) -> Command:
        """Return a plan in any format, at times of a part or with an allowance."""
        more = self.one_of(
            [], [], ["--detailed-exitcode"], ["--only", self.random.choice(ADDRESSES)],
            ["--exclude", self.random.choice(ADDRESSES)], ["--allow", "deletes=9"],
            ["--out", str(self.world.folder / "case.plan")],
        )  # fmt: skip
        return ["plan", path, "--format", self.random.choice(PLAN_FORMATS), *more]

    def reads(self, path: str) -> list[Command]:
        """Return commands that read the account, one of each, in an order of the seed."""
        folder = self.world.folder / "exported"
        commands = [
            self.plan(path),
            ["drift", path, "--format", "json"] if self.random.random() < 0.5 else ["drift", path],
            ["export", str(folder)],
            ["snapshot", path, "--out", str(self.world.folder / "case.snapshot")],
            ["show", "agent", "nadia.rahman@acme.example", path],
        ]
        self.random.shuffle(commands)
        return commands


def project(case: Case) -> Iterator[Command]:
    """Damage one file of a project."""
    base = case.random.choices(["team", "acme", ""], [8, 1, 3])[0]
    base = base or case.random.choice([name for name in case.world.projects if "/" in name])
    files = dict(case.world.projects[base])
    names = [name for name in files if name.endswith((".yaml", ".yml"))] or list(files)
    for _ in range(case.one_of(1, 1, 2)):
        name = case.random.choice(names)
        files[name] = yaml_file(case.random, files[name], files[case.random.choice(names)])
    if case.random.random() < 0.1:
        files[_file_name(case.random)] = files.pop(case.random.choice(names))
    if base == "team":
        files[RECORD] = case.world.record
    path = case.write(files)
    yield ["validate", path, "--format", case.random.choice(CHECK_FORMATS)]
    yield ["explain", case.random.choice(ADDRESSES), path]
    snapshot = case.file("team.snapshot", case.world.snapshots[case.surface])
    yield [*case.plan(path), "--snapshot", snapshot]
    yield from case.reads(path)[:1]
    if base != "acme":
        yield ["apply", path, "--yes", "--allow", "deletes=99"]
        yield ["undo", "1", path, "--yes"]


def _file_name(random: Random) -> str:
    """Return a name that a file system takes, in any case."""
    name = mutate.text(random, "team").replace("/", "_").replace("\0", "_")[:60]
    # Python reads a byte that is not UTF-8 as a lone surrogate.
    name = name.encode(errors="replace").decode()
    return random.choice(("", "x.yaml/", "targets/production/")) + name + ".yaml"


def settings(case: Case) -> Iterator[Command]:
    """Damage provisioner.yaml."""
    files = dict(case.world.projects["team"])
    text = world.settings(case.world.accounts[case.surface])
    files["provisioner.yaml"] = yaml_file(case.random, text, text)
    path = case.write(files)
    target = case.one_of([], ["-t", "other"], ["-t", "production"])
    yield ["validate", path, "--format", case.random.choice(CHECK_FORMATS)]
    yield ["explain", case.random.choice(ADDRESSES), path]
    yield [*case.plan(path), *target]
    yield ["drift", path, *target]
    yield ["apply", path, "--yes", *target]
    yield ["runs", path]


def answers(case: Case) -> Iterator[Command]:
    """Damage what the account answers: to every request, or once something was written."""
    case.answers = True
    rewriter = case.world.accounts[case.surface].rewriter
    rewriter.chance = case.one_of(0.03, 0.1, 0.4)
    rewriter.after_writes = case.random.random() < 0.3
    files = {**case.world.projects["team"], RECORD: case.world.record}
    path = case.write(files)
    if not rewriter.after_writes:
        yield from case.reads(path)[:3]
        yield ["undo", "1", path, "--yes", "--allow", "deletes=99"]
    yield ["apply", path, "--yes"]


def plan_file(case: Case) -> Iterator[Command]:
    """Damage a plan file; mostly its checksum is true, or nothing behind it would be read."""
    path = case.write(case.world.projects["team"])
    content = case.world.plans[case.surface]
    if case.random.random() < 0.2:
        content = mutate.raw(case.random, content)
    else:
        data = mutate.content(case.random, json.loads(content))
        if isinstance(data, dict):
            data["checksum"] = _checksum(data)
        content = mutate.as_json(data)
    file = case.file("case.plan", content)
    for format_ in PLAN_FORMATS:
        yield ["show", file, "--format", format_]
    yield ["apply", file, "--yes"]
    yield ["runs", path]


def _checksum(data: dict[str, Any]) -> str:
    try:
        return checksum(data)
    except (TypeError, ValueError, RecursionError):
        return "sha256:none"


def snapshot(case: Case) -> Iterator[Command]:
    """Damage a snapshot; mostly its checksum is true."""
    path = case.write(case.world.projects["team"])
    content = case.world.snapshots[case.surface]
    if case.random.random() < 0.2:
        content = mutate.raw(case.random, content)
    else:
        data = mutate.content(case.random, json.loads(content))
        content = _sealed(data) if isinstance(data, dict) else mutate.as_json(data)
    file = case.file("case.snapshot", content)
    for _ in range(3):
        yield [*case.plan(path), "--snapshot", file]


def _sealed(data: dict[str, Any]) -> bytes:
    version = data.pop("provisioner_snapshot", "1.0")
    data.pop("checksum", None)
    rest = json.dumps(data)[1:].encode() + b"\n"
    digest = "sha256:" + hashlib.sha256(rest).hexdigest()
    head = json.dumps({"provisioner_snapshot": version, "checksum": digest})
    return head[:-1].encode() + b",\n" + rest


def record(case: Case) -> Iterator[Command]:
    """Damage the record of a run."""
    content = case.world.record
    if case.random.random() < 0.3:
        content = mutate.raw(case.random, content)
    else:
        lines = mutate.content(case.random, [json.loads(line) for line in content.splitlines()])
        lines = lines if isinstance(lines, list) else [lines]
        content = b"\n".join(map(mutate.as_json, lines)) + b"\n"
    path = case.write({**case.world.projects["team"], RECORD: content})
    yield ["runs", path, "--format", case.one_of("text", "json")]
    yield ["runs", "show", "1", path, "--format", "text"]
    yield ["runs", "show", "1", path, "--format", "json"]
    yield case.plan(path)
    yield ["undo", "1", path, "--yes", "--allow", "deletes=99"]
    yield ["apply", path, "--yes"]


def yaml_file(random: Random, old: bytes, other: bytes) -> bytes:
    """Return a YAML file damaged in its structure or in its bytes."""
    if random.random() < 0.25:
        return mutate.raw(random, old)
    if random.random() < 0.05:
        return old + other
    try:
        data = list(yaml.safe_load_all(old))
    except (yaml.YAMLError, ValueError):
        return mutate.raw(random, old)
    try:
        damage = random.choice((mutate.content, mutate.gentle, mutate.gentle))
        data = [damage(random, part) for part in data]
        text = yaml.safe_dump_all(data, allow_unicode=True, sort_keys=False)
    except (yaml.YAMLError, ValueError, RecursionError):
        return mutate.raw(random, old)
    return text.encode(errors="surrogatepass")


KINDS: dict[str, Callable[[Case], Iterator[Command]]] = {
    "project": project,
    "settings": settings,
    "answers": answers,
    "plan file": plan_file,
    "snapshot": snapshot,
    "record": record,
}
