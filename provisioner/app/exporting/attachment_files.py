"""Moves photos and signatures into files, so that the project has each signature once.

A signature of one agent or profile stays inside the YAML if it reads well there. One that several
entries have, a long one and one with odd line breaks get a file.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from provisioner.app.exporting.file_names import Slugs, slug
from provisioner.documents.files.attachments import photo_ending, text_content
from provisioner.documents.yaml.yaml_writer import write_text_block
from provisioner.live.state import LiveObject

LONGEST_INLINE = 1000
"""Most characters of a signature inside the YAML; a longer one gets a file."""

FOLDER = "agents/"
"""The folder of agents, their photos and their signatures."""

SIGNATURES = f"{FOLDER}signatures/"
PHOTOS = f"{FOLDER}photos/"


def signature_holders(item: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the mappings of an entry with a signature, each with its department; "" for none."""
    memberships = item.get("departments", {})
    for holder, department in ((item, ""), *((memberships[name], name) for name in memberships)):
        if isinstance(holder.get("signature"), str):
            yield holder, department


class SignatureFiles:
    """Gives files to signatures.

    Attributes:
        files: path in the project to content.
    """

    def __init__(
        self, entries: Iterable[tuple[dict[str, Any], str]], taken: Iterable[str] = ()
    ) -> None:
        """Count the signatures of all entries.

        Args:
            entries: the entries of agents and profiles, each with its team: the agent's main
                department, or the profile's name.
            taken: the names of files that the project has.
        """
        self.files: dict[str, bytes] = {}
        self._teams: dict[str, list[str]] = {}
        for item, team in entries:
            for holder, department in signature_holders(item):
                self._teams.setdefault(holder["signature"], []).append(slug(department or team))
        self._paths: dict[str, str] = {}
        self._slugs = Slugs(*_names(taken, SIGNATURES))

    def move(self, item: dict[str, Any], file: str, owner: str) -> None:
        """Replace signatures of an entry by references to files, where they need one.

        Args:
            item: the entry, which is changed.
            file: the path of its YAML file in the project.
            owner: the name of the entry, for a file that only this entry uses.
        """
        for holder, department in signature_holders(item):
            text = holder["signature"]
            is_shared = len(self._teams[text]) > 1
            content = text_content(text)
            if content is None or not (is_shared or _reads_badly(text)):
                continue
            if text not in self._paths:
                name = self._shared_name(text) if is_shared else f"{owner} {department}"
                self._paths[text] = f"{SIGNATURES}{self._slugs.of(name)}.txt"
                self.files[self._paths[text]] = content
            holder["signature"] = {"file": relative(self._paths[text], file)}

    def _shared_name(self, text: str) -> str:
        teams = {*self._teams[text]}
        last_line = slug(text.rstrip().rpartition("\n")[2])
        return (teams.pop() if len(teams) == 1 else "") or last_line or "shared"


def _names(files: Iterable[str], folder: str) -> Iterator[str]:
    """Yield the names, without ending, of files in a folder."""
    for file in files:
        if file.startswith(folder):
            yield file.removeprefix(folder).rpartition(".")[0].lower()


def _reads_badly(text: str) -> bool:
    is_block = "\n" not in text or bool(write_text_block(text, 2))
    return len(text) > LONGEST_INLINE or not is_block


def relative(path: str, file: str) -> str:
    """Return a path in the project as a file of the project names it."""
    return Path(os.path.relpath(path, Path(file).parent)).as_posix()


class PhotoFiles:
    """Gives files to photos.

    Attributes:
        files: path in the project to content.
    """

    def __init__(self, photo_of: Callable[[LiveObject], bytes], taken: Iterable[str] = ()) -> None:
        """Start without files."""
        self.files: dict[str, bytes] = {}
        self._photo_of = photo_of
        self._photos: dict[str, bytes] = {}
        self._slugs = Slugs(*_names(taken, PHOTOS))

    def move(self, existing: LiveObject, item: dict[str, Any], file: str) -> list[str]:
        """Replace the photo of an agent by the reference to a file.

        Args:
            existing: the agent.
            item: its entry, which is changed.
            file: the path of its YAML file in the project.

        Returns:
            A remark if the photo can't be declared.
        """
        if "photo" not in item:
            return []
        content = self._photo(item["photo"], existing)
        ending = photo_ending(content)
        if ending is None:
            del item["photo"]
            return [f"the photo can't be declared: its {len(content)} bytes are no usable image"]
        name = self._slugs.of(existing.address.key.partition("@")[0])
        path = f"{PHOTOS}{name}{ending}"
        item["photo"] = relative(path, file)
        self.files[path] = content
        return []

    def _photo(self, digest: str, agent: LiveObject) -> bytes:
        """Return a photo. A photo that several agents have is read once."""
        if digest not in self._photos:
            self._photos[digest] = self._photo_of(agent)
        return self._photos[digest]
