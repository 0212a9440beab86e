"""Seeded damage to bytes, to texts, and to the JSON-like content of files and answers."""

import copy
import json
import math
from random import Random
from typing import Any

HOSTILE_TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "../../etc/passwd",
    "/",
    ".",
    "agent/x",
    "x" * 5000,
    "\u202eevil",
    "\u200b",
    "\ufeff",
    "e\u0301",
    "\ud800",
    "\U0001f469\u200d\U0001f4bb",
    "\r\n",
    "\x1b[31mred\x1b[0m",
    "<script>alert(1)</script>",
    "[x](http://acme.example)",
    "| a | b |",
    "%s%n{0}{{x}}${y}",
    "(GMT+01:00) Prague",
    "Europe/Nowhere",
    "25:61",
    "2026-02-30",
    "2026-99-99 99:99:99",
    "http://[::1",
    "http://acme.example:99999",
    "owner@acme.example",
    "OWNER@ACME.EXAMPLE",
    "default",
    "owner",
    "*",
    "~",
    "null",
    "-1",
    "1e400",
]

HOSTILE_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    0.5,
    1e308,
    math.inf,
    math.nan,
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"id": {}},
]

TOKENS = [
    *(b"\0", b"\t", b"\r", b"\n", b"\n\n", b"  ", b": ", b"- ", b"? ", b", ", b"#", b" #"),
    *(b"{", b"}", b"[", b"]", b'"', b"'", b"|\n", b">-\n", b"---\n", b"...\n", b"%YAML 9.9\n"),
    *(b"&a ", b"*a", b"<<: ", b"!!python/name:os.system ", b"!!binary ", b"!x ", b"@", b"`"),
    *(b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc2\xa0", b"\xe2\x80\xae", b"\xed\xa0\x80"),
    *(b"\\u0000", b"\\ud800", b"\\x", b"[" * 3000, b"{a: " * 500, b"- " * 400, b"9" * 5000),
    *(b"agents:\n", b"roles:\n", b"state: absent\n", b"previously: x\n", b"extends: [x]\n"),
]

_DEEP = 300
_MOST_DAMAGE = 3


def seeded(seed: str) -> Random:
    """Return a source of chance that is the same for the same seed."""
    return Random(seed)  # noqa: S311  repeatable on purpose


def text(random: Random, old: str) -> str:
    """Return a text that is like another one, but damaged."""
    place = random.randint(0, len(old))
    other = random.choice(HOSTILE_TEXTS)
    damaged = [
        other,
        old[:place] + other + old[place:],
        old[:place],
        old[::-1],
        old.swapcase(),
        f" {old} ",
        old * random.randint(2, 50),
    ]
    return random.choice(damaged)


def value(random: Random, old: Any) -> Any:
    """Return a value to replace another one."""
    match random.randrange(6):
        case 0 | 1:
            return copy.deepcopy(random.choice(HOSTILE_VALUES))
        case 2:
            return random.choice(HOSTILE_TEXTS)
        case 3:
            return text(random, old) if isinstance(old, str) else str(old)[:200]
        case 4:
            return random.choice(([old], {"x": old}, [old, old]))
        case _:
            return _nested(random.choice((3, 30, _DEEP)))


def _nested(depth: int) -> Any:
    result: Any = []
    for number in range(depth):
        result = [result] if number % 2 else {"x": result}
    return result


def content(random: Random, old: Any) -> Any:
    """Return JSON-like content with one to three places of it damaged."""
    holder = [copy.deepcopy(old)]
    for _ in range(random.randint(1, _MOST_DAMAGE)):
        places = [place for place in _places(holder) if place[0] is not holder] or [(holder, 0)]
        box, key = random.choice(places)
        if random.random() < 0.03:
            box, key = holder, 0
        _damage(random, box, key, places)
    return holder[0] if holder else None


def gentle(random: Random, old: Any) -> Any:
    """Return content with one to five plausible changes."""
    new = copy.deepcopy(old)
    for _ in range(random.randint(1, 5)):
        places = [(box, key) for box, key in _places([new]) if isinstance(box, dict)]
        if not places:
            break
        box, key = random.choice(places)
        like = [other[key] for other, name in places if name == key]
        other_box, other_key = random.choice(places)
        if key not in box or other_key not in other_box:
            continue  # an earlier change has taken it away
        match random.randrange(6):
            case 0:
                del box[key]
            case 1:
                box[key] = None
            case 2 if isinstance(box[key], bool):
                box[key] = not box[key]
            case 2 if isinstance(box[key], int):
                box[key] += random.choice((-1, 1, 10))
            case 3 if isinstance(box[key], list) and box[key]:
                box[key].append(copy.deepcopy(random.choice(box[key])))
            case 4:
                # Keys of an agent go to agents, and those of settings to settings.
                twins = [other for other, _ in places if set(other) & set(box)]
                twin = random.choice(twins)
                box.update(copy.deepcopy({name: twin[name] for name in twin if name not in box}))
            case _:
                box[key] = copy.deepcopy(random.choice(like))
    return new


def _places(box: Any) -> list[tuple[Any, Any]]:
    """List every place as a container and a key, in a fixed order; anchors of YAML share some."""
    found = []
    stack, seen = [box], set()
    while stack:
        here = stack.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        keys = list(here) if isinstance(here, dict) else range(len(here))
        for key in keys:
            found.append((here, key))
            if isinstance(here[key], dict | list):
                stack.append(here[key])
    return found


def _damage(random: Random, box: Any, key: Any, places: list[tuple[Any, Any]]) -> None:
    other_box, other_key = random.choice(places)
    try:
        other = copy.deepcopy(other_box[other_key])
        old = box[key]
    except (KeyError, IndexError):
        return  # an earlier damage has taken it away
    match random.randrange(8):
        case 0:
            del box[key]
        case 1:
            box[key] = other
        case 2 if isinstance(box, dict):
            box[text(random, str(key))] = box.pop(key)
        case 3 if isinstance(box, dict):
            new = other_key if isinstance(other_key, str) else random.choice(HOSTILE_TEXTS)
            box[new] = other
        case 2 | 3:
            box.insert(random.randint(0, len(box)), copy.deepcopy(old))
        case 4 if isinstance(old, list):
            random.shuffle(old)
            old += copy.deepcopy(old)
        case 5 if isinstance(old, str):
            box[key] = text(random, old)
        case _:
            box[key] = value(random, old)


def raw(random: Random, old: bytes) -> bytes:
    """Return bytes with one to three places of them damaged."""
    new = bytearray(old)
    for _ in range(random.randint(1, _MOST_DAMAGE)):
        start = random.randint(0, len(new))
        end = min(len(new), start + random.choice((1, 2, 8, 40, 400)))
        match random.randrange(6):
            case 0:
                del new[start:end]
            case 1 | 2:
                new[start:start] = random.choice(TOKENS)
            case 3:
                new[start:start] = new[start:end] * random.choice((1, 3))
            case 4 if new:
                new[min(start, len(new) - 1)] = random.randrange(256)
            case _:
                lines = bytes(new).splitlines(keepends=True)
                if lines:
                    lines.insert(random.randint(0, len(lines)), random.choice(lines))
                    lines[random.randrange(len(lines))] = random.choice(lines)
                new = bytearray(b"".join(lines))
    return bytes(new)


def as_json(data: Any) -> bytes:
    """Return content as JSON, also where it is none in the strict sense (NaN, surrogates)."""
    return json.dumps(data).encode()
