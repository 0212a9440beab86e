"""Mistakes in the text of files and in the settings."""

from provisioner.address import Kind
from provisioner.app.proving.project_copy import (
    Case,
    Injected,
    Make,
    NotApplicableError,
    largest_file,
)
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.model.build import OVERLAYS
from provisioner.model.kinds import SERVICES

_MARK = "a-word-that-no-project-has"
_ZONES = ("Europe/Prague", "America/Los_Angeles")


def _file_dropped(case: Case) -> Injected:
    copy = case.copy()
    return Injected({largest_file(copy): None})


def _list_emptied(case: Case) -> Injected:
    copy = case.copy()
    for data in copy.files[largest_file(copy)]:
        if Kind.AGENT.plural in data:
            data[Kind.AGENT.plural] = []
    return Injected(copy.unsaved())


def _conflict_markers(case: Case) -> Injected:
    copy = case.copy()
    file = largest_file(copy)
    text = "---\n".join(map(write_yaml, copy.files[file]))
    content = f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> branch\n"
    return Injected({file: content.encode()})


def _unknown_key(case: Case) -> Injected:
    copy, person = case.copy(), case.people()[0]
    copy.entry(Kind.AGENT, person.address.key)["departmnets"] = {}
    return Injected(copy.unsaved())


def _unquoted_no(case: Case) -> Injected:
    copy = case.copy()
    names = [str(entry["name"]) for entry in copy.entries(Kind.DEPARTMENT.plural)]
    if not names:
        raise NotApplicableError("no file declares departments")
    entry = copy.entry(Kind.AGENT, case.people()[0].address.key)
    entry["departments"] = {names[0]: {SERVICES[0]: _MARK}}
    unsaved = {
        file: content.replace(_MARK.encode(), b"no") if content else content
        for file, content in copy.unsaved().items()
    }
    return Injected(unsaved)


def _key_in_files(case: Case) -> Injected:
    copy = case.copy()
    targets = copy.config.setdefault("targets", {})
    entry = targets.setdefault("proof", {"url": "https://acme.ladesk.com"})
    entry["api_key"] = {"env": "0123456789abcdef0123456789abcdef"}
    return Injected(copy.unsaved())


def _overlay_elsewhere(case: Case) -> Injected:
    person = case.people()[0]
    entry = {"email": person.address.key, "alias": "Overlay"}
    content = write_yaml({Kind.AGENT.plural: [entry]}).encode()
    return Injected({f"{OVERLAYS}/{case.target}-typo/team.yaml": content})


def _address_unencrypted(case: Case) -> Injected:
    copy = case.copy()
    if case.target not in copy.config.get("targets", {}):
        raise NotApplicableError("the address of the target is not in provisioner.yaml")
    copy.config["targets"][case.target]["url"] = "http://help.acme.example"
    copy.config["targets"][case.target].pop("insecure", None)
    return Injected(copy.unsaved())


def _undeclared_deleted(case: Case) -> Injected:
    copy = case.copy()
    copy.config["manage"] = {kind.plural: {"undeclared": "delete"} for kind in Kind}
    return Injected(copy.unsaved())


def _zone_changed(case: Case) -> Injected:
    copy = case.copy()
    before = case.live.account.timezone or case.project.settings.account.get("timezone")
    account = copy.config.setdefault("account", {})
    account["timezone"] = next(zone for zone in _ZONES if zone != before)
    return Injected(copy.unsaved())


FILE_MISTAKES: dict[str, Make] = {
    "file-dropped": _file_dropped,
    "list-emptied": _list_emptied,
    "conflict-markers": _conflict_markers,
    "unknown-key": _unknown_key,
    "unquoted-no": _unquoted_no,
    "key-in-files": _key_in_files,
    "overlay-elsewhere": _overlay_elsewhere,
    "address-unencrypted": _address_unencrypted,
    "undeclared-deleted": _undeclared_deleted,
    "zone-changed": _zone_changed,
}
