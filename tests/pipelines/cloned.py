"""Scripts of pipelines in a clone, as a runner runs them."""

import subprocess

from tests.preloaded import preloaded_path
from tests.repository import SETTINGS, Repository
from tests.support import KEY

PROJECT = """
    version: 1
    targets:
      production: {url: "%s", api_key: {env: LIVEAGENT_V3_API_KEY}, requests_per_minute: 10000}
"""
TEAM = "agents: [{email: bob@acme.example, name: %s}]\n"


def run_script(script: str, clone: Repository, **variables: str) -> tuple[int, str]:
    """Run a script with bash, and return its exit code and log."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=clone.folder,
        env={**SETTINGS, "PATH": preloaded_path(), "LIVEAGENT_V3_API_KEY": KEY, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def merge(clone: Repository) -> None:
    """Make the branch the last commit of main."""
    clone.git("push", "--quiet", "origin", "HEAD:main")
