"""The documentation is true: each command on a page prints the output that the page shows.

In a fenced block marked `console`, a shell runs the lines that begin with `$ `. The lines below are
the expected output; a line `...` matches any number of lines.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from provisioner.address import Kind
from provisioner.codes import CODES
from tests.effort import LONGEST_SECONDS
from tests.guides import HOW_TO, TUTORIAL
from tests.preloaded import INSTALLED, preloaded_path

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "tests/README.md",
]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page with the output that the page shows."""
    found = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def matches(expected: str, printed: str) -> bool:
    """Compare line by line, with `...` for any lines, and `…` for any text in a line."""
    pattern = "".join(
        "(?:.*\n)*"
        if line.strip() == "..."
        else re.escape(line.rstrip()).replace("…", ".*") + " *\n"
        for line in expected.rstrip("\n").splitlines()
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n" if printed else "") is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if commands(page) and page not in {TUTORIAL, *HOW_TO}],
    ids=lambda page: page.name,
)
def test_each_command_of_a_page_prints_the_shown_output(page: Path, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns(".provisioner")
    )
    environment = {
        **os.environ,
        "PATH": preloaded_path(),
        "COLUMNS": "100",
    }
    for command, expected in commands(page):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert matches(expected, done.stdout), f"$ {command}\n{done.stdout}"


@pytest.mark.slow
def test_the_demo_ends_with_nothing_to_change(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns(".provisioner")
    )
    done = subprocess.run(
        ["sh", "examples/demo.sh"],
        cwd=tmp_path,
        env={**os.environ, "PATH": INSTALLED},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=True,
    )
    assert (
        "Nothing to change on sandbox (extended surface): 47 declared objects"
        in done.stdout.splitlines()[-1]
    )


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the view of a repository makes them."""
    text = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    titles = [re.sub(r"\]\([^)]*\)", "", heading).lower() for heading in headings]
    return {"", *(re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles)}


def test_links_lead_somewhere() -> None:
    known = {page: anchors(page) for page in PAGES}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
            file = (page.parent / target).resolve() if target else page
            assert file.exists(), f"{page.name}: {target}"
            assert anchor in known.get(file, {""}), f"{page.name}: {target}#{anchor}"


def test_every_code_is_used() -> None:
    made = {f"{start}-{kind}" for start in ("duplicate", "unknown") for kind in Kind}
    made |= {f"{kind}-in-use" for kind in Kind}
    files = [*(ROOT / "provisioner").rglob("*.py"), *(ROOT / "schemas").glob("*.json")]
    sources = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [code for code in CODES if sources.count(f'"{code}"') < 2 and code not in made] == []
