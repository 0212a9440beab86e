"""PATH/.provisioner: what runs leave behind, which git is told to ignore."""

from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError

FOLDER = ".provisioner"


def workspace(root: Path) -> Path:
    """Return the folder for what runs leave behind, made where it is missing.

    Raises:
        ProvisionerError: it can't be made.
    """
    folder = root / FOLDER
    ignore = folder / ".gitignore"
    try:
        folder.mkdir(exist_ok=True)
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="file-unwritable",
                summary=f"{folder} can't be written: {error.strerror}",
                hint="runs keep their records there; allow writing to the project's folder",
            )
        ) from error
    return folder
