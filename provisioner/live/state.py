"""Live state: the objects of an account at one time, with the fields of the YAML files."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from operator import itemgetter
from typing import Any

from provisioner.address import Address, Identity, Kind, fold
from provisioner.characters import composed, is_ascii
from provisioner.json_form import ascii_json
from provisioner.live.leaving import LeavingFacts
from provisioner.live.unread import Unread
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.model.hours_form import ASSUMED_HOURS_FORM, HoursForm
from provisioner.model.zones import zone_exists, zone_of_label


class Surface(StrEnum):
    """The extent of an account's API.

    V3 is the documented API: without roles, and with departments and memberships for reading only.
    FULL adds these under the same paths in the same style.
    """

    V3 = "v3"
    FULL = "full"


_UNNAMED_ROLE = "(role id {})"


def unnamed_role(role_id: str) -> str:
    """Return a placeholder name for a role of which the API shows only the id."""
    return _UNNAMED_ROLE.format(role_id)


def id_of_unnamed_role(name: str) -> str | None:
    """Return the id in a placeholder of `unnamed_role`, or None for a real name."""
    start, end = _UNNAMED_ROLE.split("{}")
    if name.startswith(start) and name.endswith(end):
        return name[len(start) : -len(end)]
    return None


@dataclass(frozen=True, slots=True)
class LiveObject:
    """One object of the account.

    Attributes:
        address: its address.
        id: the server's id.
        attributes: all fields that the API shows, complete, in the form of the YAML.
        raw: the object as the API sent it, for `provisioner.liveagent` only. A write sends it
            back completely, because the API may reset fields that a write omits.
    """

    address: Address
    id: str
    attributes: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)


def _composed(live: LiveObject) -> LiveObject:
    """Return an object with its texts in Unicode's composed form, except `raw`."""
    if is_ascii(live.address.key) and is_ascii(live.attributes):
        return live
    address = Address(live.address.kind, composed(live.address.key))
    attributes = composed(live.attributes)
    if (address, attributes) == (live.address, live.attributes):
        return live
    return replace(live, address=address, attributes=attributes)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Properties of the account as a whole; None for an unknown one.

    Attributes:
        plan: the name of the LiveAgent subscription.
        features: `chats` and `calls` to whether the subscription has them and they are on.
        plugins: `sounds` and `gamification` to whether they are active.
        chat_routing: the mode that assigns chats to agents.
        max_custom_roles: the maximum number of custom roles.
        timezone: the zone of its planned hours.
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

    def completed(self, declared: Mapping[str, Any]) -> "AccountFacts":
        """Return the facts completed by those that the project declares."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        if self.timezone is not None and not zone_exists(self.timezone):
            # The account shows a label, not an IANA name (U): a declared name is more certain.
            named = declared.get("timezone") or zone_of_label(self.timezone)
            known["timezone"] = named or self.timezone
        mappings = {
            name: {**declared.get(name, {}), **getattr(self, name)}
            for name in ("features", "plugins")
        }
        return AccountFacts(**{**declared, **known, **mappings})


@dataclass(frozen=True, slots=True)
class Paging:
    """How an account answered the pages of a reading.

    Attributes:
        size: the rows of the largest page that it accepted.
        refused: how many requests it refused because of larger pages.
        checks_end: whether a list takes another request if its last page is full.
    """

    size: int = ASSUMPTIONS["page_size"].default
    refused: int = 0
    checks_end: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list, as it was read.

    Attributes:
        number: 1 for the first page.
        cursor: the cursor that leads to the page; None for the first page, and in lists that are
            paged by number.
    """

    number: int
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """The state of an account at one time.

    Attributes:
        objects: identity (kind and folded key) to object.
        ambiguous: identity that several objects share, to all of them.
        defaults: mapping from kind to the values of null that the account shows, in the form of the
            attributes. A role's `permissions` are all permissions of the account.
        account: properties of the account as a whole.
        deleted: folded email of each deleted agent to its id, if the API lists them.
        surface: the extent of the API.
        hours_form: the form in which it holds planned hours.
        unread: the parts of the account that were not understood.
        permission_needs: permission to the permission that it requires.
        requests: number of requests for reading the state.
        paging: how the pages of the reading were answered.
        pages: the pages of rows: name of a list to id of a row (as text) to its page. The lists are
            `agents`, `statuses`, `devices` and `agent_settings`, those of them that were read.
        plugins_read: whether API v3 listed the plugins; None if it was not asked for them.
        leaving: keys, logins and tickets of agents who leave; None if nobody does.
        deleted_voices: folded email of each deleted agent to the voice status, if the API lists it.
    """

    objects: Mapping[Identity, LiveObject]
    ambiguous: Mapping[Identity, tuple[LiveObject, ...]] = field(default_factory=dict)
    defaults: Mapping[Kind, Mapping[str, Any]] = field(default_factory=dict)
    account: AccountFacts = field(default_factory=AccountFacts)
    deleted: Mapping[str, str] = field(default_factory=dict)
    surface: Surface = Surface.FULL
    hours_form: HoursForm = ASSUMED_HOURS_FORM
    unread: tuple[Unread, ...] = ()
    permission_needs: Mapping[str, str] = field(default_factory=dict)
    requests: int = field(default=0, compare=False)
    paging: Paging = field(default=Paging(), compare=False)
    pages: Mapping[str, Mapping[str, ListPage]] = field(default_factory=dict, compare=False)
    plugins_read: bool | None = field(default=None, compare=False)
    leaving: LeavingFacts | None = field(default=None, compare=False)
    deleted_voices: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(  # noqa: PLR0913  one for each part of the state
        cls,
        objects: Iterable[LiveObject],
        *,
        defaults: Mapping[Kind, Mapping[str, Any]] | None = None,
        account: AccountFacts | None = None,
        deleted: Mapping[str, str] | None = None,
        surface: Surface = Surface.FULL,
        hours_form: HoursForm = ASSUMED_HOURS_FORM,
        unread: tuple[Unread, ...] = (),
        requests: int = 0,
        paging: Paging = Paging(),
        all_ascii: bool = False,
    ) -> "LiveState":
        """Return the state of objects; objects that share an identity become `ambiguous`.

        `all_ascii` is for a caller who knows that every text of the objects is ASCII.
        """
        by_identity: dict[Identity, list[LiveObject]] = {}
        for live in objects if all_ascii else map(_composed, objects):
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
            hours_form=hours_form,
            unread=unread,
            requests=requests,
            paging=paging,
        )

    def find(self, kind: Kind, name: str) -> LiveObject | None:
        """Return the object with this email or name, in any spelling."""
        return self.objects.get((kind, fold(name)))

    def shows(self, kind: Kind) -> bool:
        """Return whether the API lists the objects of a kind: v3 lists no roles."""
        return kind is not Kind.ROLE or self.surface is Surface.FULL

    @property
    def permissions(self) -> Mapping[str, str]:
        """Permissions of a new role: name to `grant` or `revoke`; empty if unknown."""
        permissions: Mapping[str, str] = self.defaults.get(Kind.ROLE, {}).get("permissions", {})
        return permissions

    @property
    def fingerprint(self) -> str:
        """A digest of the whole state: equal states have equal fingerprints."""
        objects = sorted(
            ([str(live.address), live.id, live.attributes] for live in self.objects.values()),
            key=itemgetter(0, 1),
        )
        rest = {"account": asdict(self.account), "defaults": self.defaults, "objects": []}
        # Object by object: the text of a large account would need much memory.
        before, after = ascii_json(rest)[:-2], ascii_json({"surface": self.surface})
        digest = hashlib.sha256(before)
        for index, entry in enumerate(objects):
            digest.update((b"," if index else b"") + ascii_json(entry))
        digest.update(b"]," + after[1:])
        return f"sha256:{digest.hexdigest()}"
