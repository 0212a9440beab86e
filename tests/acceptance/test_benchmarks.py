"""What `make bench` measures of the requests, with a tiny account, and how it draws the results."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import page, targets, traffic
from benchmarks.traffic import Aged, Counted, Reading, Sent, Traffic
from provisioner.planning.plans.requests import RequestBudget, RequestFloor


@pytest.mark.parametrize(
    ("times", "path"),
    [
        ([], 0),
        ([(0, 1), (0, 1), (0, 1)], 1),
        ([(0, 1), (1, 2), (1, 3), (2, 4)], 3),
        ([(0, 9), (1, 2), (2, 3), (3, 4)], 3),
    ],
)
def test_the_critical_path_is_the_longest_row_of_requests(
    times: list[tuple[float, float]], path: int
) -> None:
    requests = [Sent("GET /agents", at, answered) for at, answered in times]
    assert traffic.critical_path(requests) == path


def test_the_age_of_a_look_is_that_of_the_youngest_before_its_write() -> None:
    requests = [
        Sent("GET /agents", 0, 1, "a, b"),
        Sent("GET /agents/a", 2, 3, "a"),
        Sent("PUT /agents/a", 4, 5),
        Sent("GET /agents", 4, 6, "a, b"),
        Sent("DELETE /agents/b", 5, 6),
    ]
    assert traffic.ages_of(requests) == [2, 5]


def test_all_that_is_planned_is_sent_and_no_look_is_old(tmp_path: Path) -> None:
    sent = traffic.measure(tmp_path, size=5, aged=2, delay=0.01)
    for work in sent.works.values():
        assert work.planned.floor is not None
        assert work.planned.floor.total <= work.planned.total == work.sent
        assert work.voice == 0
    assert [len(one.ages) for one in sent.aged.values()] == [2, 2]
    assert 1 <= sent.reading.path <= sent.reading.requests


NUMBERS = Traffic(
    works={
        name: Counted(RequestBudget(number, {}, 0, 180, RequestFloor(number - 10, {})), number, 0)
        for name, number in {**targets.REQUESTS, traffic.NOTHING: 12}.items()
    },
    aged={traffic.NAMES: Aged(2.0, [0.1, 0.9], {})},
    reading=Reading(12, 4, 1.0),
)


def missed(sent: Traffic) -> list[str]:
    return [one.name for one in targets.of_traffic(sent) if not one.reached]


def test_a_target_is_reached_or_not() -> None:
    assert missed(NUMBERS) == []
    slow = replace(NUMBERS, aged={traffic.NAMES: Aged(2.0, [1.1, 0.9], {})})
    assert missed(slow) == ["oldest look of a write, 180 requests a minute"]
    assert missed(replace(NUMBERS, reading=Reading(12, 7, 1.0))) == [
        "requests of a reading that wait for each other"
    ]
    work = NUMBERS.works[traffic.NEW]
    more = {**NUMBERS.works, traffic.NEW: replace(work, sent=work.sent + 1)}
    assert missed(replace(NUMBERS, works=more)) == [f"requests: {traffic.NEW}"]


def test_the_minutes_are_drawn_before_now_and_at_the_floor() -> None:
    root = ET.fromstring(page.minutes(NUMBERS))  # noqa: S314 - our own text
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:4] == ["One field of half of the agents", "5 min", "3 min", "2 min"]
    assert texts[-3:] == ["version 640b215", "this version", "floor"]
