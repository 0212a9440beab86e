"""Ways in which a repository can name a program, each with a git command that runs it.

A trap's program leaves a mark when it runs. `fires` is an ordinary git command that springs the
trap, which proves that the trap works; it is empty where that would take a network or a terminal.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.repository import SETTINGS, Repository

LOST = "71b5174171142fed3f174f65b92b94b059d3ecf2"
"""The id of lost.yaml, which a clone lacks for the traps that fetch it."""

TEAM = "agents:\n  - email: mia@acme.example\n    name: Mia\n"


@dataclass(frozen=True)
class Trap:
    """A part of a repository's configuration that names a program as `{run}`."""

    name: str
    config: str
    fires: tuple[str, ...] = ()


ATTRIBUTES = "*.yaml filter=x diff=x merge=x\n"

_PARTIAL = '[extensions]\npartialClone = origin\n[remote "origin"]\npromisor = true\n'
_SHOW = ("cat-file", "-p", "HEAD:./lost.yaml")

TRAPS = (
    Trap("fsmonitor", '[core]\nfsmonitor = "{run}"', ("status",)),
    Trap("hooks path", '[core]\nhooksPath = "{hooks}"', ("checkout", "-f", "HEAD")),
    Trap("hooks", "", ("checkout", "-f", "HEAD")),
    Trap("clean", '[filter "x"]\nclean = "{run}"', ("hash-object", "--path=a.yaml", "{file}")),
    Trap("smudge", '[filter "x"]\nsmudge = "{run}"', ("cat-file", "--filters", "HEAD:./team.yaml")),
    Trap("process", '[filter "x"]\nprocess = "{run}"', ("checkout-index", "-f", "-a")),
    Trap("textconv", '[diff "x"]\ntextconv = "{run}"', ("log", "-p")),
    Trap("blame textconv", '[diff "x"]\ntextconv = "{run}"', ("blame", "team.yaml")),
    Trap("diff driver", '[diff "x"]\ncommand = "{run}"', ("log", "-p", "--ext-diff")),
    Trap("external diff", '[diff]\nexternal = "{run}"', ("diff", "HEAD~1")),
    Trap("include", '[include]\npath = "{more}"', ("status",)),
    Trap("editor", '[core]\neditor = "{run}"', ("commit", "--amend", "--allow-empty")),
    Trap("ssh", '[core]\nsshCommand = "{run}"', ("fetch", "ssh://acme.example/x")),
    Trap("signature", '[log]\nshowSignature = true\n[gpg]\nprogram = "{run}"', ("log",)),
    Trap(
        "lazy fetch by a helper",
        f'{_PARTIAL}url = "ext::{{run}} x"\n[protocol "ext"]\nallow = always',
        _SHOW,
    ),
    Trap("lazy fetch by a program", f'{_PARTIAL}url = {{objects}}\nuploadpack = "{{run}}"', _SHOW),
    Trap("alternate refs", '[core]\nalternateRefsCommand = "{run}"'),
    Trap("pager", '[core]\npager = "{run}"\n[pager]\nlog = true\nblame = true\nconfig = "{run}"'),
    Trap("ask for a password", '[core]\naskPass = "{run}"'),
    Trap("credentials", '[credential]\nhelper = "!{run}"'),
    Trap("merge driver", '[merge "x"]\ndriver = "{run}"'),
    Trap("proxy", '[core]\ngitProxy = "{run}"'),
    Trap("alias", '[alias]\nblame = "!{run}"\nrev-parse = "!{run}"\nls-files = "!{run}"'),
    Trap("ignored revisions", '[blame]\nignoreRevsFile = "{pipe}"'),
    Trap("packing", '[uploadpack]\npackObjectsHook = "{run}"\n[gc]\nrecentObjectsHook = "{run}"'),
    Trap("work tree", "[core]\nworktree = /"),
)


