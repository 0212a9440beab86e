"""Damaged files, answers, plans, snapshots and records: a finding for each, and never a fault.

`make soak` runs 100,000 commands, `make test` a sample. A failure names its seed; run that case
alone with `SOAK_SEED=NUMBER pytest tests/soak/test_fuzz.py`.
"""

import os
from pathlib import Path

import pytest

from tests.soak.fuzz.campaign import campaign
from tests.soak.fuzz.cases import KINDS
from tests.soak.harness import FULL

SEED = os.environ.get("SOAK_SEED")
CHUNKS = 50 if FULL else 1
COMMANDS = 2000 if FULL else 125
"""Commands of a chunk."""

SHOWN_FAULTS = 20


@pytest.mark.skipif(SEED is not None, reason="only the case of SOAK_SEED")
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_damage_is_a_fault_of_the_tool(chunk: int, tmp_path: Path) -> None:
    seeds = range(chunk * COMMANDS, (chunk + 1) * COMMANDS)  # each runs a command at the least
    tally = campaign(tmp_path, seeds, most=COMMANDS)
    assert tally.commands.total() >= COMMANDS
    assert set(tally.commands) == set(KINDS)
    shown = "\n".join(tally.faults[:SHOWN_FAULTS])
    assert not tally.faults, f"{len(tally.faults)} of {tally.commands.total()}:\n{shown}"


@pytest.mark.skipif(SEED is None, reason="no SOAK_SEED")
def test_the_case_of_a_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_DEBUG", "1")
    tally = campaign(tmp_path, [int(SEED or 0)])
    assert not tally.faults, "\n".join(tally.faults)
