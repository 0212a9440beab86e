"""docs/environment.md has every variable that the program reads, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/environment.md").read_text("utf-8")
VARIABLE = re.compile(r"[A-Z]+(_[A-Z0-9]+)+|COLUMNS|HOME|LINES|LOGNAME|PATH|TERM|TMPDIR|USER")

OF_LIBRARIES = {"ALL_PROXY", "HTTP_PROXY", "REQUESTS_CA_BUNDLE"}
"""Variables that only the HTTP client reads."""

NO_VARIABLES = {"O_CLOEXEC", "O_NOFOLLOW"}

LISTED = {
    name
    for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    for name in re.findall(r"`([A-Z0-9_]+)`", row)
}


def constants(module: ast.Module) -> Iterator[str]:
    """Yield the texts of a module other than keys of mappings, which are set and not read."""
    keys = {id(key) for node in ast.walk(module) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys:
            yield node.value


def read() -> set[str]:
    """Return the names of variables in modules that read the environment."""
    texts = (path.read_text("utf-8") for path in (ROOT / "provisioner").rglob("*.py"))
    return {
        name
        for text in texts
        if "environ" in text
        for name in constants(ast.parse(text))
        if VARIABLE.fullmatch(name)
    } - NO_VARIABLES


def test_the_page_has_every_variable_and_no_other() -> None:
    assert read() | OF_LIBRARIES == LISTED
