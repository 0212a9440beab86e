"""Which steps of a record write."""

import pytest

from provisioner.execution.report import Status
from provisioner.runs.record import StepRecord


@pytest.mark.parametrize(
    ("step", "writes"),
    [
        ("agent/mia@acme.example#update-agent", True),
        ("agent/mia@acme.example#read-devices", False),
        ("read-page#statuses#1#1", False),
        ("agent/mia@acme.example#add-member#read-only", True),
        ("agent/mia@acme.example#set-service#Support#chats", True),
    ],
)
def test_a_step_that_only_reads_is_not_counted(step: str, writes: bool) -> None:
    assert StepRecord(step, Status.APPLIED, "").writes is writes
