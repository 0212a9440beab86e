"""Each entry of the files claims at most one live object; conflicting claims are reported."""

import re
from pathlib import Path

import pytest

from provisioner.address import agent
from provisioner.app.open_project import validate
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.policy import Moves
from provisioner.planning.claims.claims import claim
from provisioner.planning.claims.disputes import disputes
from tests.support import write_project

MOVES = Moves((("@old.example", "@new.example"),))


def email(word: str) -> str:
    return word if "@" in word else f"{word}@acme.example"


def entry(word: str) -> str:
    """Return an entry in YAML: `a<b` was called b, `a#1` has the id id-1, `-a` is absent."""
    found = re.fullmatch(r"(-?)([\w.@]+)(?:<(\w+))?(?:#(\w+))?", word)
    assert found
    absent, own, former, number = found.groups()
    keys = [f"email: {email(own)}", "state: absent" if absent else "name: A"]
    keys += [f"previously: {email(former)}"] if former else []
    keys += [f"id: id-{number}"] if number else []
    return "{" + ", ".join(keys) + "}"


@pytest.mark.parametrize(
    ("entries", "live", "claims", "codes"),
    [
        # By the own name.
        ("a", "a", "a=a:name", ""),
        ("A", "a", "a=a:name", ""),
        ("a", "b", "", ""),
        ("-a", "a", "a=a:name", ""),
        # By a former name, an id, or a move of the domain.
        ("a<b", "b", "a=b:former name", ""),
        ("a#1", "b c", "a=c:id", ""),
        ("a@new.example", "a@old.example", "a@new.example=a@old.example:former name", ""),
        # A newcomer under a former name claims nothing.
        ("a<b b", "b", "a=b:former name", ""),
        # A chain of renames.
        ("a<b b<c", "b c", "a=b:former name, b=c:former name", ""),
        # Conflicts.
        ("a<b", "a b", "a=a:name", "rename-conflict"),
        ("a<b b<a", "a b", "a=a:name, b=b:name", "rename-applied rename-applied"),
        ("a#9", "b", "", "id-mismatch"),
        ("a<c b<c", "c", "a=c:former name, b=c:former name", "claimed-twice"),
        ("-a<b", "", "", "nothing-to-delete"),
    ],
)
def test_an_entry_claims_one_object(
    tmp_path: Path, entries: str, live: str, claims: str, codes: str
) -> None:
    yaml = ", ".join(map(entry, entries.split()))
    desired = validate(write_project(tmp_path, team=f"agents: [{yaml}]")).desired
    objects = [
        LiveObject(agent(email(word)), f"id-{n}", {"email": email(word), "name": f"Live {n}"})
        for n, word in enumerate(live.split())
    ]
    result = claim(desired, LiveState.of(objects), MOVES)
    found = ", ".join(
        f"{each.entry.address.key}={each.existing.address.key}:{each.tie}"
        for _, each in sorted(result.of_entries.items())
    )
    assert found.replace("@acme.example", "") == claims
    assert " ".join(finding.code for finding in disputes(result)) == codes