@dataclass(frozen=True)
class Trapped:
    """A project in a subfolder of a clone, and the mark of the programs that a trap runs."""

    clone: Repository
    project: Path
    mark: Path

    def fire(self, trap: Trap) -> None:
        """Run the git command that triggers a trap."""
        arguments = [word.format(file=self.project / "team.yaml") for word in trap.fires]
        subprocess.run(
            ["git", "-C", str(self.project), *arguments],
            env={**os.environ, **SETTINGS},
            capture_output=True,
            check=False,
            timeout=60,
        )


def set_trap(folder: Path, *traps: Trap, embedded: bool) -> Trapped:
    """Make a clone with programs in its configuration.

    Args:
        folder: where to.
        traps: what the configuration holds.
        embedded: whether it is the configuration of a bare repository that a branch commits into
            the project's folder; else it is the clone's own.
    """
    clone = Repository.copied(_outer if embedded else _signed, folder / "clone")
    trapped = Trapped(clone, clone.folder / "team", folder / "mark")
    if embedded:
        _arm(folder, _embed(folder, trapped.project), trapped, traps)
        clone.commit("Innocent")
    else:
        (clone.folder / ".git/info").mkdir(exist_ok=True)
        (clone.folder / ".git/info/attributes").write_text(ATTRIBUTES)
        _arm(folder, clone.folder / ".git", trapped, traps)
    if any(trap.fires == _SHOW for trap in traps):
        for objects in (clone.folder / ".git/objects", trapped.project / "objects"):
            (objects / LOST[:2] / LOST[2:]).unlink(missing_ok=True)
    return trapped


def _outer(clone: Repository) -> None:
    clone.commit("Begin", "team", team=TEAM, lost="departments: [{name: Lost}]")
    clone.branch("change")
    files = {"team": TEAM.replace("name: Mia", "name: Mia Chen")}
    clone.commit("Change", "team", **files)


def _signed(clone: Repository) -> None:
    _outer(clone)
    _sign(clone)


def _inner(repository: Repository) -> None:
    repository.commit("Begin", team=TEAM, lost="departments: [{name: Lost}]")
    repository.branch("change")
    repository.commit("Change", team=TEAM.replace("Mia", "Max"))
    _sign(repository)


def _embed(folder: Path, project: Path) -> Path:
    """Put a repository with the project's files, two commits and the branch main into a folder."""
    inner = Repository.copied(_inner, folder / "inner")
    for part in ("HEAD", "objects", "refs", "index"):
        (inner.folder / ".git" / part).rename(project / part)
    (project / "refs/tags/.keep").touch()
    (project / ".gitattributes").write_text(ATTRIBUTES)
    return project


def _sign(repository: Repository) -> None:
    """Add a signature to the checked out commit, which git verifies with a program."""
    text = repository.git("cat-file", "commit", "HEAD")
    head, _, message = text.partition("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n"
    file = repository.folder / "signed"
    file.write_text(f"{signed}\n{message}\n")
    commit = repository.git("hash-object", "-t", "commit", "-w", str(file))
    file.unlink()
    repository.git("update-ref", "HEAD", commit)


def _arm(folder: Path, git_folder: Path, trapped: Trapped, traps: tuple[Trap, ...]) -> None:
    run, more = folder / "run", folder / "more"
    run.write_text(f"#!/bin/sh\nenv >> '{trapped.mark}'\nexit 1\n")
    run.chmod(0o755)
    more.write_text(f'[core]\nfsmonitor = "{run}"\n')
    hooks = git_folder / "hooks"
    for where in (hooks, folder / "hooks"):
        where.mkdir(exist_ok=True)
        for hook in ("post-checkout", "post-index-change", "reference-transaction"):
            (where / hook).write_bytes(run.read_bytes())
            (where / hook).chmod(0o755)
    names = {
        "run": run,
        "more": more,
        "hooks": folder / "hooks",
        "objects": folder / "elsewhere",
        "pipe": folder / "pipe",
    }
    config = "".join(trap.config.format(**names) + "\n" for trap in traps)
    tree = "worktree = .\n" if git_folder == trapped.project else ""
    core = f"[core]\nrepositoryformatversion = 1\nbare = false\n{tree}"
    (git_folder / "config").write_text(core + config)
