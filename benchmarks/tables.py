"""The tables of the results, in Markdown."""

import platform
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import traffic
from benchmarks.accounts import Work
from benchmarks.before import COMMIT
from benchmarks.costs import Cost, Peer
from benchmarks.peers import WRITES
from benchmarks.phases import PHASES
from benchmarks.results import Results
from benchmarks.server import AGENTS, THREADS, Serving
from benchmarks.targets import targets
from benchmarks.traffic import DELAY, LIMIT, Traffic

HOW = (
    "Medians, and the quickest turn where programs are compared, because a busy machine only adds "
    "time. Memory is the highest of the process. Ratios are of processor time."
)


def measured(results: Results) -> str:
    """Return all tables."""
    loads = ", ".join(f"{load:.1f} ({what})" for what, load in results.loads.items())
    sections = {
        "Targets": _targets(results),
        "Requests on API v3, and their floor": _works(results.traffic),
        f"Looks, with {LIMIT} requests a minute": _ages(results.traffic),
        "Requests of a reading": _readings(results),
        "Plans against a snapshot, process start included": _plans(results),
        "What plans have to do, one file": _curves(results),
        "Phases, one file, in milliseconds of the processor": _phases(results),
        "Others on equivalent work": _peers(results),
        "The version before": _versions(results),
        "Start": _starts(results),
        f"Applying {AGENTS} new agents on the full surface": _applying(results.serving),
    }
    lines = [
        f"Measured on {results.day}: {machine()}, in {results.minutes:.0f} minutes.",
        HOW,
        f"Load of the machine before each part: {loads}.",
    ]
    for heading, text in sections.items():
        lines += ["", f"### {heading}", "", *text]
    return "\n".join([*lines, ""])


def _targets(results: Results) -> list[str]:
    rows = [
        (one.name, one.limit, one.before, one.measured, one.verdict) for one in targets(results)
    ]
    head = ("Limited", "Target, at most", f"Version {COMMIT}", "Measured", "Reached")
    return [
        *table(head, rows),
        "",
        "For Terraform, the target is the least.",
    ]


def _works(sent: Traffic) -> list[str]:
    rows = []
    for name, work in sent.works.items():
        floor = work.planned.floor.total if work.planned.floor else 0
        share = f"{work.planned.total / floor:.2f}"
        rows.append(
            (name, f"{work.planned.total:,}", f"{work.sent:,}", f"{floor:,}", share, _took(work))
        )
    head = ("Change", "Planned", "Sent", "Floor", "To the floor", f"Minutes at {LIMIT} a minute")
    return [
        *table(head, rows),
        "",
        "![Minutes of an apply before, now and at the floor](minutes.svg)",
    ]


def _took(work: traffic.Counted) -> str:
    return f"{work.planned.seconds / 60:.0f}"


def _ages(sent: Traffic) -> list[str]:
    rows = []
    for name, one in sent.aged.items():
        ages, numbers = sorted(one.ages), one.statistics
        rows.append(
            (
                f"{len(ages)} {name}",
                f"{one.seconds:.1f} s",
                f"{numbers['sent']}",
                f"{numbers['waits']}",
                f"{numbers['retries']}",
                f"{numbers['limit_used']:.0%}",
                f"{ages[len(ages) // 2]:.2f} s",
                f"{ages[-1]:.2f} s",
            )
        )
    head = ("Change", "Time", "Requests", "Waits", "Retries", "Limit used", "Median age", "Oldest")
    how = (
        "Real time on the embedded sandbox. The age is from sending a look until sending the write "
        "that relies on it. Names share looks at pages; each deletion has a look of its own."
    )
    return [*table(head, rows), "", how]


def _curves(results: Results) -> list[str]:
    rows = (
        (
            f"{one.size:,}, {work}",
            f"{cost.seconds:.2f} s",
            f"{cost.processor:.2f} s",
            f"{cost.memory:.0f} MiB",
            f"{cost.processor / one.size * 1e6:.0f} µs",
        )
        for one in results.plannings
        for work, cost in one.works.items()
        if work is not Work.SOME
    )
    head = ("Agents, all", "Time", "Processor", "Memory", "Processor for each agent")
    return [*table(head, rows), "", "![Cost of a plan against size](performance.svg)"]


