"""No input keeps `validate` busy: it costs at most twenty times what valid input of its size costs.

Costs are counted as function calls, next to valid projects of the same size, so that neither the
machine nor other work on it changes the result.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from cProfile import Profile
from pathlib import Path

import pytest

from provisioner.app.open_project import validate
from provisioner.diagnostics import Diagnostic
from provisioner.documents import file_names, source_texts
from provisioner.render.diagnostics.github import as_github
from provisioner.render.diagnostics.gitlab import as_gitlab
from provisioner.render.diagnostics.junit import as_junit
from provisioner.render.diagnostics.sarif import as_sarif
from provisioner.render.diagnostics.text import as_text

MOST = 20
"""How many times as much as valid input of its size any input may cost."""

FLOOR = 300_000
"""Calls that small inputs may take, whatever their size."""

Files = Mapping[str, str]


def numbers(count: int, text: str, mark: str = "\n") -> str:
    return mark.join(text.replace("%", str(number)) for number in range(count))


def agents(count: int, text: str) -> str:
    return "agents:\n" + numbers(count, f"- {{email: a%@acme.example{text}}}") + "\n"


def chain(count: int) -> str:
    links = [f"- {{name: p{number}, extends: [p{number + 1}]}}\n" for number in range(count)]
    return "".join(["profiles:\n", *links, f"- {{name: p{count}}}\n"])


def diamonds(depth: int) -> str:
    rows = [
        f"- {{name: {side}{level}, extends: [a{level + 1}, b{level + 1}]}}"
        for level in range(depth)
        for side in "ab"
    ]
    return "profiles:\n" + "\n".join([*rows, f"- {{name: a{depth}}}", f"- {{name: b{depth}}}"])


NAMES = "departments:\n" + numbers(1500, "- {name: Department number %}") + "\n"
THOUSANDS = range(4000)
HOURS = "{days: [mon], from: '09:00', to: '10:00'"

ODD: dict[str, Callable[[], Files]] = {
    "misspelt departments": lambda: {
        "a": NAMES + agents(1500, ", departments: {Departmnt nmber %: {}}")
    },
    "misspelt departments of one": lambda: {
        "a": NAMES + agents(1, ", departments: {" + numbers(5000, "Depart %: {}", ", ") + "}")
    },
    "misspelt departments of a profile": lambda: {
        "a": "profiles: [{name: p, departments: {"
        + numbers(300, "Depart %: {}", ", ")
        + "}}]\n"
        + agents(1500, ", extends: [p]")
    },
    "misspelt profiles": lambda: {
        "a": "profiles:\n"
        + numbers(1500, "- {name: Profile number %}")
        + "\n"
        + agents(1500, ", extends: [Profle nmber %]")
    },
    "misspelt keys": lambda: {"a": agents(1500, ", nmae: x, rle: agent")},
    "misspelt keys of one": lambda: {"a": agents(1, ", " + numbers(8000, "key%: 1", ", "))},
    "misspelt sections": lambda: {"a": numbers(8000, "agents%: []")},
    "duplicate keys": lambda: {
        "a": agents(1, ", sounds: {" + 2 * (numbers(4000, "key%: x", ", ") + ", ") + "}")
    },
    "aliases without anchors": lambda: {
        "a": agents(1, ", sounds: {" + numbers(3000, "x%: &anchor%x y, y%: *ancor%x", ", ") + "}")
    },
    "aliases that multiply": lambda: {
        "a": "a0: &a0 ["
        + numbers(20, "x", ",")
        + "]\n"
        + numbers(8, "b%: &b% [*a0, *a0, *a0, *a0]")
        + "\n"
        + numbers(60, "c%: [*b1, *b2, *b3, *b4, *b5, *b6, *b7]")
    },
    "merge keys": lambda: {
        "a": "p: &p {" + numbers(800, "k%: 1", ", ") + "}\nagents:\n" + 300 * "- {<<: *p}\n"
    },
    "merged lists": lambda: {
        "a": "p: &p {"
        + numbers(800, "k%: 1", ", ")
        + "}\n"
        + numbers(100, "q%: {<<: [*p, *p, *p, *p]}")
    },
    "diamonds of profiles": lambda: {"a": diamonds(60) + "\n" + agents(20, ", extends: [a0, b0]")},
    "a chain of profiles": lambda: {"a": chain(1500) + agents(1500, ", extends: [p0]")},
    "a circle of profiles": lambda: {
        "a": "profiles:\n"
        + numbers(1500, "- {name: p%, extends: [p0]}")
        + "\n"
        + chain(1500).removeprefix("profiles:\n")
    },
    "hours of many departments": lambda: {
        "a": "departments:\n"
        + numbers(300, "- {name: D%}")
        + "\nprofiles:\n- {name: p, departments: {"
        + numbers(300, "D%: {}", ", ")
        + "}, hours: ["
        + ", ".join([f"{HOURS}}}"] * 300)
        + "]}\n"
        + agents(300, ", extends: [p]")
    },
    "hours of unknown zones": lambda: {
        "a": agents(400, f", departments: {{}}, hours: [{HOURS}, timezone: Nowhere/%}}]")
    },
    "hours without membership": lambda: {
        "a": "profiles: [{name: p, departments: {}, hours: ["
        + numbers(200, f"{HOURS}, departments: [A%, B%, C%, D%]}}", ", ")
        + "]}]\n"
        + agents(400, ", extends: [p]")
    },
    "wrong memberships": lambda: {
        "a": agents(1, ", departments: {" + numbers(8000, "D%: 5", ", ") + "}")
    },
    "wrong agents": lambda: {"a": "agents:\n" + 8000 * "- 5\n"},
    "the same agent": lambda: {"a": "agents:\n" + 4000 * "- {email: a@acme.example}\n"},
    "a list with many repeats": lambda: {
        "a": agents(1, ", extends: [" + 3000 * "{a: 1}, 1, x, " + "]")
    },
    "one long line": lambda: {
        "a": json.dumps(
            {"agents": [{"email": f"a{n}@acme.example", "x": "é"} for n in range(4000)]}
        )
    },
    "long texts": lambda: {
        "a": "agents:\n"
        + numbers(
            4,
            "- {email: '%s', name: '%s', alias: '%s', level: '%s'}".replace("%s", "a " * 20_000),
        )
    },
    "long keys": lambda: {"a": "agents:\n" + numbers(4, f"- {{email: x, ? {'k' * 90_000} : 1}}")},
    "hidden characters": lambda: {
        "a": agents(1, ", sounds: {" + numbers(4000, "a%\u200bx: x", ", ") + "}")
    },
    "one text of hidden characters": lambda: {
        "a": agents(1, ", alias: '" + 100_000 * "\u200d" + "'")
    },
    "decomposed names": lambda: {
        "a": "departments:\n" + numbers(1500, "- {name: Mu\u0308hle %}") + "\n"
    },
    "halves of characters": lambda: {
        "a": agents(1, ", sounds: {" + numbers(3000, r'x%: "\ud83d"', ", ") + "}")
    },
    "nested brackets": lambda: {
        "a": ("x: " + 99 * "[" + 99 * "]" + "\n").join(map(str, range(900)))
    },
    "overlays of no target": lambda: {
        "a": agents(1000, ""),
        **{f"targets/t{n}/a": agents(1, "") for n in range(150)},
    },
    "unknown fields": lambda: {
        "a": agents(1, ""),
        "provisioner": "ignore:\n" + numbers(3000, "- {field: agents.levl%, reason: x}"),
    },
    "addresses of no host": lambda: {
        "a": agents(1, ""),
        "provisioner": "targets:\n"
        + numbers(2000, "  t%: {url: 'https://a..example', api_key: {env: K}}"),
    },
    "an id of many roles": lambda: {
        "a": agents(1, ""),
        "provisioner": "role_ids:\n" + numbers(4000, "  r%: x"),
    },
    "chained renames": lambda: {
        "a": "agents:\n" + numbers(3000, "- {email: a%@acme.example, previously: b%@acme.example}")
    },
}


@pytest.fixture(scope="module")
def cost_of_valid(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return what a byte of a valid project costs."""
    text = "departments:\n" + numbers(20, "- {name: Department number %}") + "\nagents:\n"
    row = "- {email: a%@acme.example, name: Mia Chen, departments: {Department number 3: {}}}"
    files = {"a": text + numbers(2500, row)}
    checked({"a": "agents: [{email: a@acme.example, x: 1}]"}, tmp_path_factory.mktemp("warm"))
    calls, _ = checked(files, tmp_path_factory.mktemp("valid"))
    return calls / len(files["a"])


def checked(files: Files, folder: Path) -> tuple[int, Sequence[Diagnostic]]:
    """Check a project and report its findings; return the function calls, and the findings."""
    for name, text in files.items():
        file = folder / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    with Profile() as calls:
        findings = validate(folder).findings
        sources = source_texts(folder)
        as_text(findings, prefix="", sources=sources, color=False, width=100)
        as_github(findings, prefix="", sources=sources)
        as_gitlab(findings, prefix="")
        as_sarif(findings, prefix="", sources=sources)
        as_junit(findings, prefix="", files=file_names(folder))
    return sum(entry.callcount for entry in calls.getstats()), findings


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ODD)
def test_odd_input_costs_little_more_than_valid_input_and_has_few_findings(
    name: str, cost_of_valid: float, tmp_path: Path
) -> None:
    files = ODD[name]()
    size = sum(map(len, files.values()))
    calls, findings = checked(files, tmp_path)
    assert calls <= FLOOR + MOST * cost_of_valid * size, size
    codes = [finding.code for finding in findings]
    assert max((codes.count(code) for code in codes), default=0) <= 101
