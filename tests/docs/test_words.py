"""The gate for plain words, and for a structure that can be read from its names.

Code, documents and schemas must not use words that readers stumble over. Each class and module has
a name of its own, folders are small, and few modules know a field of an agent. The sandbox shares
no code with the client, so its classes and modules may have the same names.
"""

import ast
import io
import json
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "provisioner"
MODULES = sorted(PACKAGE.rglob("*.py"))
CLIENT = [path for path in MODULES if "sandbox" not in path.relative_to(PACKAGE).parts[:-1]]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests" / "README.md"])
SCHEMAS = sorted((ROOT / "schemas").rglob("*.json"))

BANNED = re.compile(
    r"\b(tells?|told|says?|said|whose|gravity|gravest|what stands|the way of the data)\b",
    re.IGNORECASE,
)
"""Words with a plainer substitute: a report *shows* or *lists*, and a function *returns*."""

TEXT_KEYS = frozenset({"title", "description", "summary", "x-hint", "x-when-wrong"})
"""Keys of a schema that hold text for readers."""

MOST_MODULES = 20
"""Modules that one folder may hold, without `__init__.py`."""

MOST_MODULES_OF_A_FIELD = {"to_solve_only": 3, "gender": 2, "theme": 2}
"""Modules of the client that may name a field: its codec, and the rules about it."""

Text = tuple[int, str]
"""A line number and a text."""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts_of_module(module: Path) -> Iterator[Text]:
    """Yield the comments, strings and defined names of a module."""
    source = module.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(value)):
                yield node.lineno, value
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name.replace("_", " ")
            case ast.ClassDef(name=name):
                yield node.lineno, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name.replace("_", " ")


def texts_of_schema(node: object) -> Iterator[Text]:
    """Yield the texts for readers in a schema; JSON has no line numbers, so they are 0."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in TEXT_KEYS and isinstance(value, str):
                yield 0, value
            else:
                yield from texts_of_schema(value)
    elif isinstance(node, list):
        for part in node:
            yield from texts_of_schema(part)


def banned_words(path: Path, texts: Iterable[Text]) -> list[str]:
    """Return a line for each text with a banned word."""
    return [
        f"{relative(path)}:{line}: {match[0]}: {text[:80]!r}"
        for line, text in texts
        if (match := BANNED.search(text))
    ]


def repeated(names: Iterable[tuple[str, Path]]) -> dict[str, list[str]]:
    """Return the names that occur more than once, with their modules."""
    modules = defaultdict(list)
    for name, path in names:
        modules[name].append(relative(path))
    return {name: paths for name, paths in modules.items() if len(paths) > 1}


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_uses_plain_words(module: Path) -> None:
    assert banned_words(module, texts_of_module(module)) == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_uses_plain_words(page: Path) -> None:
    assert banned_words(page, enumerate(page.read_text("utf-8").splitlines(), 1)) == []


@pytest.mark.parametrize("schema", SCHEMAS, ids=relative)
def test_a_schema_uses_plain_words(schema: Path) -> None:
    content = json.loads(schema.read_text("utf-8"))
    assert banned_words(schema, texts_of_schema(content)) == []


def test_no_public_class_name_is_used_twice() -> None:
    classes = (
        (node.name, path)
        for path in CLIENT
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert repeated(classes) == {}


def test_no_module_name_is_used_twice() -> None:
    modules = ((path.stem, path) for path in CLIENT if not path.stem.startswith("__"))
    assert repeated(modules) == {}


def test_no_folder_has_too_many_modules() -> None:
    folders = defaultdict(list)
    for path in MODULES:
        if path.stem != "__init__":
            folders[relative(path.parent)].append(path.stem)
    assert {name: stems for name, stems in folders.items() if len(stems) > MOST_MODULES} == {}


@pytest.mark.parametrize("field", MOST_MODULES_OF_A_FIELD)
def test_few_modules_know_a_field(field: str) -> None:
    modules = [
        relative(path) for path in CLIENT if re.search(rf"\b{field}\b", path.read_text("utf-8"))
    ]
    assert len(modules) <= MOST_MODULES_OF_A_FIELD[field], modules
