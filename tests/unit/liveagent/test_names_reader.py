"""Lists of names of an account: read, refused or out of reach."""

from typing import Any

import pytest

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError, UnansweredError
from provisioner.live.account_names import NameList
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.pacing import PageSize
from provisioner.liveagent.on_demand_reader import read_names

PROBLEM = Diagnostic(code="target-error", summary="GET /slack/users: refused")


class OneAnswer:
    """Stands in for a client that gives one answer to each call."""

    def __init__(self, answer: Any) -> None:
        self.requests, self.connections = 0, 1
        self.page_size = PageSize(500)
        self._answer = answer

    def call(self, _method: str, _path: str, **_more: Any) -> Answer:
        self.requests += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        answer: Answer = self._answer
        return answer


@pytest.mark.parametrize(
    "refusal",
    [
        RejectedError(PROBLEM, 403),
        RejectedError(PROBLEM, 404),
        UnansweredError(PROBLEM, status=500),
    ],
)
def test_a_refused_list_is_left_out_and_counted(refusal: Exception) -> None:
    names = read_names(OneAnswer(refusal), [NameList.SLACK_USER])  # type: ignore[arg-type]
    assert (names.labels, names.total_requests) == ({}, 1)


def test_an_account_out_of_reach_is_an_error() -> None:
    with pytest.raises(TargetError):
        read_names(OneAnswer(UnansweredError(PROBLEM)), [NameList.LEVEL])  # type: ignore[arg-type]
