"""Reports as one HTML file, which needs no network, and no script to be read.

The template escapes every value, after `readable.brief` has made it harmless and short. The page's
security policy permits only its own style and script, by their digests: a browser would not run or
fetch anything else, even if something passed the escaping.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from provisioner.render import readable
from provisioner.render.html.page_data import page_data
from provisioner.render.review.review import Review

LONGEST = 2_000
"""Characters of a text that are shown."""


def draw(review: Review) -> str:
    """Return a plan as an HTML page."""
    return render_page("plan", ("plan.css",), page_data(review))


def draw_framed(review: Review) -> str:
    """Return a plan as an HTML page for a frame; the page around it adds style and script."""
    assets = {**page_assets("", "plan", ("plan.css",)), "style": "", "script": ""}
    return _template("plan.html.jinja").render(**assets, **page_data(review))


def render_page(name: str, styles: Sequence[str], data: Mapping[str, Any]) -> str:
    """Return a page with its style and script inside of it; see `page_parts`."""
    return "".join(page_parts(name, styles, data))


def page_parts(name: str, styles: Sequence[str], data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of a page with its style and script inside of it.

    Args:
        name: the name of its template and of its script, which follows that of the filters.
        styles: the names of its style sheets.
        data: the variables of the template.
    """
    assets = page_assets("", name, styles)
    return _template(f"{name}.html.jinja").generate(**assets, **data)


def page_assets(prefix: str, name: str, styles: Sequence[str]) -> dict[str, str]:
    """Return the style and the script of a page and their digests, as variables of a template.

    `prefix` is a word before their names; "" for none.
    """
    style = Markup("").join(map(_file, styles))
    script = Markup("").join(map(_file, ("filters.js", f"{name}.js")))
    start = f"{prefix}_" if prefix else ""
    return {
        f"{start}style": style,
        f"{start}style_hash": _hash(style),
        f"{start}script": script,
        f"{start}script_hash": _hash(script),
    }


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("provisioner.render.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
    )
    return environment.get_template(name)


def _harmless(value: object) -> object:
    """Return a printed value without control characters, and cut if it is long."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return readable.brief(value, LONGEST)


def _file(name: str) -> Markup:
    file = resources.files("provisioner.render.html") / "templates" / name
    # Our own file, in <style> and <script>, where nothing is escaped.
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
