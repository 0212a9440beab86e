"""The record of a run: its user and plan, and the time and result of each step.

A record contains the values before the run, so that they can be restored. It contains no secrets,
because plans contain none. `record_lines` describes its file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from provisioner.address import Kind, fold
from provisioner.execution.operations import Operation
from provisioner.execution.report import Status
from provisioner.execution.steps import Step, steps_of, steps_writing
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.access.managed import ManagedObjects
from provisioner.planning.changes import Action, Change
from provisioner.planning.desired_on_account import Unfinished

_OPERATIONS = frozenset(Operation)


@dataclass(frozen=True, slots=True)
class Actor:
    """The origin of a run: user, machine, process and commit.

    Attributes:
        by: the user, or the person who started the pipeline.
        host: name of the machine.
        pid: id of the process.
        commit: commit of the project, with `+` if files have changed since; "" if unknown.
    """

    by: str
    host: str
    pid: int
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The hash of an earlier record.

    Attributes:
        id: the number of the record.
        length: the number of its bytes that the hash covers.
        hash: the SHA-256 of them.
    """

    id: int
    length: int
    hash: str


class Ending(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """The record of a step.

    Attributes:
        step: id of the step.
        status: how it ended; None if the run was killed before its end.
        at: time of its end, or of its start if it has not ended.
        before: the value that it overwrote; None if there was none, or it is not recorded.
        after: the value that it wrote.
        error: why it failed or was skipped.
        uncertain: whether a failed step may have taken effect.
    """

    step: str
    status: Status | None
    at: str
    before: Any = None
    after: Any = None
    error: str = ""
    uncertain: bool = False

    @property
    def writes(self) -> bool:
        """Whether the step changes the account. Other steps only read."""
        operation = next((part for part in self.step.split("#") if part in _OPERATIONS), "")
        return not operation.startswith("read-")


@dataclass(slots=True)
class Run:
    """A run, as recorded.

    Attributes:
        id: number of the run in the project.
        command: `apply` or `undo`.
        target: name of the account in the project.
        url: address of the account; "" for the embedded sandbox.
        at: time of the start, in UTC.
        actor: user, machine, process and commit.
        checksum: checksum of the plan.
        changes: changes of the plan.
        new: objects that this run creates, and objects of earlier runs that it finishes, with the
            fields to be written.
        not_planned: the entries of `new` that the plan of this run leaves out.
        roles: mapping from role id to name, if the API does not list roles.
        steps: mapping from step id to record, of all started steps.
        ending: how the run ended.
        ended: time of the end; "" if it was killed.
        remarks: values that the account does not show, and the reason why the run stopped.
        known: facts about the account that this run and earlier ones learned; of the agents that
            runs deleted, only those of earlier runs.
        managed: what the files of an apply set; None for an undo, and in records of versions that
            did not record it.
        previous: the hashes of earlier records; None in records of versions that wrote none.
        hash: the hash in the last line; "" if there is none.
        allowed: what the option `--allow` permitted, such as the reason to write in a freeze.
    """

    id: int
    command: str
    target: str
    url: str
    at: str
    actor: Actor
    checksum: str
    changes: tuple[Change, ...]
    new: Unfinished = field(default_factory=dict)
    not_planned: Unfinished = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    steps: dict[str, StepRecord] = field(default_factory=dict)
    ending: Ending = Ending.KILLED
    ended: str = ""
    remarks: list[str] = field(default_factory=list)
    known: RecordedFacts = field(default_factory=RecordedFacts)
    managed: ManagedObjects | None = None
    previous: tuple[Link, ...] | None = None
    hash: str = ""
    allowed: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The account, as the lock names it: its address, or the name of the target."""
        return self.url or self.target

    @property
    def is_complete_apply(self) -> bool:
        """Whether the run is an apply that wrote everything in its plan."""
        return (self.command, self.ending) == ("apply", Ending.COMPLETE)

    def facts(self) -> RecordedFacts:
        """Return the facts about the account after this run.

        An account that could not be restored counts as gone: a later plan creates the agent.
        """
        deleted = dict(self.known.deleted)
        for change in self.changes:
            if change.address.kind is not Kind.AGENT or change.action is Action.UPDATE:
                continue
            ended = [self.steps.get(step.id) for step in _own_steps(change)]
            if change.action is Action.DELETE and any(map(_was_applied, ended)):
                deleted[fold((change.before or {}).get("email", change.name))] = change.id or ""
            elif change.action is Action.CREATE and any(map(_has_ended, ended)):
                deleted.pop(change.address.key, None)
        return replace(self.known, deleted=deleted)

    def count(self, status: Status | None) -> int:
        """Return the number of writing steps with a status; None for steps without an end."""
        return sum(step.status is status and step.writes for step in self.steps.values())

    def unfinished(self) -> Unfinished:
        """Return the objects that this or earlier runs created, with the fields still missing."""
        by_address = {change.address: change for change in self.changes}
        missing = {
            address: frozenset(name for name in names if not self._wrote(by_address[address], name))
            for address, names in self.new.items()
            if address in by_address
        }
        return {
            **self.not_planned,
            **{address: names for address, names in missing.items() if names},
        }

    def _wrote(self, change: Change, name: str) -> bool:
        """Return whether all steps that write a field were applied."""
        steps = steps_writing(change, (name,))
        return all(self._status(step.id) is Status.APPLIED for step in steps)

    def _status(self, step: str) -> Status | None:
        return self.steps[step].status if step in self.steps else Status.SKIPPED

    def touched(self) -> Iterator[Change]:
        """Yield the changes and fields that took effect or may have taken effect."""
        for change in self.changes:
            if change.action is not Action.UPDATE:
                # Without the step that creates or deletes the object, nothing took effect.
                if any(map(self._landed, _own_steps(change))):
                    yield change
                continue
            fields = tuple(
                field
                for field in change.fields
                if any(map(self._landed, steps_writing(change, field.path)))
            )
            if fields:
                yield replace(change, fields=fields)

    def is_certain(self, change: Change) -> bool:
        """Return whether the effect of each step of a change is known."""
        tried = (self.steps.get(step.id) for step in steps_of(change))
        return all(step is None or (step.status and not step.uncertain) for step in tried)

    def _landed(self, step: Step) -> bool:
        record = self.steps.get(step.id)
        return record is not None and (record.status in {None, Status.APPLIED} or record.uncertain)


def _was_applied(step: StepRecord | None) -> bool:
    return step is not None and step.status is Status.APPLIED


def _has_ended(step: StepRecord | None) -> bool:
    """Return whether a step was tried, and its effect is known."""
    return (
        step is not None and step.status in {Status.APPLIED, Status.FAILED} and not step.uncertain
    )


def _own_steps(change: Change) -> list[Step]:
    """Return the step that creates, restores or deletes an object."""
    own = ("create-", "restore-", "delete-")
    return [step for step in steps_of(change) if step.operation.startswith(own)]


def effect(step: Step, change: Change | None) -> tuple[Any, Any]:
    """Return the values that a step overwrites and writes, in the words of the YAML."""
    before: Mapping[str, Any] = (change.before if change else None) or {}
    membership = before.get("departments", {}).get(step.department)
    if "before" in step.values and "after" in step.values:
        return step.values["before"], step.values["after"]
    if step.service and step.department:
        return (membership or {}).get(step.service), step.value
    if step.service:
        return before.get("availability", {}).get(step.service), step.value
    if step.department:
        return membership, dict(step.values) if step.operation != "remove-member" else None
    if step.operation.startswith("delete-"):
        return dict(before), None
    values = dict(step.values) or ({"value": step.value} if step.value else None)
    return {name: before.get(name) for name in step.values} if before else None, values
