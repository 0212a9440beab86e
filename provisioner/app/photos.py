"""The photos that a plan uploads."""

from pathlib import Path

from provisioner.diagnostics import Diagnostic, InvalidProjectError
from provisioner.documents.files.attachments import Attachment, load_photo
from provisioner.model.desired import DesiredState
from provisioner.planning.changes import Action, Change


def photos_to_upload(
    root: Path, desired: DesiredState, changes: tuple[Change, ...]
) -> dict[str, Attachment]:
    """Return the photos that a plan uploads, by digest.

    Raises:
        InvalidProjectError: a file has changed since the project was read.
    """
    after = [change.after or {} for change in changes if change.action is not Action.NO_OP]
    attachments = {}
    for digest in sorted({values.get("photo", "") for values in after} & desired.photos.keys()):
        photo = desired.photos[digest]
        file = load_photo(root, photo)
        if file is None:
            raise InvalidProjectError(
                Diagnostic(
                    code="attachment-changed",
                    summary=f"{photo.file} changed while the plan was made",
                    hint="run again",
                )
            )
        attachments[digest] = file
    return attachments
