"""The account of a plan, and the settings that a branch changes compared with its base."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.diagnostics import Span
from provisioner.model.acknowledgements import SECTION
from provisioner.model.effective import project_settings
from provisioner.model.settings import Settings
from provisioner.model.team.locks import Locks
from provisioner.model.team.minimums import LOCKED
from provisioner.model.team.waivers import SECTION as WAIVERS
from provisioner.planning.plans.change_json import source_data

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanAccount:
    """The account that a plan was made for.

    Attributes:
        url: its address; "" for the embedded sandbox, which has another port each time.
        api_key: the source of its key, such as `env LIVEAGENT_V3_API_KEY`; never the key.
        name: its name, as the project declares it; "" for none. The API does not have it (D: its
            models).
        panel_url: the pattern for the address of an agent's page in the panel; "" for none.
    """

    url: str = ""
    api_key: str = ""
    panel_url: str = ""
    name: str = ""

    def as_data(self) -> dict[str, str] | None:
        """Return the account as JSON data; None for the embedded sandbox."""
        optional = {"panel_url": self.panel_url, "name": self.name}
        declared = {key: value for key, value in optional.items() if value}
        return {"url": self.url, "api_key": self.api_key, **declared} if self.url else None


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One changed setting.

    Attributes:
        path: its keys with dots between, such as `targets.production.url`.
        before: the former value; None if it was not set.
        after: the new value; None if it is not set.
        source: its place in the branch's file, or that of the nearest key above.
    """

    path: str
    before: Any
    after: Any
    source: Span | None = None


def policy_changes(before: Settings, after: Settings) -> tuple[PolicyChange, ...]:
    """Return the settings that a branch changes, sorted by path."""
    return differing(project_settings(before), project_settings(after), after)


def lock_changes(before: Locks, after: Locks) -> tuple[PolicyChange, ...]:
    """Return the profiles with other locked fields than before, sorted."""
    spans = {f"{LOCKED}.{lock.profile}": lock.span for lock in reversed(after.locks)}
    return tuple(
        replace(change, source=spans.get(change.path))
        for change in differing({LOCKED: before.as_data()}, {LOCKED: after.as_data()})
    )


def differing(
    before: Mapping[str, Any], after: Mapping[str, Any], settings: Settings | None = None
) -> tuple[PolicyChange, ...]:
    """Return the values that differ between two settings as data, sorted by path."""
    old, new = dict(_values(before)), dict(_values(after))
    return tuple(
        PolicyChange(
            ".".join(keys),
            old.get(keys),
            new.get(keys),
            _source(settings, keys) if settings else None,
        )
        for keys in sorted(old.keys() | new.keys())
        if old.get(keys) != new.get(keys)
    )


def _source(settings: Settings, keys: Keys) -> Span | None:
    """Return the place of a setting, or of the nearest key above it."""
    for entry in settings.acknowledged:
        if keys == (SECTION, entry.label):
            return entry.span
    for waiver in settings.waivers:
        if keys == (WAIVERS, waiver.label):
            return waiver.span
    return settings.document.span(keys) if settings.document else None


def policy_change_data(change: PolicyChange) -> dict[str, Any]:
    """Return a changed setting as JSON data."""
    return {
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "source": source_data(change.source),
    }


def _values(data: Mapping[str, Any], keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield every value that is not a mapping, with its keys from the outside in."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _values(value, (*keys, key))
        else:
            yield (*keys, key), value
