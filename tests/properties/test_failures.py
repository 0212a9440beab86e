"""Law 3: an apply that fails anywhere, run again, ends where an undisturbed one ends."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.sandbox.faults import Fault
from tests.effort import examples
from tests.properties.strategies import Project, projects
from tests.properties.test_laws import write
from tests.states import state
from tests.support import account

MOST_RUNS = 5


@settings(
    max_examples=examples(8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    project=projects(),
    kind=st.sampled_from(["drop", "status", "html"]),
    lands=st.booleans(),
    skip=st.integers(0, 25),
    times=st.integers(1, 3),
)
def test_law_3_a_failed_apply_run_again_converges(
    project: Project,
    kind: Any,
    lands: bool,
    skip: int,
    times: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    tmp_path = tmp_path_factory.mktemp("law3")
    folder = write(tmp_path / "project", project)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with account(tmp_path / "a") as calm, account(tmp_path / "b") as disturbed:
        calm.apply(folder)
        disturbed.server.faults.add(
            *(
                Fault(kind=kind, method=method, skip=skip, times=times, lands=lands)
                for method in ("POST", "PUT", "DELETE")
            )
        )
        for _ in range(MOST_RUNS):
            result = disturbed.run("apply", str(folder), "--yes")
            assert result.exit_code in {0, 1, 4}, result.output
            if result.exit_code == 0:
                break
        else:
            pytest.fail("it never ended")
        assert state(disturbed) == state(calm)
        emails = [row["email"].lower() for row in disturbed.everything("/agents")]
        assert len(emails) == len(set(emails))
