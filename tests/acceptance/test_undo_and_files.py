"""An undo knows whether the files still declare what it takes back."""

from pathlib import Path

import pytest

from tests.support import Account, changes, write_project

MIA = "{email: mia@acme.example, name: Mia, alias: M, departments: {Support: {chats: true}}}"
BOB = "{email: bob@acme.example, name: Bob}"
START = f"""
    departments: [{{name: Support}}]
    agents:
      - {MIA}
      - {BOB}
"""
EDITED = START.replace("alias: M", "alias: Mimi").replace(
    BOB, "{email: eve@acme.example, name: Eve}"
)
NO_LONGER = "The files no longer declare what is undone"
RENAMED = START.replace("bob@", "rob@").replace(
    "name: Bob", "name: Bob, previously: bob@acme.example"
)


@pytest.mark.parametrize(
    ("run", "now", "named"),
    [
        (EDITED, EDITED, ["eve@", "mia@"]),
        (EDITED, START, []),
        (EDITED, START.replace("alias: M", "alias: Other"), ["mia@"]),
        (EDITED, EDITED.replace("alias: Mimi, ", ""), ["eve@"]),
        (EDITED, EDITED.replace("name: Mia", "name: New"), ["eve@", "mia@"]),
        (RENAMED, RENAMED, ["bob@"]),
        (RENAMED, START, []),
        (START.replace(BOB, "{email: bob@acme.example, state: absent}"), START, []),
        (*(START.replace(BOB, "{email: bob@acme.example, state: absent}"),) * 2, ["bob@"]),
    ],
)
def test_what_the_next_apply_would_do_again(
    live: Account, tmp_path: Path, run: str, now: str, named: list[str]
) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.apply(project)
    write_project(project, team=run)
    live.apply(project)
    write_project(project, team=now)
    before = len(live.server.requests.entries())
    shown = live.run("undo", "2", str(project)).stderr
    assert {entry.method for entry in live.server.requests.entries()[before:]} <= {"GET", "HEAD"}
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    addresses = ", ".join(f"agent/{one}acme.example" for one in named)
    note = f"still declare what is undone: {addresses}. Change them" if named else NO_LONGER
    for output in (shown, done.stderr):
        assert output.count(note) == 1
    again = {address for address in changes(live.plan(project)) if address.startswith("agent/")}
    renamed = {one.replace("rob@", "bob@") for one in again}
    assert {f"agent/{one}acme.example" for one in named} <= renamed
    assert named or not again


def test_files_with_errors_are_no_obstacle(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.apply(project)
    write_project(project, team="agents: [{email: mia}]")
    done = live.run("undo", "1", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert "The files have errors" in done.stderr
