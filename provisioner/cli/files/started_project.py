"""Adds the files of a new project to a folder that may have other files; none is overwritten."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from provisioner.app.open_project import validate
from provisioner.cli.files.new_project import unwritable
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError, has_errors
from provisioner.documents.files.boundary import Boundary
from provisioner.documents.files.project_files import CONFIG_NAME, discover
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.git import shared_files


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
    boundary = Boundary(root)
    if outside := [name for name in names if not boundary.contains(root / name)]:
        raise ProvisionerError(
            Diagnostic(
                code="link-outside",
                summary=f"{', '.join(outside)} would be outside of {root}, behind a link",
                hint="remove the link, or choose another folder",
            )
        )


def without_other_tools(root: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a new project, with YAML files of other tools excluded in its settings.

    Args:
        root: the folder of the project, with the files of other tools.
        files: path in the project to content.
    """
    others = (
        [file for file in discover(root)[0] if not file.seems_to_declare] if root.exists() else []
    )
    if not others:
        return dict(files)
    section = write_yaml({"exclude": [file.name for file in others]})
    comment = "\n# YAML files of other tools, which are not read.\n"
    return {**files, CONFIG_NAME: files[CONFIG_NAME] + (comment + section).encode()}


def write_started(root: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a new project, all or none.

    Raises:
        InvalidProjectError: the folder would hold a project with errors.
        ProvisionerError: a file is already there, or can't be written.
    """
    refuse_existing(root, [*files])
    _check(root, files)
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
