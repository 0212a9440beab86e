"""The photos that a plan uploads, and those that people have already set in the panel."""

from dataclasses import replace
from pathlib import Path

from provisioner.app.comparison import Comparison
from provisioner.diagnostics import Diagnostic, InvalidProjectError
from provisioner.documents.files.attachments import Attachment, load_photo
from provisioner.live.reader_protocol import Reader
from provisioner.model.desired import DesiredState
from provisioner.planning.changes import Action, Change

_PHOTO = "photo"

_OTHER_PICTURE = "the account shows another picture, or this one in another form: compare them"


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


def without_set_photos(comparison: Comparison, reader: Reader) -> Comparison:
    """Return a comparison without the steps for photos that the account shows byte for byte.

    Another picture is no evidence: it may be the former photo, or this one in another size.

    Args:
        comparison: the comparison of the project with the account; its manual steps have their
            acknowledgements.
        reader: reads the pictures for the open steps.
    """
    live = comparison.live
    agents = {
        step.id: live.objects[step.address.identity]
        for step in comparison.steps
        if step.section == _PHOTO and step.open and step.address.identity in live.objects
    }
    if not agents:
        return comparison
    pictures = reader.read_photos(agents.values())
    remaining = []
    for step in comparison.steps:
        shown = pictures.get(agents[step.id].id, "") if step.id in agents else ""
        if not shown or shown != step.values[_PHOTO]:
            remaining.append(replace(step, hint=_OTHER_PICTURE) if shown else step)
    live = replace(live, requests=live.requests + len(pictures))
    return replace(comparison, live=live, steps=tuple(remaining))
