"""`--changed-since`: an account that declares something else than before is always selected."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provisioner.app.open_project import validate
from provisioner.cli.fleet import touched_accounts
from provisioner.cli.fleet.touched_accounts import TouchedAccounts
from provisioner.diagnostics import has_errors
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.fleet_reading import read_fleet
from tests.effort import examples

SETTINGS = """
targets:
  production: {url: https://acme.example, api_key: {env: KEY}}
  staging: {url: https://staging.acme.example, api_key: {env: KEY}}
default_target: production
"""
FLEETS = [
    """
    include: [common]
    accounts:
      - {name: eu, project: accounts/eu, target: production}
      - {project: "accounts/*", target: staging, include: [more]}
    """,
    """
    include: [common]
    accounts:
      - {name: eu, project: accounts/eu, target: staging, wave: 2}
      - {project: "accounts/*", include: [more]}
    """,
    """
    accounts:
      - {name: one, project: accounts/eu, include: [more, common]}
      - {name: two, project: accounts/eu, target: staging}
      - {project: "accounts/*", wave: 3}
    waves: {canary: 1}
    """,
]
CONTENTS = [
    "departments: [{name: General}]\n",
    "profiles: [{name: tier1, signature: {file: note.txt}}]\n",
    "agents: [{email: mia@acme.example, name: Mia}]\n",
    "agents: [{email: mia@acme.example, name: Mia Chen, signature: {file: note.txt}}]\n",
    "agents: [{email: bob@acme.example, name: Bob, signature: {file: targets/staging/n.txt}}]\n",
    "agents: [{email: bob@acme.example, name: Bob, signature: {file: n.txt}}]\n",
    "agents: [{email: li@acme.example, name: Li, departments: {General: {}}}]\n",
    "agents: [broken\n",
    "Regards\n",
    SETTINGS,
]
PLACES = [
    *(f"accounts/{name}/{file}" for name in ("eu", "us") for file in ("team.yaml", "note.txt")),
    "accounts/eu/targets/staging/team.yaml",
    "accounts/us/provisioner.yaml",
    "accounts/us/linked.yaml",
    *(f"common/{file}" for file in ("team.yaml", "note.txt", "targets/staging/more.yaml")),
    "common/targets/staging/n.txt",
    "common/targets/production/team.yaml",
    "more/team.yaml",
    "more/targets/production/linked.yaml",
    "library/shared.yaml",
    "library/folder/deep.yaml",
    "README.md",
]
LINKS = ["../../library/shared.yaml", "../../library/folder", "../library/shared.yaml", "../us"]

Files = Mapping[str, str]
"""Path to content; that of a link begins with `->`."""

BASE: Files = {
    "fleet.yaml": FLEETS[0],
    "accounts/eu/provisioner.yaml": SETTINGS,
    "accounts/us/provisioner.yaml": SETTINGS,
    "accounts/eu/team.yaml": CONTENTS[2],
    "accounts/us/team.yaml": CONTENTS[6],
    "common/team.yaml": CONTENTS[0],
    "common/note.txt": "Regards\n",
    "common/targets/staging/more.yaml": CONTENTS[5],
    "common/targets/staging/n.txt": "Regards\n",
    "more/team.yaml": CONTENTS[2].replace("mia", "ann"),
    "library/shared.yaml": CONTENTS[2].replace("mia", "joe"),
    "library/folder/deep.yaml": CONTENTS[2].replace("mia", "kim"),
    "accounts/us/linked.yaml": f"->{LINKS[0]}",
}

edits = st.one_of(
    st.tuples(st.sampled_from(PLACES), st.sampled_from([*CONTENTS, None])),
    st.tuples(st.sampled_from(PLACES), st.sampled_from(LINKS).map(lambda to: f"->{to}")),
    st.tuples(st.just("fleet.yaml"), st.sampled_from(FLEETS)),
)


@pytest.fixture(scope="module", autouse=True)
def without_git() -> Iterator[None]:
    """Every file is one of the repository."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(touched_accounts, "shared_files", lambda _root: lambda _path: True)
        yield


def edited(files: Files, changes: list[tuple[str, str | None]]) -> Files:
    made = {**files, **{place: content for place, content in changes if content is not None}}
    return {place: made[place] for place in made if (place, None) not in changes}


@contextmanager
def written(files: Files) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.path.realpath(name))
        (folder / ".git").symlink_to("nothing")  # the top of a repository, without one
        for place in ("common", "more", "accounts/eu", "accounts/us"):
            (folder / place).mkdir(parents=True)
        for place, content in files.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            if content.startswith("->"):
                file.symlink_to(content.removeprefix("->"))
            else:
                file.write_text(content)
        yield folder


def composed(top: Path, account: FleetAccount) -> object:
    """Return what the files declare for an account; None if they are invalid."""
    project = validate(top / account.project, lambda _path: True)
    if has_errors(project.findings):
        return None
    target = account.target or project.settings.default_target or ""
    state = project.desired_for(target)
    declared = {str(address): resource.attributes for address, resource in state.resources.items()}
    return declared, project.settings.targets.keys(), project.settings.default_target


@dataclass(frozen=True)
class Change:
    """The difference of two folders."""

    top: Path
    before: Files
    now: Files

    @property
    def files(self) -> frozenset[Path]:
        places = self.before.keys() | self.now.keys()
        return frozenset(
            self.top / one for one in places if self.before.get(one) != self.now.get(one)
        )

    def at_base(self, path: Path) -> bytes | None:
        content = self.before.get(path.relative_to(self.top).as_posix())
        return None if content is None else content.encode()


def selected(fleet: Fleet, change: Change) -> set[FleetAccount]:
    selection = TouchedAccounts(fleet, change)
    return {one for one in fleet.accounts if selection.is_touched(one)}


@settings(max_examples=examples(15))
@given(st.lists(edits, max_size=4), st.lists(edits, min_size=1, max_size=3))
@example([], [("library/shared.yaml", CONTENTS[6])])
@example([], [("common/targets/staging/more.yaml", "agents: [broken\n")])
@example(
    [("common/targets/staging/more.yaml", "agents: [broken\n")],
    [("common/targets/staging/more.yaml", None)],
)
@example([], [("fleet.yaml", FLEETS[2])])
def test_an_account_that_declares_something_else_is_selected(
    earlier: list[tuple[str, str | None]], changes: list[tuple[str, str | None]]
) -> None:
    before = edited(BASE, earlier)
    now = edited(before, changes)
    with written(before) as old, written(now) as new:
        accounts = {(one.project, one.target): one for one in read_fleet(old).accounts}
        fleet = read_fleet(new)
        differing = {
            one
            for one in fleet.accounts
            if (one.project, one.target) not in accounts or composed(old, one) != composed(new, one)
        }
        assert differing <= selected(fleet, Change(new, before, now))


def names(change: dict[str, str | None], base: Files = BASE) -> list[str]:
    """Return the selected accounts of a change."""
    now = edited(base, [*change.items()])
    with written(now) as folder:
        fleet = read_fleet(folder)
        return sorted(one.name for one in selected(fleet, Change(folder, base, now)))


LINKED = {**BASE, "common/linked": "->../library/folder"}


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"README.md": "Notes\n", "accounts/README.md": "Notes\n"}, []),
        ({"accounts/eu/new.yaml": CONTENTS[0]}, ["eu"]),
        ({"accounts/us/team.yaml": None}, ["us"]),
        ({"accounts/us/acknowledged.yaml": "[]\n"}, ["us"]),
        ({"accounts/us/team.yaml": None, "accounts/eu/us.yaml": CONTENTS[6]}, ["eu", "us"]),
        ({"more/team.yaml": CONTENTS[1]}, ["us"]),
        ({"common/note.txt": "Best regards\n"}, ["eu", "us"]),
        ({"common/unknown.bin": "\0"}, ["eu", "us"]),
        # Overlays of shared folders concern accounts with that target.
        ({"common/targets/staging/more.yaml": CONTENTS[2]}, ["us"]),
        ({"common/targets/staging/n.txt": "Best regards\n"}, ["us"]),
        ({"common/targets/production/team.yaml": CONTENTS[2]}, ["eu"]),
        # A mistake in an overlay ends the runs of all accounts that read it.
        ({"common/targets/staging/more.yaml": "agents: [broken\n"}, ["eu", "us"]),
        # Links lead to files outside of the project.
        ({"library/shared.yaml": CONTENTS[2]}, ["us"]),
        ({"library/folder/deep.yaml": CONTENTS[2]}, []),
        # The file of the fleet.
        ({"fleet.yaml": FLEETS[0] + "    waves: {canary: 1}\n"}, []),
        ({"fleet.yaml": FLEETS[0].replace("production}", "production, wave: 3}")}, []),
        ({"fleet.yaml": FLEETS[0].replace("production}", "staging}")}, ["eu"]),
        ({"fleet.yaml": FLEETS[0].replace("name: eu", "name: europe")}, ["europe"]),
        ({"fleet.yaml": FLEETS[0].replace("[more]", "[]")}, ["us"]),
        ({"fleet.yaml": FLEETS[0].replace("[common]", "[common, library]")}, ["eu", "us"]),
    ],
)
def test_only_accounts_that_a_change_can_touch_are_selected(
    change: dict[str, str | None], touched: list[str]
) -> None:
    assert names(change) == touched


def test_a_file_of_an_overlay_that_other_files_name_concerns_all_targets() -> None:
    base = {**BASE, "common/named.yaml": CONTENTS[4]}
    assert names({"common/targets/staging/n.txt": "Best regards\n"}, base) == ["eu", "us"]


def test_a_link_in_a_shared_folder_leads_to_all_its_accounts() -> None:
    assert names({"library/folder/deep.yaml": CONTENTS[2]}, LINKED) == ["eu", "us"]
    assert names({"fleet.yaml": FLEETS[0]}, {**BASE, "fleet.yaml": "accounts: [broken"}) == [
        "eu",
        "us",
    ]
