"""Files that hold what is true of people: whole or not there, and their owner's alone."""

import os
import tempfile
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read.

    Raises:
        ProvisionerError: it can't be written; what was there is still there.
    """
    try:
        with tempfile.NamedTemporaryFile(
            dir=file.parent, prefix=".provisioner-", delete=False
        ) as temporary:
            try:
                temporary.write(content)
                temporary.flush()
                os.fsync(temporary.fileno())
                Path(temporary.name).replace(file)
            except BaseException:  # Ctrl-C, too, must leave nothing behind
                Path(temporary.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="file-unwritable",
                summary=f"{file} can't be written: {error.strerror}",
                hint="choose a folder that exists and can be written to",
            )
        ) from error
