"""Law 3: an apply that fails anywhere, run again, ends where an undisturbed one ends."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.sandbox.faults import Fault
from tests.properties.strategies import Project, projects
from tests.properties.test_laws import write
from tests.support import Account, account

MOST_RUNS = 5


def state(live: Account) -> Any:
    """Return all that an account holds, by names instead of ids."""
    departments = {row["department_id"]: row["name"] for row in live.everything("/departments")}
    roles = {row["id"]: row["name"] for row in live.everything("/roles")}
    profiles = {row["agent_id"]: row for row in live.everything("/agents/profiles")}
    agents = live.everything("/agents")
    emails = {row["id"]: row["email"] for row in agents}
    devices = {row["id"]: row for row in live.everything("/devices")}
    return {
        "departments": sorted(departments.values()),
        "roles": sorted((row["name"], row["permissions"]) for row in live.everything("/roles")),
        "agents": sorted(
            (row["email"], row["name"], row["gender"], row["voice_status"], row["role"],
             roles.get(row["roleId"], ""))
            for row in agents
        ),
        "devices": sorted(
            (emails[row["agent_id"]], row["service_type"], row["preset_status"])
            for row in devices.values()
        ),
        "profiles": sorted(
            (emails[agent_id], repr(_by_name(profile, departments)))
            for agent_id, profile in profiles.items()
        ),
    }  # fmt: skip


def _by_name(profile: dict[str, Any], departments: dict[str, str]) -> dict[str, Any]:
    named = {
        key: value for key, value in profile.items() if key not in {"agent_id", "photo", "devices"}
    }
    named["memberships"] = sorted(
        (departments[row["department_id"]], row["role"], row["change_own_status"], row["signature"])
        for row in profile["memberships"]
    )
    named["plans"] = sorted(
        (
            departments[row["department_id"]],
            row["service_type"],
            row["day"],
            row["start"],
            row["end"],
        )
        for row in profile["plans"]
    )
    return named


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
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
