"""Disputes: claims on live objects that conflict or look wrong, with both places."""

from collections.abc import Iterator

from provisioner.address import Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.live.state import LiveObject
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS
from provisioner.planning.claims.claims import Claim, Claims, Tie


def disputes(claims: Claims) -> Iterator[Diagnostic]:
    """Yield the errors and warnings about claims."""
    for entry in claims.entries.values():
        claim = claims.of_entries.get(entry.address.identity)
        if claim is None:
            yield from _no_claim(entry, claims)
            continue
        yield from _ambiguous(claim, claims)
        if claim.tie is Tie.NAME:
            yield from _former_name_lives(claim, claims)
        elif claim.moved:
            yield from _several_former_names(claim, claims)
            yield from _name_is_taken(claim, claims)
            yield from _takes_from_another(claim, claims)
            yield from _email_of_deleted(claim, claims)
    for same in claims.of_objects.values():
        if len(same) > 1:
            yield _claimed_twice(same)
    yield from _circles(claims)


def _no_claim(entry: Resource, claims: Claims) -> Iterator[Diagnostic]:
    """Yield a pinned id, or a former name of an absent entry, that the account does not have."""
    kind = entry.address.kind
    if not claims.live.shows(kind):
        return
    existing = claims.live.objects.get(entry.address.identity)
    if entry.pinned_id and existing is not None:
        yield _id_mismatch(entry, existing)
    elif entry.pinned_id and not entry.absent:
        yield Diagnostic(
            code="id-mismatch",
            summary=f"no {kind} has the id {entry.pinned_id} that the files pin for "
            f'"{entry.address.key}"',
            span=entry.span("id"),
            hint="correct the id, or remove the line",
        )
    elif entry.absent and (entry.pinned_id or entry.previously):
        known = kind is Kind.AGENT and entry.pinned_id in claims.live.deleted.values()
        key = "id" if entry.pinned_id else "previously"
        if not known:
            yield Diagnostic(
                code="nothing-to-delete",
                summary=f'{kind} "{entry.address.key}" is declared absent, and nothing in the '
                f"account has its `{key}` {entry.pinned_id or entry.previously}",
                span=entry.span(key),
                hint="correct it, or remove the entry if the object has been deleted",
                severity=Severity.WARNING,
            )


def _ambiguous(claim: Claim, claims: Claims) -> Iterator[Diagnostic]:
    """Yield a claimed object that shares its former email or name with another one.

    `object_rules.unique_name` reports those that share the entry's own name.
    """
    same = claims.live.ambiguous.get(claim.existing.address.identity)
    if same and claim.moved:
        kind, key = claim.existing.address.kind, claim.existing.address.key
        yield Diagnostic(
            code="ambiguous-live",
            summary=f'{kind} "{key}" exists more than once: '
            + ", ".join(f'{other.id} ("{other.address.key}")' for other in same),
            span=_span(claim),
            hint="rename or delete all but one of them in the panel",
        )


def _former_name_lives(claim: Claim, claims: Claims) -> Iterator[Diagnostic]:
    """Yield the former names of an entry that the account still has beside its own."""
    entry = claim.entry
    for former in claims.former(entry):
        others = claims.of_objects.get((former.address.kind, former.id), ())
        if not others:
            yield _both_live(claim, former)
        elif entry.previously:
            yield Diagnostic(
                code="rename-applied",
                summary=f'{entry.address.kind} "{entry.address.key}" exists, and another entry '
                f'declares its former {_naming(entry)} "{former.address.key}"',
                span=entry.span("previously"),
                hint="remove `previously`: if the first of the two is ever deleted, the second "
                "one would be renamed",
                related=(("the entry of the former name", others[0].entry.span()),),
                severity=Severity.WARNING,
            )


def _several_former_names(claim: Claim, claims: Claims) -> Iterator[Diagnostic]:
    """Yield an agent with accounts in several former domains of the email."""
    if claim.tie is Tie.FORMER and len(former := claims.former(claim.entry)) > 1:
        emails = ", ".join(f'"{existing.address.key}" ({existing.id})' for existing in former)
        yield Diagnostic(
            code="rename-conflict",
            summary=f'agent "{claim.entry.address.key}" may be any of several accounts: {emails}',
            span=_span(claim),
            hint="name the one that is renamed: previously: EMAIL",
        )


def _both_live(claim: Claim, former: LiveObject) -> Diagnostic:
    entry = claim.entry
    todo = "deleted" if entry.absent else "renamed"
    return Diagnostic(
        code="rename-conflict",
        summary=f'{entry.address.kind} "{entry.address.key}" ({claim.existing.id}) and its former '
        f'{_naming(entry)} "{former.address.key}" ({former.id}) are two live objects',
        span=_span(claim),
        hint=f"pin the one to be {todo} by its `id`; if they are two, remove `previously` or the "
        "move",
    )


def _name_is_taken(claim: Claim, claims: Claims) -> Iterator[Diagnostic]:
    """Yield a pinned id with a name that another object keeps."""
    holder = claims.live.objects.get(claim.entry.address.identity)
    if holder is None or claim.tie is not Tie.ID:
        return
    leaving = claims.of_objects.get((holder.address.kind, holder.id), ())
    if not any(other.renames for other in leaving):
        yield _id_mismatch(claim.entry, holder)


