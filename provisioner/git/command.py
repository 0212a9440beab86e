"""Starts git. No other module does.

A repository can name programs in its configuration, and a branch can add a folder that git accepts
as a repository. Therefore git gets fixed settings and only a few known environment variables: no
API key, no token of a pipeline, nothing that changes its behaviour. Every call has a time limit.

`run_remote` is for the shared lock alone. It needs the credentials of the user, so it uses the
settings of the user and the machine, in a repository of its own.
"""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT_SECONDS = 120

_SETTINGS = (
    "safe.bareRepository=explicit",
    # Empty instead of false: versions before 2.36 read any word as the name of a program.
    "core.fsmonitor=",
    "core.untrackedCache=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.alternateRefsCommand=",
    "core.askPass=",
    "credential.helper=",
    "protocol.allow=never",
    "submodule.recurse=false",
)

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    # A partial clone would start a program from its configuration to fetch missing objects.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": ":",
    "GIT_SSH_COMMAND": ":",
    "GIT_EDITOR": ":",
    "GIT_PAGER": "cat",
}

_PASSED_ON = ("TMPDIR", "SUDO_UID")
"""Variables that git may see. SUDO_UID lets git trust repositories of the user of sudo."""

_USER = ("HOME", "XDG_CONFIG_HOME")
"""Variables that lead git to the settings of the user, besides GIT_CONFIG_…"""


_REMOTE_SETTINGS = (
    "safe.bareRepository=explicit",
    f"core.hooksPath={os.devnull}",
    "push.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
)

_REMOTE_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "https:ssh:file",
    "GIT_TERMINAL_PROMPT": "0",
    **{
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "provisioner"), ("EMAIL", "provisioner@localhost"))
    },
}

_REMOTE_PASSED_ON = (
    *("HOME", "XDG_CONFIG_HOME", "USER", "LOGNAME", "TMPDIR"),
    *("SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS"),
    *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "GIT_SSL_CAINFO", "SSL_CERT_FILE"),
)
"""Variables that git may see for the shared lock, besides GIT_CONFIG_…"""


class GitError(Exception):
    """Git failed.

    Attributes:
        hint: what to do if the repository belongs to another user; "" for other errors.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def run(top: Path, *arguments: str, more: Mapping[str, str], given: bytes = b"") -> bytes:
    """Run git in a folder and return what it prints.

    Args:
        top: root of the work tree. A program inside of it is never started as git.
        arguments: arguments of git. A ref must follow `--end-of-options`, a path `--`.
        more: more environment variables, such as HOME.
        given: standard input of git.

    Raises:
        GitError: git is not installed, failed, or took too long.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment = {**passed_on, **_ENVIRONMENT, **more}
    return _run(top, top, _SETTINGS, arguments, environment, given)


def run_remote(folder: Path, top: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in an own repository, with the user's settings and access to remotes.

    `top` and `arguments` are as for `run`.

    Raises:
        GitError: git is not installed, failed, or took too long.
    """
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if name in _REMOTE_PASSED_ON or name.startswith("GIT_CONFIG_")
    }
    environment = {**passed_on, **_REMOTE_ENVIRONMENT, "GIT_DIR": str(folder)}
    return _run(folder, top, _REMOTE_SETTINGS, arguments, environment, given)


def _run(
    folder: Path,
    top: Path,
    fixed: Sequence[str],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    given: bytes,
) -> bytes:
    # Imported here: most commands start no git.
    import shutil  # noqa: PLC0415
    import subprocess  # noqa: PLC0415

    path = _search_path(top)
    program = shutil.which("git", path=path)
    if program is None:
        raise GitError("git is not installed, or not to be found")
    settings = [word for setting in fixed for word in ("-c", setting)]
    try:
        done = subprocess.run(  # noqa: S603  no shell, and refs and paths are marked as such
            [program, "-C", str(folder), "--no-pager", *settings, *arguments],
            env={**environment, "PATH": path},
            input=given,
            capture_output=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git {arguments[0]} took longer than {TIMEOUT_SECONDS} s") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
        raise GitError(f"git can't be started: {error}") from error
    if done.returncode:
        text = done.stderr.decode(errors="replace").strip()
        reason = text.split("\n")[0].removeprefix("fatal: ")
        raise GitError(f"git failed: {reason}", _trust(top) if "safe.directory" in text else "")
    return done.stdout


def safe_directories(top: Path) -> tuple[str, ...]:
    """Return the values of `safe.directory` in the settings of user and machine, in git's order.

    Git accepts `safe.directory` only from these settings. No other setting is used.
    """
    # With this folder as repository, git reads no settings of a real one.
    more = {**_user_settings(), "GIT_DIR": os.devnull}
    arguments = ("config", "--includes", "--type=path", "-z", "--get-all", "safe.directory")
    try:
        printed = run(top, *arguments, more=more)
    except GitError:  # there are none
        return ()
    return tuple(printed.decode(errors="surrogateescape").split("\0")[:-1])


def user_email(top: Path) -> str:
    """Return `user.email` of git in a folder, or "".

    The settings of the repository count, too, as they do for a commit. Reading one starts no
    program.
    """
    try:
        printed = run(top, "config", "--includes", "--get", "user.email", more=_user_settings())
    except GitError:  # there is none
        return ""
    return printed.decode(errors="replace").strip()


def _user_settings() -> dict[str, str]:
    """Return the environment in which git reads the settings of user and machine."""
    named = {
        name: value
        for name, value in os.environ.items()
        if name in _USER or name.startswith("GIT_CONFIG_")
    }
    return {"GIT_CONFIG_NOSYSTEM": "0", **named}


def _trust(top: Path) -> str:
    return (
        "the repository belongs to another user, as it does in container jobs; if you trust it: "
        f"git config --global --add safe.directory {shlex.quote(str(top))}"
    )


def _search_path(top: Path) -> str:
    """Return PATH without relative folders and folders inside of the repository."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(
        folder
        for folder in folders
        if Path(folder).is_absolute() and not Path(folder).resolve().is_relative_to(top)
    )
