"""Law 2: a plan of what export wrote is empty, whatever the account holds."""

import json
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given

from provisioner.sandbox.switches import Switches
from tests.properties.accounts import ACCOUNTS, Data, fill
from tests.properties.test_laws import LAWS
from tests.support import account, changes

NUMBERS = count()


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("surface", ["full", "v3"])
@LAWS
@given(content=ACCOUNTS)
def test_law_2_a_plan_of_an_export_is_empty(content: Data, surface: str, tmp_path: Path) -> None:
    folder = tmp_path / str(next(NUMBERS))
    folder.mkdir()
    any_name = Switches(levels="", sounds="", alerts="")
    with account(folder, switches=any_name) as live:
        fill(live, content)
    with account(folder, surface=surface) as live:
        for name in ("first", "second"):
            assert live.run("export", str(folder / name)).exit_code == 0
        assert content_of(folder / "first") == content_of(folder / "second")
        merge = live.run("export", str(folder / "second"), "--merge")
        assert (merge.exit_code, merge.stdout) == (0, ""), merge.output
        result = live.run("plan", str(folder / "first"), "--format", "json", "--detailed-exitcode")
        assert result.exit_code == 0, result.output
        plan = json.loads(result.stdout)
        assert changes(plan) == {}
        assert plan["manual_steps"] == []
        # A department or a role that the files can't name is a comment there, and unmanaged.
        paths = {tuple(one["path"]) for one in plan["unmanaged"]}
        assert paths <= {("role",), ("departments",)}
        files = b"".join(content_of(folder / "first").values())
        assert not paths or b"can't be declared" in files
        assert live.writes() == []
