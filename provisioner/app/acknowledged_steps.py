"""Marks the manual steps of a comparison that people have acknowledged."""

from collections.abc import Iterator
from dataclasses import replace

from provisioner.app.comparison import Comparison
from provisioner.model.settings import Settings
from provisioner.planning.changes import Action
from provisioner.planning.manual.acknowledging import Stale, acknowledge, agents_to_create
from provisioner.planning.manual.manual_step import MEMBERSHIP, SETTINGS_OF_MEMBERSHIP


def with_acknowledged(
    comparison: Comparison, settings: Settings, target: str, *, partial: bool
) -> tuple[Comparison, tuple[Stale, ...]]:
    """Return a comparison with acknowledged steps, and the acknowledgements that no step needs.

    Args:
        comparison: the comparison.
        settings: the settings of the project.
        target: the target of the plan.
        partial: whether the plan is of a part of the project, and leaves out most steps.
    """
    done = acknowledge(
        comparison.steps,
        settings.acknowledged,
        target,
        new=agents_to_create(comparison.changes, comparison.steps),
        without_steps=None if partial else [*_without_steps(comparison, settings)],
    )
    return replace(comparison, steps=done.steps), done.stale


def _without_steps(comparison: Comparison, settings: Settings) -> Iterator[str]:
    """Yield the beginnings of ids of steps that a plan leaves out, though others may have them.

    A field under `initial` is asked only on the machine with the record of the agent's creation.
    """
    yield from (f"{change.address}#" for change in comparison.held)
    yield from (f"{one.address}#" for one in comparison.left_out)
    for change in comparison.changes:
        if change.action is Action.CREATE:
            continue
        for rule in settings.initial:
            if rule.covers(change.address):
                section = rule.path[0]
                yield f"{change.address}#{section}@"
                if section == MEMBERSHIP:
                    yield f"{change.address}#{SETTINGS_OF_MEMBERSHIP}@"
