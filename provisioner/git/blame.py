"""Finds the last commit of each line of a file (`git blame`)."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from provisioner.documents.files.project_files import MAX_BYTES
from provisioner.documents.files.regular import read_regular
from provisioner.git.clone import Clone
from provisioner.git.command import GitError
from provisioner.planning.changes import Commit

_HEAD = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?")
"""First line of an entry of `git blame --porcelain`: commit, old line, new line."""

_SAFE = ("--no-textconv", "--porcelain")

NOT_COMMITTED = Commit("", "")
"""The commit of a line that is not committed yet."""

Blame = Mapping[int, Commit]
"""Line number to the last commit; `NOT_COMMITTED` for a line that is not committed."""


def blame_work_tree(clone: Clone, project: Path, file: str) -> Blame | None:
    """Return the last commit of each line of a file in the work tree.

    Returns:
        The commits; None if the file is not committed, or can't be read.

    Raises:
        GitError: git failed.
    """
    path = path_in_clone(clone, project, file)
    content = _content(clone, project / file, path)
    if content is None:
        return None
    return _lines(clone.read_text("blame", *_SAFE, "--contents", "-", "--", path, given=content))


def blame_commit(clone: Clone, commit: str, file: str) -> Blame:
    """Return the last commit of each line of a file as it is at a commit.

    Raises:
        GitError: git failed, or the commit has no such file.
    """
    return _lines(clone.read_text("blame", *_SAFE, commit, "--", clone.prefix + file))


def path_in_clone(clone: Clone, project: Path, file: str) -> str:
    """Return the path of a project's file in the repository, with all links resolved."""
    return os.path.relpath(os.path.realpath(project / file), clone.top)


def blob(clone: Clone, commit: str, path: str) -> bytes | None:
    """Return the content of a file at a commit, or None if it has no such file."""
    try:
        return clone.read("cat-file", "blob", f"{commit}:{path}")
    except GitError:
        return None


def made_commit(commit: str, summary: str, time: str = "") -> Commit:
    """Return a commit with a summary that can be written as UTF-8.

    Args:
        commit: its id.
        summary: the first line of its message, with surrogates for bytes that are not UTF-8.
        time: its time in UTC, such as `2026-03-02T09:00:00Z`; "" if it was not read.
    """
    readable = summary.encode(errors="surrogateescape").decode(errors="replace")
    return Commit(commit, readable, time)


def _content(clone: Clone, file: Path, path: str) -> bytes | None:
    """Return a file of the work tree with its committed line ends; None if not committed."""
    committed = blob(clone, clone.head, path)
    try:
        content = read_regular(file, MAX_BYTES)
    except OSError:
        return None
    if committed is None or b"\r\n" in committed:
        return content if committed else None
    return content.replace(b"\r\n", b"\n")


def _lines(printed: str) -> Blame:
    """Return the commits in the output of `git blame --porcelain`."""
    lines: dict[int, str] = {}
    summaries: dict[str, str] = {}
    times: dict[str, str] = {}
    commit = ""
    for line in printed.split("\n"):
        if head := _HEAD.fullmatch(line):
            commit = head[1]
            lines[int(head[2])] = commit
        elif line.startswith("summary "):
            summaries[commit] = line.removeprefix("summary ")
        elif line.startswith("committer-time "):
            times[commit] = utc_time(line.removeprefix("committer-time "))
    commits = {
        one: made_commit(one, summary, times.get(one, ""))
        if one.strip("0")
        else NOT_COMMITTED  # git gives such a line the present time
        for one, summary in summaries.items()
    }
    return {number: commits[one] for number, one in lines.items()}


def utc_time(seconds: str) -> str:
    """Return a time in UTC; "" for one that no calendar has, which a hand-made commit may have."""
    try:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return ""
