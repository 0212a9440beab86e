"""Selects the manual steps that a person may acknowledge.

A person answers only for what nobody else can check: steps that the API shows tick themselves off,
and nothing can be set for an agent or a membership that does not exist yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, InvalidProjectError
from provisioner.model.acknowledgements import subject_of
from provisioner.planning.changes import Change
from provisioner.planning.manual.acknowledging import agents_to_create, too_early
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.suggestions import Vocabulary


@dataclass(frozen=True, slots=True)
class OpenSteps:
    """The manual steps of a plan.

    Attributes:
        ready: those that a person may acknowledge, also if nobody needs to do them because
            LiveAgent gives a new agent these values: only this machine may know that.
        shown: open steps that the API shows once they are done.
        too_early: those of agents and memberships that do not exist yet.
        done: the acknowledged steps.
    """

    ready: tuple[ManualStep, ...]
    shown: tuple[ManualStep, ...]
    too_early: tuple[ManualStep, ...]
    done: tuple[ManualStep, ...]


def open_steps(steps: Iterable[ManualStep], changes: Iterable[Change]) -> OpenSteps:
    """Return the manual steps of a plan, by who ticks them off."""
    steps = tuple(steps)
    early = too_early(steps, agents_to_create(changes, steps))
    by_hand = [one for one in steps if one.acknowledged is None and not one.verifiable]
    return OpenSteps(
        ready=tuple(one for one in by_hand if one.id not in early),
        shown=tuple(one for one in steps if one.open and one.verifiable),
        too_early=tuple(one for one in by_hand if one.id in early),
        done=tuple(one for one in steps if one.acknowledged),
    )


def named_steps(known: OpenSteps, ids: Iterable[str]) -> tuple[ManualStep, ...]:
    """Return the steps with these ids, without those that are done.

    An id that begins with agent/* is that of several agents; those with a step that nobody can have
    done yet are left out.

    Raises:
        InvalidProjectError: there is no such step, or nobody may acknowledge it.
    """
    selected: dict[str, ManualStep] = {}
    findings = []
    ready, done = _by_id(known.ready), _by_id(known.done)
    for step_id in ids:
        selected |= {one.id: one for one in ready.get(step_id, ())}
        if step_id not in ready and step_id not in done:
            findings.append(_refusal(known, step_id))
    if findings:
        raise InvalidProjectError(*findings)
    return tuple(selected.values())


def _by_id(steps: Iterable[ManualStep]) -> dict[str, list[ManualStep]]:
    """Return the steps by their ids, and by those that they share."""
    by_id: dict[str, list[ManualStep]] = defaultdict(list)
    for one in steps:
        for step_id in {one.id, one.shared_id}:
            by_id[step_id].append(one)
    return by_id


def _named(steps: Iterable[ManualStep], step_id: str) -> Iterator[ManualStep]:
    return (one for one in steps if step_id in {one.id, one.shared_id})


def _refusal(known: OpenSteps, step_id: str) -> Diagnostic:
    """Return why a step with an id is not acknowledged."""
    everything = (*known.ready, *known.shown, *known.too_early, *known.done)
    subject = subject_of(step_id)
    now = [
        one_id
        for one in everything
        for one_id in (one.id, one.shared_id)
        if subject_of(one_id) == subject
    ]
    if any(_named(known.shown, step_id)):
        summary = f'the API itself shows whether "{step_id}" is done'
        hint = "do it in the panel; the next plan ticks it off"
    elif any(_named(known.too_early, step_id)):
        summary = f'"{step_id}" is about an agent or a membership that does not exist yet'
        hint = "create it first, with provisioner apply or by hand"
    elif now:
        summary = f'"{step_id}" has other values now'
        hint = f"do it in the panel, and acknowledge {now[0]}"
    else:
        vocabulary = Vocabulary(lambda: [one.id for one in known.ready])
        return Diagnostic(
            code="not-acknowledged",
            summary=f'there is no manual step "{step_id}"',
            hint="look up the ids in provisioner manual --format json",
            meant=(step_id, vocabulary),
        )
    return Diagnostic(code="not-acknowledged", summary=summary, hint=hint)
