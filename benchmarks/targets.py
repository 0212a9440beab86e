"""The targets of costs, with what was measured: reached, or why not."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import traffic
from benchmarks.accounts import Work
from benchmarks.before import Compared
from benchmarks.peers import Peers
from benchmarks.planning import Planning
from benchmarks.results import Results
from benchmarks.traffic import Traffic

REQUESTS = {traffic.ONE_FIELD: 545, traffic.THREE_FIELDS: 1_080, traffic.NEW: 3_050}
REQUESTS_BEFORE = {traffic.ONE_FIELD: 1_022, traffic.THREE_FIELDS: 2_028, traffic.NEW: 4_030}
"""The requests of the version before, counted with the same account."""

FIXED_MEMORY, MEMORY_OF_AGENT = 36, 15_000
"""MiB of any plan, and bytes of each agent."""

BENT = 12
"""A plan of ten times the agents costs at most so many times the processor time. The start is in
both, and larger data fit worse into the processor's caches."""


_PHASES = "see the phases"


@dataclass(frozen=True, slots=True)
class Target:
    """A target and what was measured.

    Attributes:
        name: what is limited.
        limit: the target.
        before: of the version before; empty if it is unknown.
        measured: the result.
        reached: whether it keeps to the target; None if it could not be measured.
        why: why a target can be missed, or was not measured.
    """

    name: str
    limit: str
    before: str
    measured: str
    reached: bool | None
    why: str = ""

    @property
    def verdict(self) -> str:
        """Whether it is reached, or why not."""
        if self.reached:
            return "yes"
        return f"not measured: {self.why}" if self.reached is None else f"**no**: {self.why}"


def targets(results: Results) -> list[Target]:
    """Return all targets with what was measured."""
    return [
        *of_traffic(results.traffic),
        *_of_growth(results.plannings),
        *_of_peers(results.peers),
        *_of_versions(results.compared),
        *_of_memory(results.plannings),
    ]


def of_traffic(sent: Traffic) -> Iterator[Target]:
    """Return the targets of requests and looks."""
    oldest = max(max(one.ages) for one in sent.aged.values())
    yield Target(
        "oldest look of a write, 180 requests a minute",
        "1 s",
        "59 s",
        f"{oldest:.2f} s",
        oldest <= 1,
        "a look is never sent again later than 1 s, so the clock or the machine stopped",
    )
    new = sent.works[traffic.NEW].voice
    yield Target(
        "writes of a voice status that new agents have",
        "0",
        "1,000",
        str(new),
        new == 0,
        "the answers to creations showed another voice status",
    )
    for name, most in REQUESTS.items():
        work = sent.works[name]
        yield Target(
            f"requests: {name}",
            f"{most:,}",
            f"{REQUESTS_BEFORE[name]:,}",
            f"{work.planned.total:,}, sent {work.sent:,}",
            work.planned.total == work.sent <= most,
            "more were needed than planned" if work.sent <= most else "see the table of requests",
        )
    idle = sent.works[traffic.NOTHING]
    reading = idle.planned.read
    yield Target(
        f"requests: {traffic.NOTHING}",
        "reading only",
        "reading only",
        f"{idle.sent}, reading {reading}",
        idle.sent == reading,
        "something was written",
    )
    path = sent.reading.path
    yield Target(
        "requests of a reading that wait for each other",
        "6",
        "11.6",
        str(path),
        path <= 6,
        "lists wait for each other",
    )


def _of_growth(plannings: list[Planning]) -> Iterator[Target]:
    small, large = plannings[-2:]
    for work in (Work.CHANGED, Work.NEW, Work.UNCHANGED):
        ratio = large.works[work].processor / small.works[work].processor
        times = large.size / small.size
        yield Target(
            f"processor time of {large.size:,} agents to {small.size:,}, {work}",
            f"{BENT} times",
            "",
            f"{ratio:.1f} times",
            ratio <= BENT * times / 10,
            _PHASES,
        )


def _of_peers(peers: Peers) -> Iterator[Target]:
    plan = f"plan of {peers.size:,} agents, 5 % changed"
    text, as_json = peers.to_octodns(peers.ours), peers.to_octodns(peers.ours_as_json)
    parsing = "parsing the YAML takes a third, checking the snapshot a fifth; see below"
    yield Target(f"{plan}, to octoDNS", "0.50", "0.65", f"{text:.2f}", text <= 0.5, parsing)
    name = f"{plan}, `--format json`"
    yield Target(f"{name}, to octoDNS", "0.75", "1.06", f"{as_json:.2f}", as_json <= 0.75, parsing)
    memory = peers.ours_as_json.cost.memory
    yield Target(
        name,
        "250 MiB",
        "442 MiB",
        f"{memory:.0f} MiB",
        memory < 250,
        "the files, the account and the plan are held at once",
    )
    times = peers.terraform_times
    yield Target(
        f"{plan}, quicker than Terraform",
        "25 times",
        "",
        f"{times:.0f} times" if times else "",
        times >= 25 if times else None,
        "Terraform is quicker here" if times else "this machine has no Terraform",
    )


def _of_versions(compared: dict[str, Compared]) -> Iterator[Target]:
    for name, one in compared.items():
        is_start = name == "plan of one agent"
        most, ratio = 0.75 if is_start else 0.4, one.ratio
        before = f"{one.before.processor:.2f} s" if one.before else ""
        share = "" if ratio is None else f", {ratio:.2f} of before"
        why = "two fifths of it create 160 value classes; see below" if is_start else _PHASES
        if ratio is None:
            why = "the history of the repository is not here"
        yield Target(
            f"{name}, to the version before",
            f"{most:.2f}",
            before,
            f"{one.now.processor:.2f} s{share}",
            None if ratio is None else ratio <= most,
            why,
        )


def _of_memory(plannings: list[Planning]) -> Iterator[Target]:
    for one in plannings:
        most = FIXED_MEMORY + one.size * MEMORY_OF_AGENT / 2**20
        memory = one.works[Work.SOME].memory
        yield Target(
            f"memory of a plan of {one.size:,} agents, 5 % changed",
            f"{most:.0f} MiB",
            "",
            f"{memory:.0f} MiB",
            memory <= most,
            "Python and the modules of a plan take more before the first agent",
        )
