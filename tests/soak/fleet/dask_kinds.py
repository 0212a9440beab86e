"""The kinds of faults of an apply on the workers of a Dask scheduler."""

import os
import random
import signal
from collections.abc import Callable

from provisioner.sandbox.faults import Fault
from tests.dask_cluster import Cluster
from tests.soak.fleet.kinds import at_request, begun, reported
from tests.soak.fleet.world import WAVES, World, wait_for_end

DaskKind = Callable[[Cluster, World, random.Random, int], None]
"""Runs an apply with a fault, and checks its report; the number is the requests of a calm run."""

LOCAL = ("--jobs", "2")


def dask_worker_killed(workers: Cluster, made: World, chance: random.Random, requests: int) -> None:
    """One worker is killed, and later replaced."""
    which = chance.randrange(2)

    def kill(_driver: int) -> None:
        os.kill(workers.workers[which], signal.SIGKILL)

    name = at_request(made, chance.randint(1, requests), kill)
    running, text = begun(made, chance)
    name(running)
    reported(made, made.ended(running), text=text, certain=False)
    _next_engine(workers, made, chance)


def dask_scheduler_killed(
    workers: Cluster, made: World, chance: random.Random, requests: int
) -> None:
    """The scheduler is killed, and started again; the workers of the old one end by themselves."""

    def kill(_driver: int) -> None:
        os.kill(workers.scheduler, signal.SIGKILL)

    name = at_request(made, chance.randint(1, requests), kill)
    running, text = begun(made, chance)
    name(running)
    ended = made.ended(running)
    workers.restart_scheduler()
    # Nobody must have begun anything after the report, nor go on for ever.
    wait_for_end(workers.workers)
    reported(made, ended, text=text, certain=False)
    _next_engine(workers, made, chance)


def dask_driver_killed(workers: Cluster, made: World, chance: random.Random, requests: int) -> None:
    """The process of the command is killed; the workers finish or stop what they have begun."""
    name = at_request(
        made, chance.randint(1, requests), lambda driver: os.kill(driver, signal.SIGKILL)
    )
    running, _ = begun(made, chance)
    name(running)
    assert made.ended(running).code == -signal.SIGKILL
    workers.wait_until_idle()
    _next_engine(workers, made, chance)


def dask_signalled(workers: Cluster, made: World, chance: random.Random, requests: int) -> None:
    """Ctrl-C, or a signal of a cancelled pipeline."""
    number = chance.choice([signal.SIGINT, signal.SIGTERM])
    name = at_request(made, chance.randint(1, requests), lambda driver: os.kill(driver, number))
    running, text = begun(made, chance)
    name(running)
    reported(made, made.ended(running), text=text)
    _next_engine(workers, made, chance)


def dask_account_hangs(workers: Cluster, made: World, chance: random.Random, requests: int) -> None:
    """From one of its requests on, an account answers nothing, with or without a limit of time."""
    victim = chance.choice([*WAVES])
    skip = chance.randrange(requests // len(WAVES))
    made.faults[victim].add(Fault("delay", times=0, skip=skip, seconds=3600))
    limit = ("--account-timeout", "0.1") if chance.random() < 0.5 else ()
    outcomes = reported(made, made.ended(made.start_apply("--format", "json", *limit)), text=False)
    assert {outcomes[name] for name in WAVES if name != victim} == {"done"}
    _next_engine(workers, made, chance)


def dask_no_records(workers: Cluster, made: World, chance: random.Random, requests: int) -> None:
    """A worker has no folder for records, or can't write there."""
    del requests
    os.kill(workers.workers[0], signal.SIGKILL)
    nowhere = made.folder / "nowhere"
    value = chance.choice(["", str(nowhere / "missing"), "/dev/full"])
    workers.start_worker(PROVISIONER_RECORDS=value)
    running, text = begun(made, chance)
    outcomes = reported(made, made.ended(running), text=text, certain=False)
    assert {*outcomes.values()} <= {"done", "refused", "failed", "incomplete"}
    assert not nowhere.exists()
    made.engine = LOCAL


def _next_engine(workers: Cluster, made: World, chance: random.Random) -> None:
    """Let the next runs use the workers again, or this machine."""
    if chance.random() < 0.5:
        workers.fill()
        made.engine = ("--engine", workers.engine)
    else:
        made.engine = LOCAL


DASK_KINDS: dict[str, DaskKind] = {
    one.__name__: one
    for one in (
        dask_worker_killed,
        dask_scheduler_killed,
        dask_driver_killed,
        dask_signalled,
        dask_account_hangs,
        dask_no_records,
    )
}
