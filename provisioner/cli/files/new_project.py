"""Writes the files of a new project, with its pipelines: all of them or none.

No existing file is overwritten.
"""

import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from provisioner.app.open_project import validate
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError, has_errors
from provisioner.documents.files.boundary import Boundary
from provisioner.documents.files.project_files import CONFIG_NAME, discover
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.git.checkout import shared_files

_WITHOUT_MEANING = ("readme", "license", "licence", "copying", "changelog", "codeowners")
"""Names, without ending, of files that a new repository may have before a project is in it."""


def content_of(folder: Path) -> list[str]:
    """Return the names of the files in a folder that are its content, sorted.

    Files of other tools, such as `.git` and `.github`, and the first files of a repository, such as
    README.md and LICENSE, are no content.

    Raises:
        ProvisionerError: it can't be read, or is no folder.
    """
    try:
        if not os.path.lexists(folder):
            return []
        return sorted(entry.name for entry in folder.iterdir() if _has_meaning(entry))
    except NotADirectoryError as error:
        raise _refused(f"{folder} is no folder") from error
    except OSError as error:
        raise unwritable(error, folder) from error


def refuse_content(folder: Path) -> None:
    """Refuse a folder with content.

    Raises:
        ProvisionerError: it has content, or is no folder.
    """
    if content := content_of(folder):
        shown = ", ".join(content[:3]) + (", …" if len(content) > 3 else "")
        raise _refused(f"{folder} is no empty folder: it has {shown}")


def _refused(problem: str) -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="file-exists",
            summary=problem,
            hint="choose another folder, or add --merge to write what differs into the project "
            "there",
        )
    )


def _has_meaning(entry: Path) -> bool:
    name = entry.name.lower()
    return not (name.startswith(".") or name.partition(".")[0] in _WITHOUT_MEANING)


