"""Writes the results into docs/performance.md, between two marks; the rest is handwritten."""

import platform
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accounts import Layout
from benchmarks.costs import Cost
from benchmarks.peers import WRITES, Peer
from benchmarks.phases import PHASES
from benchmarks.planning import Planning
from benchmarks.plot import plot
from benchmarks.server import AGENTS, THREADS, Serving

START, END = "<!-- measured: start -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Results:
    """The results of all measurements.

    Attributes:
        plannings: by size.
        starts: name of a program to the cost of its start.
        serving: of reading and writing.
        peers: name to the cost of another tool.
        day: of the measurements, as YYYY-MM-DD.
    """

    plannings: Sequence[Planning]
    starts: dict[str, Cost]
    serving: Serving
    peers: dict[str, Peer]
    day: str


def write(results: Results, page: Path) -> str:
    """Write results into a page and its plot, and return their Markdown."""
    text = measured(results)
    before = page.read_text("utf-8")
    pattern = f"{re.escape(START)}.*{re.escape(END)}"
    after = re.sub(pattern, lambda _: f"{START}\n{text}{END}", before, flags=re.DOTALL)
    page.write_text(after, "utf-8")
    series = {
        "seconds": {one.size: one.plans[Layout.ONE_FILE].seconds for one in results.plannings},
        "memory, MiB": {one.size: one.plans[Layout.ONE_FILE].memory for one in results.plannings},
    }
    picture = plot("Cost of a plan against agents, both axes logarithmic", series)
    page.with_suffix(".svg").write_text(picture, "utf-8")
    return text


def measured(results: Results) -> str:
    """Return the results as Markdown."""
    return "\n".join(
        [
            f"Measured on {results.day}: {_machine()}.",
            "Medians; memory is the highest of the process.",
            "",
            "### Plans against a snapshot, process start included",
            "",
            *_plans(results),
            "",
            "![Cost of a plan against size](performance.svg)",
            "",
            "### Phases, one file, in milliseconds",
            "",
            *_phases(results),
            "",
            "### Others on equivalent work",
            "",
            *_peers(results),
            "",
            "### Start",
            "",
            *_starts(results),
            "",
            "### Requests of a reading: 1,000 agents in 20 departments",
            "",
            *_readings(results.serving),
            "",
            f"### Applying {AGENTS} new agents",
            "",
            *_applying(results.serving),
            "",
        ]
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'|'.join([' --- ', *[' ---: '] * (len(head) - 1)])}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _machine() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    cores = Path("/proc/cpuinfo").read_text("utf-8").count("processor\t")
    name = model.group(1).strip() if model else platform.machine()
    return f"{cores} cores ({name}), Python {platform.python_version()}, {platform.system()}"


def _plans(results: Results) -> list[str]:
    def rows() -> Iterable[Sequence[str]]:
        for one in results.plannings:
            for layout, cost in one.plans.items():
                yield (
                    f"{one.size:,}, {layout}",
                    f"{one.yaml_bytes / 1e6:.1f} MB",
                    f"{cost.seconds:.2f} s",
                    f"{cost.processor:.2f} s",
                    f"{cost.memory:.0f} MiB",
                    f"{cost.seconds / one.size * 1e6:.0f} µs",
                )

    return _table(
        ("Agents, files", "YAML", "Time", "Processor", "Memory", "For each agent"), rows()
    )


def _phases(results: Results) -> list[str]:
    return _table(
        ("Agents", *PHASES, "`validate` to parsing"),
        (
            (
                f"{one.size:,}",
                *(f"{one.phases[phase] * 1000:,.0f}" for phase in PHASES),
                f"{one.validate.seconds / one.phases['parse']:.2f}",
            )
            for one in results.plannings
        ),
    )


def _peers(results: Results) -> list[str]:
    octodns, ours, ansible = (results.peers[name] for name in ("octodns", "provisioner", "ansible"))
    applied = Peer(
        "provisioner", f"{AGENTS} agents created, with all settings", results.serving.apply
    )
    each = ansible.cost.seconds / WRITES
    ratios = (
        ("Ours to octoDNS", ours.cost.seconds, octodns.cost.seconds),
        ("the same, by processor time", ours.cost.processor, octodns.cost.processor),
        ("Ours to Ansible, for each agent", applied.cost.seconds / AGENTS, each),
    )
    scaled = (
        f"Scaled up, {ansible.name} would take {each * AGENTS / 60:.0f} minutes for {AGENTS} "
        "agents with their name and email only; its start is in that."
    )
    head = ("Program", "Work", "Time", "Processor", "Memory")
    return [
        *_table(head, map(_peer, (octodns, ours, ansible, applied))),
        "",
        *_table(("Ratio", ""), ((name, f"{one / other:.2f}") for name, one, other in ratios)),
        "",
        scaled,
        "octoDNS compares one value of a record, and a plan of ours 25 values of an agent.",
    ]


def _peer(peer: Peer) -> tuple[str, ...]:
    cost = peer.cost
    return (
        peer.name,
        peer.work,
        f"{cost.seconds:.2f} s",
        f"{cost.processor:.2f} s",
        f"{cost.memory:.0f} MiB",
    )


def _starts(results: Results) -> list[str]:
    bare = results.starts["Python with click"].seconds
    rows = (
        (name, f"{cost.seconds * 1000:.0f} ms", f"{cost.seconds / bare:.2f}")
        for name, cost in results.starts.items()
    )
    return _table(("Command", "Time", "To bare click"), rows)


def _readings(serving: Serving) -> list[str]:
    endpoints = sorted({endpoint for read in serving.read.values() for endpoint in read})
    rows = [
        (f"`{endpoint}`", *(str(serving.read[surface][endpoint] or "") for surface in serving.read))
        for endpoint in endpoints
    ]
    rows.append(("**in all**", *(str(read.total()) for read in serving.read.values())))
    return _table(("Request", *serving.read), rows)


def _applying(serving: Serving) -> list[str]:
    pages = ", ".join(f"`{path}` {took * 1000:.0f} ms" for path, took in serving.pages.items())
    rates = (
        f"{serving.apply.seconds:.1f} s, {serving.rate:.0f} requests a second; the bare HTTP "
        f"client writes {serving.bare_rate:.0f} a second with {THREADS} threads: "
        f"a share of {serving.rate / serving.bare_rate:.2f}."
    )
    sandbox = f"A page of 500 rows takes the sandbox: {pages}."
    return [*_requests(serving.applied), "", rates, sandbox]


def _requests(counts: Counter[str]) -> list[str]:
    rows = [(f"`{endpoint}`", f"{number:,}") for endpoint, number in counts.most_common()]
    return _table(("Request", "Times"), [*rows, ("**in all**", f"{counts.total():,}")])
