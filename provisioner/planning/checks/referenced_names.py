"""Checks the values of a plan that refer to names of the account: Slack users, sounds, levels.

An account refuses a name that it does not have. So the names are compared with the lists of the
account before the first write. A name of a list that the account does not show is reported as
unchecked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.changes import Action, Change, at
from provisioner.planning.manual.manual_step import ROLE_DEFINITION, ManualStep
from provisioner.suggestions import Vocabulary, known_names

SILENCE = "muted"
"""The value of an alert without a sound, which is no name of a sound."""

_CODES = {
    NameList.SLACK_USER: "unknown-slack-user",
    NameList.SOUND: "unknown-sound",
    NameList.ALERT: "unknown-alert",
    NameList.LEVEL: "unknown-level",
}
"""The codes of the errors for names that a list lacks."""

_SLACK_USER = ("notifications", "slack", "user")


class NameUse(NamedTuple):
    """A value that refers to a name of the account.

    Attributes:
        name_list: the list that should have the name.
        name: the name.
        change: the object with the value, or the manual step for it.
        path: the path of the value in the object.
    """

    name_list: NameList
    name: str
    change: Change | ManualStep
    path: FieldPath

    @property
    def address(self) -> Address:
        """The address of the object."""
        return self.change.address


_WITH_NAMES = frozenset({"level", "notifications", "sounds"})
"""The fields with names of the account."""


def name_uses(changes: Iterable[Change], steps: Iterable[ManualStep]) -> list[NameUse]:
    """Return the references to names of the account in all values that are to be set."""
    written: list[tuple[Change | ManualStep, Any, Any]] = [
        (change, change.before, change.after)
        for change in changes
        if change.address.kind is Kind.AGENT and change.action is not Action.NO_OP
    ]
    written += [
        (step, {}, step.values) for step in steps if step.address.kind is Kind.AGENT and step.open
    ]
    return [
        NameUse(name_list, name, change, path)
        for change, before, after in written
        for name_list, name, path in _names(before, after)
    ]


def declared_lists(desired: DesiredState) -> frozenset[NameList]:
    """Return the lists that declared values refer to."""
    return frozenset(
        name_list
        for agent in desired.of(Kind.AGENT)
        if not agent.absent
        for name_list, _, _ in _names({}, agent.attributes)
    )


def _names(before: Any, after: Any) -> Iterator[tuple[NameList, str, FieldPath]]:
    """Yield list, name and path of each reference that is written."""
    if not after or _WITH_NAMES.isdisjoint(after):
        return
    level, user = at(("level",), after), at(_SLACK_USER, after)
    if level and level != at(("level",), before):
        yield NameList.LEVEL, level, ("level",)
    # A write of notifications sends the whole section.
    if user and at(("notifications",), after) != at(("notifications",), before):
        yield NameList.SLACK_USER, user, _SLACK_USER
    for alert, sound in (at(("sounds",), after) or {}).items():
        path = ("sounds", alert)
        if sound is None or sound == at(path, before):
            continue
        yield NameList.ALERT, alert, path
        if sound != SILENCE:
            yield NameList.SOUND, sound, path


def needed_lists(uses: Iterable[NameUse], surface: Surface) -> frozenset[NameList]:
    """Return the lists of an API that are needed to check names."""
    return frozenset(use.name_list for use in uses if use.name_list.is_shown_by(surface))


def unknown_names(
    uses: Iterable[NameUse], names: AccountNames, desired: DesiredState
) -> Iterator[Diagnostic]:
    """Yield an error for each name that the account does not have."""
    known = {
        name_list: Vocabulary(lambda labels=labels: labels)  # type: ignore[misc]
        for name_list, labels in names.labels.items()
    }
    for use in uses:
        labels = names.labels.get(use.name_list)
        if labels is None or use.name in labels:
            continue
        resource = desired.resources.get(use.address.identity)
        is_key = use.name_list is NameList.ALERT
        declarer = resource.declarer(*use.path) if resource else str(use.address)
        same_label = sorted(name for name, label in labels.items() if label == use.name)
        hint = known_names(sorted(labels)) or f"the account lists no {use.name_list}"
        yield Diagnostic(
            code=_CODES[use.name_list],
            summary=f'{declarer}: the account has no {use.name_list} "{use.name}"',
            span=resource.span(*use.path, key=is_key) if resource else use.change.source,
            hint=f'did you mean "{same_label[0]}"?' if same_label else hint,
            meant=None if same_label else (use.name, known[use.name_list]),
        )


def unchecked_names(uses: Iterable[NameUse], names: AccountNames) -> Iterator[Diagnostic]:
    """Yield a warning for each list that the account does not show and an apply relies on."""
    unchecked: dict[NameList, list[NameUse]] = {}
    for use in uses:
        if use.name_list not in names.labels and isinstance(use.change, Change):
            unchecked.setdefault(use.name_list, []).append(use)
    for name_list, same in sorted(unchecked.items()):
        shown = known_names(sorted({use.name for use in same})).removeprefix("known: ")
        yield _unchecked(
            f"the account does not list its {name_list}s, so {shown} could not be checked",
            f"look up each {name_list} in the panel: the account may refuse an unknown one",
        )


def unchecked_roles(changes: Iterable[Change], live: LiveState) -> Iterator[Diagnostic]:
    """Yield a warning for each custom role with an id that no agent of a v3 account has."""
    if live.surface is Surface.FULL:
        return
    held = {
        existing.attributes["role"]
        for (kind, _), existing in live.objects.items()
        if kind is Kind.AGENT
    }
    given = {
        str(role)
        for change in changes
        if change.address.kind is Kind.AGENT and change.action is not Action.NO_OP
        for role in [at(("role",), change.after)]
    }
    for role in sorted(given - held - {*BUILT_IN_ROLES, "None"}):
        yield _unchecked(
            f'the id of the role "{role}" in `role_ids` could not be checked: no agent has it',
            "give the role to one agent in the panel; the next plan then shows its id",
        )


def _unchecked(summary: str, hint: str) -> Diagnostic:
    return Diagnostic(code="unchecked-name", summary=summary, hint=hint, severity=Severity.WARNING)


def with_unchecked(steps: Iterable[ManualStep], names: AccountNames) -> tuple[ManualStep, ...]:
    """Return manual steps with a hint where their values refer to names that are unchecked."""
    return tuple(
        replace(step, hint=hint) if (hint := _hint(step, names)) else step for step in steps
    )


def _hint(step: ManualStep, names: AccountNames) -> str:
    nouns = [use.name_list for use in name_uses((), [step]) if use.name_list not in names.labels]
    if step.section == ROLE_DEFINITION and step.values.get("permissions"):
        return "not checked: the API does not list permissions"
    lists = sorted({f"{noun}s" for noun in nouns})
    return f"not checked: the API does not list {' and '.join(lists)}" if lists else ""
