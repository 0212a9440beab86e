"""Plan files: written whole or not at all, and read with the place they belong to."""

import tempfile
from pathlib import Path

from provisioner.app.planning import Planned
from provisioner.app.project import Place, open_place
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.planning.plan import Plan
from provisioner.planning.planfile import Basis, load, save


def write_plan(file: Path, planned: Planned) -> None:
    """Write a plan to a file.

    Raises:
        ProvisionerError: the file can't be written; what was there is still there.
    """
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, prefix=".plan-", delete=False
        ) as temporary:
            temporary.write(save(planned.plan, planned.basis))
        Path(temporary.name).replace(file)
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="file-unwritable",
                summary=f"{file} can't be written: {error.strerror}",
                hint="choose a folder that exists and can be written to",
            )
        ) from error


def read_plan(file: Path) -> tuple[Plan, Basis, Place]:
    """Read a plan file.

    Returns:
        The plan, what it relies on, and the project that it was made from, as far as it is here.

    Raises:
        RefusedError: it is no plan file, or was changed since it was saved.
        ProvisionerError: it can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProvisionerError(
            Diagnostic(
                code="plan-file",
                summary=f"{file} can't be read as a plan",
                hint="name a file that provisioner plan --out wrote",
            )
        ) from error
    plan, basis = load(text)
    folder = Path(basis.project)
    return plan, basis, open_place(folder if folder.is_dir() else Path())
