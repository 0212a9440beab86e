"""Commits of the files: of a plan, for reports and links to lines, and of two compared versions."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from provisioner.documents.schema.shapes import flag, pattern, record

FILE, LINE = "{file}", "{line}"
"""Placeholders in the pattern of the address of a line."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The commit of a plan's files. It is a fact about the files, and never the time of the plan.

    Attributes:
        commit: its id; "" if it is not known.
        day: its day in UTC, such as `2026-03-02`; "" if it is not known.
        changed: whether files of the project differ from the commit.
        pipeline: the commit that the pipeline runs for, where git has checked out another one.
        web: the address of the commit for a browser; "" if it is not known.
        lines: the pattern of the address of a line, with `{file}` and `{line}`; "" if not known.
    """

    commit: str = ""
    day: str = ""
    changed: bool = False
    pipeline: str = ""
    web: str = ""
    lines: str = ""

    def line_url(self, file: str, line: int) -> str:
        """Return the address of a line of the project; "" if the commit may have another line."""
        if not self.lines or self.changed:
            return ""
        return self.lines.replace(FILE, quote(file)).replace(LINE, str(line))

    def as_data(self) -> dict[str, Any]:
        """Return the revision as data of a plan file."""
        return asdict(self)


UNKNOWN = Revision()
"""The revision of files outside of git and of pipelines."""

_COMMIT = pattern("[0-9a-f]{7,64}|", "a commit")
_URL = pattern(r"https://[^\s<>\"'`|()\\]{1,2000}|", "an https address")

REVISION = record(
    {
        "commit": _COMMIT,
        "day": pattern(r"\d{4}-\d\d-\d\d|", "a day"),
        "changed": flag,
        "pipeline": _COMMIT,
        "web": _URL,
        "lines": _URL,
    },
    closed=True,
)
"""The shape of a revision in a plan file."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the files.

    Attributes:
        ref: the commit, branch or tag as the user wrote it; "" for the files of the work tree.
        commit: id of its commit; "" if there is no repository.
    """

    ref: str = ""
    commit: str = ""

    def as_data(self) -> dict[str, str]:
        """Return it as JSON data."""
        return {"ref": self.ref, "commit": self.commit}


@dataclass(frozen=True, slots=True)
class Versions:
    """Two revisions of a project that are compared with each other, without an account."""

    before: Version
    after: Version

    def as_data(self) -> dict[str, Any]:
        """Return them as JSON data."""
        return {"before": self.before.as_data(), "after": self.after.as_data()}
