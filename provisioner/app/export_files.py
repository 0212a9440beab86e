"""Formats the files of an export: YAML with remarks, long signatures and photos."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from provisioner.address import Kind
from provisioner.characters import spelt_out
from provisioner.documents.files.attachments import photo_ending, text_content
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.live.state import LiveObject, Surface
from provisioner.model.settings import REQUESTS_PER_MINUTE, Target

HEADERS = {
    Surface.FULL: "# Exported from the live account. What is left out has the account's default.\n",
    Surface.V3: (
        "# Exported from the live account, as far as API v3 shows it: profiles (such as alias,\n"
        "# signature and notifications), roles in departments and custom roles are not here.\n"
    ),
}

SETTINGS_HEADER = "# Targets and policy of this project.\n"

SETTINGS_WITHOUT_TARGET = """\
version: 1

# targets:
#   production:
#     url: https://acme.ladesk.com
#     api_key: {env: LIVEAGENT_V3_API_KEY}
"""

LONGEST_INLINE = 1000
"""Most characters of a signature inside the YAML; a longer one gets a file."""

LONGEST_NAME = 40
"""Most characters of a file name, short enough for every file system."""


def settings_file(target: Target | None) -> bytes:
    """Return the content of `provisioner.yaml`, with the target if there is one."""
    if target is None:
        return (SETTINGS_HEADER + SETTINGS_WITHOUT_TARGET).encode()
    source, argument = target.api_key
    entry: dict[str, Any] = {"url": target.url, "api_key": {source: argument}}
    if target.insecure:
        entry["insecure"] = True
    if target.requests_per_minute != REQUESTS_PER_MINUTE:
        entry["requests_per_minute"] = target.requests_per_minute
    if target.role_ids:
        entry["role_ids"] = dict(target.role_ids)
    content = {"version": 1, "targets": {target.name: entry}, "default_target": target.name}
    return (SETTINGS_HEADER + write_yaml(content)).encode()


def yaml_file(
    kind: Kind, entries: Iterable[tuple[dict[str, Any], Iterable[str]]], surface: Surface
) -> bytes:
    """Return the content of a YAML file with objects of one kind.

    Args:
        kind: the kind.
        entries: declaration and remarks of each object; an empty declaration writes only remarks.
        surface: the part of the account that the API shows.
    """
    text = f"{HEADERS[surface]}{kind.plural}:\n"
    for item, remarks in entries:
        text += "".join(f"  # {spelt_out(remark)}\n" for remark in remarks)
        if item:
            text += write_yaml({kind.plural: [item]}).partition("\n")[2]
    return text.encode()


class Slugs:
    """Makes file names from the names of objects, each only once."""

    def __init__(self, *taken: str) -> None:
        self._taken = {*taken}

    def of(self, name: str) -> str:
        """Return a new file name, without ending, for the name of an object."""
        plain = unicodedata.normalize("NFKC", name.lower())
        base = re.sub(r"\W+", "-", plain)[:LONGEST_NAME].strip("-") or "unnamed"
        slug, number = base, 1
        while slug in self._taken:
            number += 1
            slug = f"{base}-{number}"
        self._taken.add(slug)
        return slug


class AttachmentFiles:
    """Moves photos and long signatures of agents into files of their own.

    Attributes:
        files: path in the project to content.
    """

    def __init__(self, photo_of: Callable[[LiveObject], bytes]) -> None:
        """Start without files.

        Args:
            photo_of: returns the photo of an agent with one.
        """
        self.files: dict[str, bytes] = {}
        self._photo_of = photo_of
        self._photos: dict[str, bytes] = {}
        self._slugs = Slugs()

    def move(self, existing: LiveObject, item: dict[str, Any]) -> list[str]:
        """Replace photo and long signatures of an agent by references to files.

        Args:
            existing: the agent.
            item: the declaration of the agent, which is changed.

        Returns:
            Remarks on values that can't be declared.
        """
        name = self._slugs.of(existing.address.key.partition("@")[0])
        if "signature" in item:
            item["signature"] = self._signature(item["signature"], name)
        departments = Slugs()
        for department, entry in item.get("departments", {}).items():
            if "signature" in entry:
                file = f"{name}/{departments.of(department)}"
                entry["signature"] = self._signature(entry["signature"], file)
        if "photo" not in item:
            return []
        content = self._photo(item["photo"], existing)
        ending = photo_ending(content)
        if ending is None:
            del item["photo"]
            return [f"the photo can't be declared: its {len(content)} bytes are no usable image"]
        item["photo"] = f"photos/{name}{ending}"
        self.files[f"agents/{item['photo']}"] = content
        return []

    def _photo(self, digest: str, agent: LiveObject) -> bytes:
        """Return a photo. A photo that several agents have is read once."""
        if digest not in self._photos:
            self._photos[digest] = self._photo_of(agent)
        return self._photos[digest]

    def _signature(self, text: str, name: str) -> str | dict[str, str]:
        is_long = "\n" in text or len(text) > LONGEST_INLINE
        content = text_content(text) if is_long else None
        if content is None:
            return text
        path = f"signatures/{name}.txt"
        self.files[f"agents/{path}"] = content
        return {"file": path}
