"""The guides are true: a reader who follows a page sees what the page shows."""

from pathlib import Path

import pytest

from tests.docs.test_docs import matches
from tests.guides import (
    HOW_TO,
    START,
    TUTORIAL,
    hidden,
    live_account,
    pull_request,
    readers_shell,
    steps,
)
from tests.preloaded import preloaded_path

MOST_LINES = 60
"""Lines of a how-to page."""


@pytest.mark.slow
@pytest.mark.parametrize("page", [TUTORIAL, *HOW_TO], ids=lambda page: page.stem)
def test_each_command_of_a_guide_prints_the_shown_output(page: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with (
        live_account(tmp_path) as (panel, given),
        pull_request(tmp_path) as (_, job),
        readers_shell(home, preloaded_path(), given) as shell,
    ):
        for command in START if page in HOW_TO else ():
            shell.run(command)
        for step in steps(page):
            if step.kind == "console":
                printed = shell.run(step.text)
                assert matches(step.output, printed), f"$ {step.text}\n{printed}"
            elif step.kind != "sh":
                hidden(step, shell, panel, job)


def test_a_how_to_page_is_short() -> None:
    lines = {page.name: len(page.read_text("utf-8").splitlines()) for page in HOW_TO}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