def write_new_project(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files in one step, so that nobody can take a part of them for the whole.

    Raises:
        ProvisionerError: the files can't be written.
    """
    try:
        parent = folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=parent) as temporary:
            complete = Path(temporary, "project")
            for name, content in files.items():
                file = complete / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            if folder.exists():
                # Not replaced: it may be the current folder of a shell.
                for entry in complete.iterdir():
                    entry.rename(folder / entry.name)
            else:
                complete.rename(folder)
    except OSError as error:
        raise unwritable(error, folder) from error


def unwritable(error: OSError, folder: Path) -> ProvisionerError:
    """Return the error that a folder can't be written."""
    return ProvisionerError(
        Diagnostic(
            code="file-unwritable",
            summary=f"{error.filename or folder}: {error.strerror}",
            hint="choose a folder that can be written to",
        )
    )


def refuse_existing(root: Path, names: list[str]) -> None:
    """Refuse to start a project where one of its files is already there.

    Raises:
        ProvisionerError: a file exists, or would be outside of the folder behind a link.
    """
    if existing := [name for name in names if os.path.lexists(root / name)]:
        raise ProvisionerError(
            Diagnostic(
                code="file-exists",
                summary=f"{', '.join(existing)} already there",
                hint="choose another folder; init overwrites no file",
            )
        )
    refuse_outside(root, names)


def refuse_outside(root: Path, names: Iterable[str]) -> None:
    """Refuse to write files that would be outside of a project's folder.

    Raises:
        ProvisionerError: a file would be outside of the folder behind a link.
    """
    boundary = Boundary(root)
    if outside := [name for name in names if not boundary.contains(root / name)]:
        raise ProvisionerError(
            Diagnostic(
                code="link-outside",
                summary=f"{', '.join(outside)} would be outside of {root}, behind a link",
                hint="remove the link, or choose another folder",
            )
        )


def without_other_tools(
    root: Path, files: Mapping[str, bytes], pipelines: Iterable[str] = ()
) -> dict[str, bytes]:
    """Return the files of a new project; its settings exclude YAML files of other tools.

    `pipelines` are the names of the pipelines that are written with it.
    """
    found = discover(root)[0] if root.exists() else ()
    others = [file.name for file in found if not file.seems_to_declare]
    others += [name for name in pipelines if name.endswith(".yml") and not name.startswith(".")]
    if not others:
        return dict(files)
    section = write_yaml({"exclude": sorted(others)})
    comment = "\n# YAML files of other tools, which are not read.\n"
    return {**files, CONFIG_NAME: files[CONFIG_NAME] + (comment + section).encode()}


def write_started(
    root: Path, files: Mapping[str, bytes], top: Path, pipelines: Mapping[str, bytes]
) -> None:
    """Write the files of a new project, and pipelines at the top of its repository, all or none.

    Raises:
        InvalidProjectError: the folder would hold a project with errors.
        ProvisionerError: a file is already there, or can't be written.
    """
    refuse_existing(root, [*files])
    refuse_existing(top, [*pipelines])
    _check(root, files)
    below = Path(os.path.realpath(root)).relative_to(os.path.realpath(top))
    write_all_or_none(top, {f"{below / name}": files[name] for name in files} | {**pipelines})


def write_all_or_none(root: Path, files: Mapping[str, bytes]) -> None:
    """Write new files into a folder, all or none.

    Raises:
        ProvisionerError: one can't be written.
    """
    written: list[Path] = []
    made: list[Path] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            for folder in reversed((root / name).relative_to(root).parents[:-1]):
                if not (root / folder).is_dir():
                    (root / folder).mkdir()
                    made.append(root / folder)
            with (root / name).open("xb") as file:
                written.append(root / name)
                file.write(content)
    except BaseException as error:  # Ctrl-C, too, must leave nothing behind
        for path in written:
            path.unlink(missing_ok=True)
        for path in reversed(made):
            path.rmdir()
        if isinstance(error, OSError):
            raise unwritable(error, root) from error
        raise


def _check(root: Path, files: Mapping[str, bytes]) -> None:
    """Check the project as it would be, together with the files that are already there."""
    own = {name: content for name, content in files.items() if not name.startswith(".")}
    with tempfile.TemporaryDirectory() as empty:
        folder = root if root.exists() else Path(empty)
        findings = validate(folder, shared_files(folder), own).findings
    if has_errors(findings):
        raise InvalidProjectError(*findings)


_PACKAGE = "provisioner.pipelines"

_TARGET = re.compile(
    r"""^(\ *(?:(?:PROVISIONER_)?TARGET:\ |export\ TARGET=|TARGET\ =\ ))('?)production\2$""",
    re.MULTILINE | re.VERBOSE,
)
"""The line of a pipeline that names the target: of YAML, of a shell, or of a Jenkinsfile."""

_PROJECT = re.compile(
    r"""^(\ *(?:(?:PROVISIONER_)?PROJECT:\ |export\ PROJECT=|PROJECT\ =\ ))('?)\.\2(?=\ |$)""",
    re.MULTILINE | re.VERBOSE,
)
"""The line of a pipeline that names the folder of the project."""

_KEY_VARIABLE = "LIVEAGENT_V3_API_KEY"
"""The variable and secret with the API key in the pipelines."""

PLATFORMS = {
    "github": ".github/workflows/",
    "gitlab": "",
    "bitbucket": "",
    "azure": ".azure/",
    "jenkins": "",
    "forgejo": ".forgejo/workflows/",
}
"""Mapping from platform to the folder of its pipelines in a repository."""


def fleet_pipeline_files(platform: str) -> dict[str, bytes]:
    """Return the pipelines of a platform for a fleet, by path; empty if there are none."""
    folder = files(_PACKAGE) / f"{platform}-fleet"
    contents = sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else ()
    return {PLATFORMS[platform] + file.name: file.read_bytes() for file in contents}


def pipeline_files(
    platform: str, target: str, key_variable: str, project: str = "."
) -> dict[str, bytes]:
    """Return the pipelines of a platform: path from the top of the repository to content.

    Args:
        platform: a key of `PLATFORMS`.
        target: the target that they plan and apply.
        key_variable: the environment variable, and secret, with its API key.
        project: the folder of the project, from the top of the repository.
    """
    contents = {}
    for file in sorted((files(_PACKAGE) / platform).iterdir(), key=lambda file: file.name):
        text = file.read_text("utf-8").replace(_KEY_VARIABLE, key_variable)
        if target != "production":
            text = _TARGET.sub(lambda line: line[1] + _quoted(target, line[1]), text)
        if project != ".":
            text = _PROJECT.sub(lambda line: line[1] + _quoted(project, line[1]), text)
        contents[PLATFORMS[platform] + file.name] = text.encode()
    return contents


def _quoted(name: str, before: str) -> str:
    """Return a name as a text of the language of its line."""
    if before.endswith(": "):
        return json.dumps(name)
    if before.endswith("="):
        return shlex.quote(name)
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
