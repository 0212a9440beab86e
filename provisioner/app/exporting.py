"""A live account as a project: the same files each time, and a plan right after is empty.

What has its default is left out, since what is left out is not managed. What can't be declared is
said in a comment beside its object.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.documents.attachments import MAX_TEXT_BYTES, image_type
from provisioner.documents.schema import misfits
from provisioner.documents.yaml_writer import write_yaml
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.model.kinds import KINDS, Collection, Group, Overrides, Scalar, Shape

Files = dict[str, str | bytes]
"""Path relative to the project's root to content."""

HEADER = "# Exported from the live account. What is left out here has the account's default.\n"

_SETTINGS = """\
# Targets and policy of this project.
version: 1

# targets:
#   production:
#     url: https://acme.ladesk.com
#     api_key: {env: LIVEAGENT_V3_API_KEY}
"""

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def export(live: LiveState, photo_of: Callable[[LiveObject], bytes]) -> Files:
    """Return an account as the files of a project.

    Args:
        live: the account.
        photo_of: gives the photo of an agent who has one.

    Raises:
        TargetError: a photo could not be read.
    """
    files: Files = {"provisioner.yaml": _SETTINGS}
    for kind in (Kind.DEPARTMENT, Kind.ROLE):
        items = [_item(existing, live) for existing in _sorted(live, kind)]
        if items:
            files[f"{kind.plural}.yaml"] = _file(kind, items)
    teams: dict[str, list[tuple[dict[str, Any], list[str]]]] = {}
    slugs = _Slugs()
    for existing in _sorted(live, Kind.AGENT):
        item, comments = _item(existing, live)
        _attach(item, existing, slugs.of(existing.address.key.split("@")[0]), files, photo_of)
        departments = sorted(existing.attributes["departments"])
        teams.setdefault(departments[0] if departments else "", []).append((item, comments))
    team_slugs = _Slugs()
    for team, members in sorted(teams.items()):
        name = team_slugs.of(team) if team else "no-department"
        files[f"agents/{name}.yaml"] = _file(Kind.AGENT, members)
    return files


def _sorted(live: LiveState, kind: Kind) -> list[LiveObject]:
    found = [existing for (k, _), existing in live.objects.items() if k is kind]
    return sorted(found, key=lambda existing: existing.address.identity)


def _item(existing: LiveObject, live: LiveState) -> tuple[dict[str, Any], list[str]]:
    """Return an object's declaration, and what of it can't be declared."""
    kind = existing.address.kind
    row = KINDS[kind]
    values = dict(existing.attributes)
    comments = []
    if values.pop("two_factor", False):
        comments.append("two-factor login is on, which only the agent can do")
    if role_id := id_of_unnamed_role(values.get("role", "")):
        del values["role"]
        comments.append(f"has the role with the id {role_id}; this API tells no names of roles")
    spelt = values[row.identity]
    sparse = _sparse(row.shape, values, live.defaults.get(kind)) or {}
    item = {row.identity: spelt, **{k: v for k, v in sparse.items() if k != row.identity}}
    if values.get("hours"):
        item["hours"] = _blocks(values["hours"])
    wrong = misfits({k: v for k, v in item.items() if k not in {"photo", "signature"}}, kind.value)
    comments += [
        f"{field or 'something'} can't be declared: {item.pop(field, '')!r}"
        for field in sorted(wrong)
    ]
    return item, comments


def _sparse(shape: Shape, value: Any, default: Any) -> Any:
    """Return a value without what has its default; None where nothing is left."""
    match shape:
        case Scalar():
            fallback = shape.default if default is None else default
            return None if value == fallback else value
        case Group():
            parts = {
                name: part
                for name, shape_of in shape.fields.items()
                if name in value
                and (part := _sparse(shape_of, value[name], (default or {}).get(name))) is not None
            }
            return parts or None
        case Collection():
            entries = {
                key: _sparse(shape.entry, entry, None) or {} for key, entry in sorted(value.items())
            }
            return entries or None
        case Overrides():
            known = default or {}
            return {k: v for k, v in sorted(value.items()) if known.get(k) != v} or None
        case _:
            return dict(sorted(value.items())) or None


def _blocks(week: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Return a canonical week as blocks, with what is alike in one of them."""
    by_block: dict[tuple[str, str, str, str], list[str]] = {}
    for department, services in sorted(week.items()):
        for service, days in services.items():
            for day, text in days.items():
                for piece in text.split(", "):
                    begin, end = piece.split("-")
                    by_block.setdefault((department, service, begin, end), []).append(day)
    alike: dict[tuple[str, str, tuple[str, ...], str], list[str]] = {}
    for (department, service, begin, end), days_of in by_block.items():
        alike.setdefault((begin, end, tuple(days_of), department), []).append(service)
    together: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (begin, end, day_names, department), services_of in alike.items():
        together.setdefault((begin, end, day_names, tuple(services_of)), []).append(department)
    return [
        {
            "days": list(day_names),
            "from": begin,
            "to": end,
            "services": list(service_names),
            "departments": departments,
        }
        for (begin, end, day_names, service_names), departments in sorted(together.items())
    ]


def _attach(
    item: dict[str, Any],
    existing: LiveObject,
    slug: str,
    files: Files,
    photo_of: Callable[[LiveObject], bytes],
) -> None:
    """Move signatures and the photo of an agent into files of their own."""
    if "photo" in item:
        content = photo_of(existing)
        path = f"photos/{slug}.{_ENDINGS.get(image_type(content) or '', 'bin')}"
        files[f"agents/{path}"] = content
        item["photo"] = path
    if _fits_a_file(item.get("signature")):
        path = f"signatures/{slug}.txt"
        files[f"agents/{path}"] = item["signature"] + "\n"
        item["signature"] = {"file": path}
    names = _Slugs()
    for department, entry in item.get("departments", {}).items():
        if _fits_a_file(entry.get("signature")):
            path = f"signatures/{slug}--{names.of(department)}.txt"
            files[f"agents/{path}"] = entry["signature"] + "\n"
            entry["signature"] = {"file": path}


def _fits_a_file(text: str | None) -> bool:
    """Tell whether a file would give the text back as it is, and is worth it."""
    return (
        text is not None
        and "\n" in text
        and "\r" not in text
        and not text.startswith("\ufeff")
        and len(text.encode("utf-8", "surrogatepass")) < MAX_TEXT_BYTES
    )


def _file(kind: Kind, items: list[tuple[dict[str, Any], list[str]]]) -> str:
    text = f"{HEADER}{kind.plural}:\n"
    identity = KINDS[kind].identity
    for item, comments in items:
        text += "".join(f"  # {_one_line(comment)}\n" for comment in comments)
        if identity in item:
            body = write_yaml([item])
            text += "".join(f"  {line}" if line.strip() else line for line in body.splitlines(True))
    return text


def _one_line(text: str) -> str:
    return (
        " ".join(text.encode("unicode_escape").decode().split()) if not text.isprintable() else text
    )


class _Slugs:
    """Gives names that are good for files, each only once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Return a file name for a name."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"
        slug, number = base, 1
        while slug in self._taken:
            number += 1
            slug = f"{base}-{number}"
        self._taken.add(slug)
        return slug
