"""Live state: one immutable reading of an account, in the vocabulary of the YAML files."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.characters import composed
from provisioner.model.zones import zone_exists, zone_of_label


class Surface(StrEnum):
    """How much of an account its API shows and changes.

    V3 is what LiveAgent documents: no roles, and departments and memberships for reading only.
    FULL adds these under the same paths in the same style.
    """

    V3 = "v3"
    FULL = "full"


_UNNAMED_ROLE = "(role id {})"


def unnamed_role(role_id: str) -> str:
    """Return what stands for a role whose id is all that the API tells."""
    return _UNNAMED_ROLE.format(role_id)


def id_of_unnamed_role(name: str) -> str | None:
    """Return the id in a name of `unnamed_role`, or None for a real name."""
    start, end = _UNNAMED_ROLE.split("{}")
    if name.startswith(start) and name.endswith(end):
        return name[len(start) : -len(end)]
    return None


@dataclass(frozen=True, slots=True)
class LiveObject:
    """One object of the account.

    Attributes:
        address: its stable name.
        id: the server's id.
        attributes: all fields that the target can show, complete, as the YAML would have them.
        raw: the object as the API sent it; only the provider may look inside. A write sends it
            back whole, since the API may reset what a write leaves out.
    """

    address: Address
    id: str
    attributes: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)


def _composed(live: LiveObject) -> LiveObject:
    """Return an object with its texts in the form that texts of files have, but for `raw`."""
    address = Address(live.address.kind, composed(live.address.key))
    attributes = composed(live.attributes)
    if (address, attributes) == (live.address, live.attributes):
        return live
    return replace(live, address=address, attributes=attributes)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What is true of the account as a whole; None is what is not known.

    Attributes:
        plan: the name of the vendor's plan.
        features: `chats` and `calls` to whether they are part of it and switched on.
        plugins: `sounds` and `gamification` to whether they are active.
        chat_routing: the mode in which chats are handed out.
        max_custom_roles: how many custom roles it may have.
        timezone: the zone that it keeps hours in.
        key_agent: the id of the agent that the API key belongs to.
        creator: the id of the agent who created the account.
    """

    plan: str | None = None
    features: Mapping[str, bool] = field(default_factory=dict)
    plugins: Mapping[str, bool] = field(default_factory=dict)
    chat_routing: str | None = None
    max_custom_roles: int | None = None
    timezone: str | None = None
    key_agent: str | None = None
    creator: str | None = None

    def completed(self, said: Mapping[str, Any]) -> "AccountFacts":
        """Return the account with what a project says of it where the target does not.

        Args:
            said: the section `account` of the project's configuration.
        """
        known = {name: value for name, value in asdict(self).items() if value is not None}
        if self.timezone is not None and not zone_exists(self.timezone):
            # A label that is no IANA name (U): what the project says is more certain.
            named = said.get("timezone") or zone_of_label(self.timezone)
            known["timezone"] = named or self.timezone
        mappings = {
            name: {**said.get(name, {}), **getattr(self, name)} for name in ("features", "plugins")
        }
        return AccountFacts(**{**said, **known, **mappings})


@dataclass(frozen=True, slots=True)
class LiveState:
    """A snapshot of an account.

    Attributes:
        objects: identity (kind and folded key) to object.
        ambiguous: objects whose identity another object has, too, with all of them.
        defaults: kind to what null stands for, as far as the account tells, in the form of the
            attributes. A role's `permissions` are all that the account knows.
        account: what is true of the account as a whole.
        deleted: folded email of each deleted account to its id, as far as the API lists them.
        surface: what the API shows and changes.
        requests: how many requests the reading took.
    """

    objects: Mapping[tuple[Kind, str], LiveObject]
    ambiguous: Mapping[tuple[Kind, str], tuple[LiveObject, ...]] = field(default_factory=dict)
    defaults: Mapping[Kind, Mapping[str, Any]] = field(default_factory=dict)
    account: AccountFacts = field(default_factory=AccountFacts)
    deleted: Mapping[str, str] = field(default_factory=dict)
    surface: Surface = Surface.FULL
    requests: int = field(default=0, compare=False)

    @classmethod
    def of(
        cls,
        objects: Iterable[LiveObject],
        *,
        defaults: Mapping[Kind, Mapping[str, Any]] | None = None,
        account: AccountFacts | None = None,
        deleted: Mapping[str, str] | None = None,
        surface: Surface = Surface.FULL,
        requests: int = 0,
    ) -> "LiveState":
        """Index objects by identity, and keep apart those that share one."""
        by_identity: dict[tuple[Kind, str], list[LiveObject]] = {}
        for live in map(_composed, objects):
            by_identity.setdefault(live.address.identity, []).append(live)
        return cls(
            objects={identity: same[0] for identity, same in by_identity.items()},
            ambiguous={
                identity: tuple(same) for identity, same in by_identity.items() if len(same) > 1
            },
            defaults=composed(defaults or {}),
            account=account or AccountFacts(),
            deleted=deleted or {},
            surface=surface,
            requests=requests,
        )

    def find(self, kind: Kind, name: str) -> LiveObject | None:
        """Return the object with this email or name, in any spelling."""
        return self.objects.get((kind, fold(name)))

    def shows(self, kind: Kind) -> bool:
        """Return whether the API lists the objects of a kind: v3 lists no roles."""
        return kind is not Kind.ROLE or self.surface is Surface.FULL

    @property
    def permissions(self) -> Mapping[str, str]:
        """What a new role has: permission name to `grant` or `revoke`; empty where unknown."""
        permissions: Mapping[str, str] = self.defaults.get(Kind.ROLE, {}).get("permissions", {})
        return permissions

    @property
    def fingerprint(self) -> str:
        """A digest of all that was read: the same state has the same fingerprint."""
        content = {
            "objects": sorted(
                [str(live.address), live.id, live.attributes] for live in self.objects.values()
            ),
            "defaults": self.defaults,
            "account": asdict(self.account),
            "surface": self.surface,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