def _takes_from_another(claim: Claim, claims: Claims) -> Iterator[Diagnostic]:
    """Yield a claim on an object, if another entry declares its email or name.

    A rename and a newcomer under the former name are valid. They contradict each other if one of
    the two is to be deleted or suspended, and are unclear if the object looks like the newcomer.
    """
    entry, existing = claim.entry, claim.existing
    other = claims.entries.get(existing.address.identity)
    if other is None or other is entry:
        return
    removed = other.absent or other.suspended
    if entry.absent or (removed and other.address.identity not in claims.of_entries):
        yield _contradiction(claim, other)
    elif claim.tie is Tie.FORMER and _is_named_like(existing, other):
        yield Diagnostic(
            code="rename-unclear",
            summary=f'agent "{entry.address.key}" would take over the account of '
            f'"{other.address.key}" ({existing.id}), which has the name that the files declare '
            f'for "{other.address.key}": {existing.attributes["name"]}',
            span=_span(claim),
            hint="if the rename was applied before, remove `previously` or the move; if it is "
            f'still to be done, pin the account under "{entry.address.key}": id: {existing.id}',
            related=(("the entry of the former email", other.span("name")),),
        )


def _is_named_like(existing: LiveObject, entry: Resource) -> bool:
    """Return whether an account has the full name that an entry declares."""
    name = entry.attributes.get("name")
    is_agent = entry.address.kind is Kind.AGENT
    return is_agent and isinstance(name, str) and fold(name) == fold(existing.attributes["name"])


def _contradiction(claim: Claim, other: Resource) -> Diagnostic:
    entry, existing = claim.entry, claim.existing
    state = "absent" if other.absent else "suspended" if other.suspended else "present"
    own = "absent" if entry.absent else "renamed"
    return Diagnostic(
        code="claimed-twice",
        summary=f'{entry.address.kind} "{existing.address.key}" ({existing.id}) is claimed by '
        f'"{entry.address.key}" as {own}, and is itself declared {state}',
        span=_span(claim),
        hint=f"remove one of the two claims: {_claimed_by(claim)}, or the entry "
        f'"{other.address.key}"',
        related=(("the entry of that name", other.span()),),
    )


def _email_of_deleted(claim: Claim, claims: Claims) -> Iterator[Diagnostic]:
    """Yield a rename to an email that a deleted account has: LiveAgent keeps one per email (D)."""
    address = claim.entry.address
    deleted = claims.live.deleted.get(address.identity[1])
    if claim.renames and address.kind is Kind.AGENT and deleted is not None:
        yield Diagnostic(
            code="email-of-deleted",
            summary=f'agent "{claim.existing.address.key}" can\'t be renamed to "{address.key}": '
            f"a deleted account has that email ({deleted})",
            span=_span(claim),
            hint="choose another email, or restore the deleted account in the panel, give it "
            f"another email and delete it again; without {_claimed_by(claim)} it is restored",
        )


def _claimed_twice(same: tuple[Claim, ...]) -> Diagnostic:
    first, second = same[0], same[1]
    existing = first.existing
    return Diagnostic(
        code="claimed-twice",
        summary=f'{existing.address.kind} "{existing.address.key}" ({existing.id}) is claimed by '
        f'"{first.entry.address.key}" and "{second.entry.address.key}"',
        span=_span(second),
        hint=f"remove one of the two claims: {_claimed_by(first)}, or {_claimed_by(second)}",
        related=(("the other claim", _span(first)),),
    )


def _circles(claims: Claims) -> Iterator[Diagnostic]:
    """Yield each circle of renames once. None of them can begin: each needs the name of another."""
    renames = {
        claim.existing.address.identity: claim
        for claim in claims.of_entries.values()
        if claim.renames
    }
    done: set[Identity] = set()
    for start in sorted(renames):
        path: list[Identity] = []
        current = start
        while current in renames and current not in done:
            done.add(current)
            path.append(current)
            current = renames[current].entry.address.identity
        if current in path:
            yield _circle([renames[identity] for identity in path[path.index(current) :]])


def _circle(circle: list[Claim]) -> Diagnostic:
    first = circle[0]
    names = [claim.existing.address.key for claim in (*circle, first)]
    return Diagnostic(
        code="rename-circle",
        summary=f"the {first.entry.address.kind.plural} are renamed in a circle: "
        + " to ".join(f'"{name}"' for name in names),
        span=_span(first),
        hint=f"give one of them a temporary {_naming(first.entry)} and apply, then the new one "
        "and apply again",
        related=tuple(("part of the circle", _span(claim)) for claim in circle[1:]),
    )


def _id_mismatch(entry: Resource, holder: LiveObject) -> Diagnostic:
    return Diagnostic(
        code="id-mismatch",
        summary=f'{entry.address.kind} "{entry.address.key}" has the id {holder.id}, '
        f"and the files pin {entry.pinned_id}",
        span=entry.span("id"),
        hint="correct the id, or remove the line",
    )


def _naming(entry: Resource) -> str:
    return KINDS[entry.address.kind].identity


def _key(claim: Claim) -> str:
    """Return the key of the entry that the claim is based on."""
    if claim.tie is Tie.ID:
        return "id"
    is_former = fold(claim.entry.previously) == claim.existing.address.identity[1]
    return "previously" if claim.tie is Tie.FORMER and is_former else _naming(claim.entry)


def _span(claim: Claim) -> Span:
    return claim.entry.span(_key(claim))


def _claimed_by(claim: Claim) -> str:
    """Return the basis of the claim, for a hint."""
    if claim.tie is Tie.FORMER and _key(claim) != "previously":
        return "the move of the domain"
    return f'`{_key(claim)}` of "{claim.entry.address.key}"'
