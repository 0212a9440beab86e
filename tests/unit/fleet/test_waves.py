"""Waves: which accounts begin together, and when no further one begins."""

from collections.abc import Iterable, Iterator

from hypothesis import given
from hypothesis import strategies as st

from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.fleet.fleet_file import FleetAccount, WaveSettings
from provisioner.fleet.stop_request import StopRequest
from provisioner.fleet.waves import not_begun, run_waves, stages_of

OUTCOMES = [one for one in AccountOutcome if one is not AccountOutcome.NOT_BEGUN]


def accounts(waves: list[int]) -> list[FleetAccount]:
    return [
        FleetAccount(f"a{number}", f"accounts/a{number}", wave=wave)
        for number, wave in enumerate(waves)
    ]


def test_the_canary_is_of_the_first_wave_and_goes_before_all_others() -> None:
    def names(waves: list[int], canary: int) -> dict[str, list[str]]:
        stages = stages_of(accounts(waves), canary)
        return {stage.title: [one.name for one in stage.accounts] for stage in stages}

    assert names([2, 1, 1], 0) == {"wave 1": ["a1", "a2"], "wave 2": ["a0"]}
    assert names([2, 1, 1], 1) == {"canary": ["a1"], "wave 1": ["a2"], "wave 2": ["a0"]}
    assert names([7, 9], 5) == {"canary": ["a0"], "wave 9": ["a1"]}


@given(
    fleet=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(OUTCOMES)), min_size=1, max_size=9),
    canary=st.integers(0, 3),
    limit=st.integers(1, 4),
    jobs=st.integers(1, 3),
)
def test_every_account_has_one_result_and_none_begins_after_the_limit(
    fleet: list[tuple[int, AccountOutcome]], canary: int, limit: int, jobs: int
) -> None:
    all_accounts = accounts([wave for wave, _outcome in fleet])
    outcomes = {one.name: outcome for one, (_, outcome) in zip(all_accounts, fleet, strict=True)}
    stages = stages_of(all_accounts, canary)
    ended: list[str] = []
    failures_at_begin: dict[str, int] = {}

    def failed() -> int:
        return sum(not outcomes[name].complete for name in ended)

    def run(begun: Iterable[FleetAccount]) -> Iterator[ApplyResult]:
        waiting = iter(begun)
        busy: list[FleetAccount] = []
        while True:
            while len(busy) < jobs and (account := next(waiting, None)):
                failures_at_begin[account.name] = failed()
                earlier = [one for stage in stages for one in stage.accounts]
                earlier = earlier[: earlier.index(account)]
                waves = {one.name for one in earlier if one.wave < account.wave}
                assert waves <= {*ended}, "a wave begins when the one before has ended"
                busy.append(account)
            if not busy:
                return
            account = busy.pop(0)
            ended.append(account.name)
            yield ApplyResult(account, outcomes[account.name], 0)

    settings = WaveSettings(canary, limit)
    results = [*run_waves(stages, settings, run, StopRequest(), lambda _: None)]
    assert sorted(one.account.name for one in results) == sorted(outcomes)
    assert all(number < limit for number in failures_at_begin.values())
    canaries = stages[0].accounts if stages[0].is_canary else ()
    if any(not outcomes[one.name].complete for one in canaries):
        assert {*failures_at_begin} <= {one.name for one in canaries}
    elif failed() < limit:
        assert {*ended} == {*outcomes}
    for result in results:
        begun = result.account.name in failures_at_begin
        assert (result.outcome is AccountOutcome.NOT_BEGUN) is not begun
        assert bool(result.reason) is not begun


def test_a_stop_request_begins_nothing() -> None:
    stop = StopRequest(asked=True)
    found = run_waves(stages_of(accounts([1]), 0), WaveSettings(), _none, stop, lambda _: None)
    assert [*found] == [not_begun(accounts([1])[0], "the run was stopped by a signal")]


def _none(begun: Iterable[FleetAccount]) -> Iterator[ApplyResult]:
    assert [*begun] == []
    yield from ()


def test_a_failure_of_the_engine_leaves_no_account_out() -> None:
    def run(begun: Iterable[FleetAccount]) -> Iterator[ApplyResult]:
        waiting = iter(begun)
        for account in (next(waiting, None), next(waiting, None)):
            if account and account.name == "a0":
                yield ApplyResult(account, AccountOutcome.DONE, 0)
        raise OSError(12, "Cannot allocate memory")

    stages = stages_of(accounts([1, 1, 1, 2]), 0)
    settings, stop = WaveSettings(stop_after_failures=9), StopRequest()
    results = [*run_waves(stages, settings, run, stop, lambda _: None)]
    assert {one.account.name: one.outcome.value for one in results} == {
        "a0": "done",
        "a1": "incomplete",
        "a2": "not-begun",
        "a3": "not-begun",
    }
    assert results[1].errors[0].code == "system-limit"
    assert results[3].reason == f"the run has failed: {results[1].errors[0].summary}"
