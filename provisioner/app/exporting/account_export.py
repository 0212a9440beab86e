"""Exports an account as the files of a project.

A plan right after the export is empty, and two exports of the same account are equal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.app.exporting.attachment_files import FOLDER, PhotoFiles, SignatureFiles
from provisioner.app.exporting.declarations import (
    Declaration,
    declarations,
    drop_refused_values,
    refused_paths,
)
from provisioner.app.exporting.file_names import Slugs
from provisioner.app.exporting.project_text import (
    HEADERS,
    PROFILES_HEADER,
    section,
    settings_file,
)
from provisioner.app.exporting.shared_settings import Member, lift_shared
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.model.desired import DesiredState
from provisioner.model.hours import weekly_minutes
from provisioner.model.kinds import SERVICES
from provisioner.model.settings import Target
from provisioner.planning.scope import matches
from provisioner.planning.unread_checks import unread_values

PROFILES_FILE = "profiles.yaml"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Options of an export.

    Attributes:
        only: selectors of the objects, as for `plan --only`; empty for all. The roles and
            departments that they need are exported, too.
        profiles: whether shared settings become profiles.
        target: the target to write into `provisioner.yaml`, if any.
        role_ids: the ids of roles by their names, as a person wrote them.
    """

    only: tuple[str, ...] = ()
    profiles: bool = True
    target: Target | None = None
    role_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of an export.

    Attributes:
        files: path in the project to content.
        objects: mapping from kind to number of declared objects.
        profiles: the number of profiles.
        remarks: number of values and objects that can't be declared.
        warnings: parts of the account that were not understood, and are not in the files.
    """

    files: Mapping[str, bytes]
    objects: Mapping[Kind, int]
    profiles: int
    remarks: int
    warnings: tuple[Diagnostic, ...] = ()


def export_account(
    live: LiveState,
    photo_of: Callable[[LiveObject], bytes],
    options: ExportOptions = ExportOptions(),
) -> Exported:
    """Return the files of a project that declares an account.

    Args:
        live: the account, with the hours of all agents, and with the names of roles.
        photo_of: returns the photo of an agent with one.
        options: the options.

    Raises:
        TargetError: a photo could not be read.
        UsageError: a selector matches no object.
    """
    entries = selected(declarations(live), options.only)
    teams = _teams(entries)
    profiles = _lifted(entries) if options.profiles else []
    photos = PhotoFiles(photo_of)
    signatures = SignatureFiles(
        [
            *((profile, profile["name"]) for profile in profiles),
            *((one.item, main_department(one.existing)) for one in entries if _is_agent(one)),
        ]
    )
    for profile in profiles:
        signatures.move(profile, PROFILES_FILE, profile["name"])
    for file, members in teams.items():
        for one in filter(_is_declared, members):
            signatures.move(one.item, file, one.existing.address.key.partition("@")[0])
            one.remarks.extend(photos.move(one.existing, one.item, file))
    for one in filter(_is_declared, entries):
        drop_refused_values(one)
    return Exported(
        files={
            "provisioner.yaml": settings_file(
                options.target, options.role_ids, _unnamed_roles(live)
            ),
            **_yaml_files(entries, teams, profiles, HEADERS[live.surface]),
            **photos.files,
            **signatures.files,
        },
        objects=_numbers(entries),
        profiles=len(profiles),
        remarks=sum(len(one.remarks) for one in entries),
        warnings=tuple(unread_values(DesiredState({}), live)),
    )


def _unnamed_roles(live: LiveState) -> dict[str, str]:
    """Return the ids of roles without a known name, to the first agent with the role."""
    ids: dict[str, str] = {}
    for (kind, email), agent in sorted(live.objects.items()):
        role_id = (
            id_of_unnamed_role(agent.attributes.get("role", "")) if kind is Kind.AGENT else None
        )
        if role_id:
            ids.setdefault(role_id, email)
    return ids


def _numbers(entries: Iterable[Declaration]) -> dict[Kind, int]:
    kinds = [one.existing.address.kind for one in entries if _is_declared(one)]
    return {kind: kinds.count(kind) for kind in Kind}


def _yaml_files(
    entries: Iterable[Declaration],
    teams: Mapping[str, list[Declaration]],
    profiles: list[dict[str, Any]],
    header: str,
) -> dict[str, bytes]:
    """Return path to content of the YAML files with objects and profiles."""
    texts = {}
    for kind in (Kind.DEPARTMENT, Kind.ROLE):
        of_kind = [one for one in entries if one.existing.address.kind is kind]
        if of_kind:
            texts[f"{kind.plural}.yaml"] = header + _section(kind, of_kind)
    if profiles:
        lines = section("profiles", ((profile, ()) for profile in profiles))
        texts[PROFILES_FILE] = PROFILES_HEADER + lines
    for file, members in teams.items():
        texts[file] = header + _section(Kind.AGENT, members)
    return {file: text.encode() for file, text in texts.items()}


def _section(kind: Kind, entries: Iterable[Declaration]) -> str:
    return section(kind.plural, ((one.item, one.remarks) for one in entries))


def export_fragment(live: LiveState, only: tuple[str, ...]) -> tuple[str, list[str], int]:
    """Return YAML to paste into a project: exactly the selected objects, without files.

    The account has the hours of the selected agents.

    Returns:
        The text, the addresses of the roles and departments that it needs and does not declare,
        and the number of remarks.

    Raises:
        UsageError: a selector matches no object.
    """
    known = declarations(live)
    entries = matching(known, only)
    for one in filter(_is_declared, entries):
        if one.item.pop("photo", None):
            one.remarks.append("the photo is a file: export into a folder to get it")
        drop_refused_values(one)
    texts = []
    for kind in (Kind.DEPARTMENT, Kind.ROLE, Kind.AGENT):
        of_kind = [one for one in entries if one.existing.address.kind is kind]
        texts += [_section(kind, of_kind)] if of_kind else []
    identities = {one.identity for one in entries}
    needed = {identity for one in entries for identity in one.needs} - identities
    remarks = sum(len(one.remarks) for one in entries)
    addresses = [str(known[identity].existing.address) for identity in sorted(needed)]
    return "".join(texts), addresses, remarks


def selected(known: Mapping[Identity, Declaration], only: tuple[str, ...]) -> list[Declaration]:
    """Return the selected declarations and those that they need, sorted by kind and name.

    Raises:
        UsageError: a selector matches no object.
    """
    if not only:
        return [*known.values()]
    chosen = {one.identity for one in matching(known, only)}
    chosen |= {needed for identity in [*chosen] for needed in known[identity].needs}
    return [one for identity, one in known.items() if identity in chosen]


def matching(known: Mapping[Identity, Declaration], only: tuple[str, ...]) -> list[Declaration]:
    """Return the declarations that selectors match.

    Raises:
        UsageError: a selector matches no object.
    """
    unmatched = [
        selector for selector in only if not any(_matches(one, selector) for one in known.values())
    ]
    if unmatched:
        raise UsageError(
            *(
                Diagnostic(
                    code="selector-without-object",
                    summary=f'no object in the account matches "{selector}"',
                    hint="write a kind (agents), an address (agent/mia.chen@acme.example, also "
                    "with * and ?), or member-of/DEPARTMENT",
                )
                for selector in unmatched
            )
        )
    return [one for one in known.values() if any(_matches(one, selector) for selector in only)]


def _matches(one: Declaration, selector: str) -> bool:
    departments = one.existing.attributes.get("departments", ())
    return matches(one.existing.address, departments, selector)


def main_department(agent: LiveObject) -> str:
    """Return the department with the most hours, then services, then the first one; "" for none."""
    hours = agent.attributes.get("hours", {})
    departments = agent.attributes.get("departments", {})

    def rank(name: str) -> tuple[int, int]:
        services = sum(departments[name].get(service) is True for service in SERVICES)
        return weekly_minutes(hours.get(name, {})), services

    return max(sorted(departments, key=fold), key=rank, default="")


def _teams(entries: Iterable[Declaration]) -> dict[str, list[Declaration]]:
    """Return the agents of each file: one file for each main department."""
    teams: dict[str, list[Declaration]] = {}
    for one in filter(_is_agent, entries):
        teams.setdefault(main_department(one.existing), []).append(one)
    # The reader would reject agents/provisioner.yaml as misplaced settings.
    slugs = Slugs("provisioner")
    return {
        f"{FOLDER}{slugs.of(team or 'no department')}.yaml": members
        for team, members in sorted(teams.items())
    }


def _lifted(entries: Iterable[Declaration]) -> list[dict[str, Any]]:
    """Lift settings that agents share into profiles, and return these."""
    return lift_shared(
        [
            Member(
                item=one.item,
                department=main_department(one.existing),
                fixed=frozenset(path[0] for path in refused_paths(one)),
            )
            for one in entries
            if _is_agent(one) and one.item
        ]
    )


def _is_agent(one: Declaration) -> bool:
    return one.existing.address.kind is Kind.AGENT


def _is_declared(one: Declaration) -> bool:
    return bool(one.item)
