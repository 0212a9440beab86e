"""No program that a repository names is run, whatever is asked about its project."""

from pathlib import Path

import pytest

from provisioner.diagnostics import ProvisionerError, Span
from provisioner.git.checkout import head, shared_files, tracked_below
from provisioner.git.history import GitHistory
from tests.traps import TRAPS, Trap, set_trap

EACH = pytest.mark.parametrize("trap", TRAPS, ids=[trap.name for trap in TRAPS])


def ask_everything(project: Path, folder: Path) -> None:
    """Ask all that commands ask git about a project."""
    folder.mkdir()
    head(project)
    tracked_below(project, ".provisioner")
    shared_files(project)(folder)
    try:
        history = GitHistory(project, "main")
        for line in (1, 2, 3):
            if commit := history.of_line(Span("team.yaml", line, 1)):
                history.is_own(commit)
        history.of_file("team.yaml")
        history.of_removal(Span("team.yaml", 3, 1))
        history.write_base(folder)
    except ProvisionerError as error:
        assert error.diagnostics[0].code == "no-history"  # noqa: PT017  a lost file is reported


@EACH
@pytest.mark.parametrize("embedded", [False, True], ids=["own", "embedded"])
def test_no_program_of_a_repository_runs(trap: Trap, tmp_path: Path, *, embedded: bool) -> None:
    trapped = set_trap(tmp_path, trap, embedded=embedded)
    trapped.mark.unlink(missing_ok=True)
    ask_everything(trapped.project, tmp_path / "base")
    assert not trapped.mark.exists()


@pytest.mark.parametrize("embedded", [False, True], ids=["own", "embedded"])
@pytest.mark.parametrize("trap", [trap for trap in TRAPS if trap.fires], ids=lambda trap: trap.name)
def test_the_traps_work(trap: Trap, tmp_path: Path, *, embedded: bool) -> None:
    trapped = set_trap(tmp_path, trap, embedded=embedded)
    trapped.mark.unlink(missing_ok=True)
    trapped.fire(trap)
    assert trapped.mark.exists()
