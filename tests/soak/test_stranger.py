"""A stranger's hour: the built wheel in a bare environment, and the commands of the tutorial only.

The stranger has an account with agents, and a pull request on a stand-in of GitHub. The machine's
pip finds the wheel in a folder, since it is on no index yet, and takes the locked versions.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.test_docs import matches
from tests.guides import (
    ROOT,
    TUTORIAL,
    Shell,
    Step,
    hidden,
    live_account,
    pull_request,
    readers_shell,
    steps,
)
from tests.soak.harness import FULL

MOST_SECONDS = 3600
LEFT_OUT = (".git", ".venv", ".*_cache", ".hypothesis", "build", "dist", "*.egg-info")


def built(folder: Path) -> dict[str, str]:
    """Build the wheel; return the variables with which pip finds it, and the locked versions."""
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*LEFT_OUT))
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=MOST_SECONDS)
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    locked = [re.sub(r"\[.*?\]", "", line.removesuffix(" \\")) for line in lines if "==" in line]
    (folder / "locked.txt").write_text("\n".join(locked), "utf-8")
    known = os.environ.get("PIP_FIND_LINKS", "")
    return {
        "PIP_FIND_LINKS": f"{folder} {known}".strip(),
        "PIP_CONSTRAINT": str(folder / "locked.txt"),
    }


def bare_path() -> str:
    """Return a PATH with the plain Python, and without a `provisioner`."""
    own = str(Path(sys.prefix) / "bin")
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if folder != own]
    return os.pathsep.join([str(Path(sys.base_prefix) / "bin"), *folders])


def commands(shell: Shell) -> Iterator[tuple[Step, str, float]]:
    """Yield each step, what its command has printed, and the seconds that it took."""
    for step in steps(TUTORIAL):
        # The stranger's address and key are in the environment already.
        given = step.kind == "sh" and step.text.startswith("export ")
        started = time.monotonic()
        runs = step.kind in {"sh", "console"} and not given
        printed = shell.run(step.text, MOST_SECONDS) if runs else ""
        yield step, printed, time.monotonic() - started


@pytest.mark.skipif(not FULL, reason="installs packages: only make soak does")
def test_a_stranger_gets_from_the_wheel_to_a_comment_and_an_apply(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    packages = built(tmp_path / "packages")
    seconds = {"sh": 0.0, "console": 0.0}
    with (
        live_account(tmp_path) as (panel, given),
        pull_request(tmp_path) as (host, job),
        readers_shell(home, bare_path(), {**given, **packages}) as shell,
    ):
        assert not shell.run("command -v provisioner")
        for step, printed, took in commands(shell):
            if step.kind == "console":
                assert matches(step.output, printed), f"$ {step.text}\n{printed}"
            elif step.kind == "sh":
                assert "error" not in printed.lower(), printed
            else:
                hidden(step, shell, panel, job)
            seconds[step.kind] = seconds.get(step.kind, 0) + took
        assert str(home) in shell.run("command -v provisioner")
        assert "Mia Chen `mia.chen@acme.example` | in Support: chats no" in "".join(host.own)
    assert sum(seconds.values()) < MOST_SECONDS
    sys.stdout.write(f"install {seconds['sh']:.0f} s, commands {seconds['console']:.0f} s\n")