def _versions(results: Results) -> list[str]:
    rows = []
    for name, one in results.compared.items():
        before = _cost(one.before) if one.before else ("", "", "")
        rows.append((name, *_cost(one.now), *before))
    head = ("Work", "Time", "Processor", "Memory", "Time before", "Processor", "Memory")
    return table(head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; its first column is text, and the others are numbers."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'|'.join([' --- ', *[' ---: '] * (len(head) - 1)])}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def machine() -> str:
    """Return the processor, Python and system of this machine."""
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

    return table(("Agents, files", "YAML", "Time", "Processor", "Memory", "For each agent"), rows())


def _phases(results: Results) -> list[str]:
    return table(
        ("Agents", *PHASES, "`validate` to parsing"),
        (
            (
                f"{one.size:,}",
                *(f"{one.phases[phase] * 1000:,.0f}" for phase in PHASES),
                f"{one.validate.processor / one.phases['parse']:.2f}",
            )
            for one in results.plannings
        ),
    )


def _peers(results: Results) -> list[str]:
    peers = results.peers
    work = f"{AGENTS} agents created, with all settings"
    applied = Peer("provisioner", work, results.serving.apply)
    plans = [peers.octodns, peers.ours, peers.ours_as_json]
    plans += [peers.terraform] if peers.terraform else []
    each, our = peers.ansible.cost.seconds / WRITES, applied.cost.seconds / AGENTS
    ratios = [
        ("Ours to octoDNS", f"{peers.to_octodns(peers.ours):.2f}"),
        ("the same with `--format json`", f"{peers.to_octodns(peers.ours_as_json):.2f}"),
        ("Ours to Ansible, for each agent, by time", f"{our / each:.3f}"),
    ]
    if peers.terraform_times:
        ratios.insert(2, ("Terraform to ours", f"{peers.terraform_times:.0f}"))
    scaled = (
        f"Scaled up, {peers.ansible.name} would take {each * AGENTS / 60:.0f} minutes for {AGENTS} "
        "agents with their name and email only; its start is in that."
    )
    terraform = (
        "Terraform compares with its state without a refresh."
        if peers.terraform
        else "This machine has no Terraform, so it was not measured."
    )
    head = ("Program", "Work", "Time", "Processor", "Memory")
    return [
        *table(
            head,
            ((one.name, one.work, *_cost(one.cost)) for one in [*plans, peers.ansible, applied]),
        ),
        "",
        *table(("Ratio", ""), ratios),
        "",
        scaled,
        "octoDNS compares one value of a record, and a plan of ours 25 values of an agent.",
        terraform,
    ]


def _cost(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.seconds:.2f} s", f"{cost.processor:.2f} s", f"{cost.memory:.0f} MiB"


def _starts(results: Results) -> list[str]:
    bare = results.starts["Python with click"].seconds
    rows = (
        (name, f"{cost.seconds * 1000:.0f} ms", f"{cost.seconds / bare:.2f}")
        for name, cost in results.starts.items()
    )
    return table(("Command", "Time", "To bare click"), rows)


def _readings(results: Results) -> list[str]:
    read, reading = results.serving.read, results.traffic.reading
    endpoints = sorted({endpoint for counts in read.values() for endpoint in counts})
    rows = [
        (f"`{endpoint}`", *(str(counts[endpoint] or "") for counts in read.values()))
        for endpoint in endpoints
    ]
    rows.append(("**in all**", *(str(counts.total()) for counts in read.values())))
    path = (
        f"On API v3, {reading.path} of {reading.requests} requests wait for each other: with "
        f"{DELAY} s for each request, the reading takes {reading.seconds:.2f} s."
    )
    return [*table(("Request, 1,000 agents in 20 departments", *read), rows), "", path]


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
    return table(("Request", "Times"), [*rows, ("**in all**", f"{counts.total():,}")])
