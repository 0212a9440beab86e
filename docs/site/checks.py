"""Checks the built site: links, anchors, resources from elsewhere, and the navigation."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LOADED = frozenset({"script", "img", "link", "iframe", "source", "object", "embed", "video", "use"})
"""Elements that make the browser load what they name."""

ELSEWHERE = "is loaded from elsewhere"

STYLE_URL = re.compile(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^\s\"')]+)")


class Page(HTMLParser):
    """A built page.

    Attributes:
        anchors: the ids of its elements.
        links: the targets of its links and of what it loads.
        resources: what the browser loads with it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors = {""}
        self.links: list[str] = []
        self.resources: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the ids and the targets of an element."""
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        targets = [values[name] for name in ("href", "src", "data") if name in values]
        self.links += targets
        if tag in LOADED:
            self.resources += targets


def problems(site: Path, nav: Iterable[Any]) -> list[str]:
    """Return what is wrong with a site, a line for each problem."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        found += [
            f"{name}: dead link: {target}" for target in page.links if _dead(path, target, pages)
        ]
        found += [f"{name}: {ELSEWHERE}: {url}" for url in page.resources if urlsplit(url).netloc]
    for path in sorted([*pages, *site.rglob("*.css")]):
        name = path.relative_to(site).as_posix()
        found += [
            f"{name}: {ELSEWHERE}: {match[1]}"
            for match in STYLE_URL.finditer(path.read_text(encoding="utf-8"))
        ]
    # The generator builds README.md as the index of its folder.
    listed = Counter(re.sub(r"README$", "index", page[:-3]) + ".html" for page in nav_pages(nav))
    built = {path.relative_to(site).as_posix() for path in pages}
    found += [f"{page}: is not in the navigation" for page in sorted(built - {*listed})]
    found += [f"{page}: is in the navigation, but not built" for page in sorted({*listed} - built)]
    found += [f"{page}: is in the navigation twice" for page in listed if listed[page] > 1]
    return found


def nav_pages(nav: Iterable[Any]) -> Iterator[str]:
    """Yield the pages of a navigation, from top to bottom."""
    for entry in nav:
        for value in [entry] if isinstance(entry, str) else entry.values():
            yield from [value] if isinstance(value, str) else nav_pages(value)


def _dead(path: Path, target: str, pages: dict[Path, Page]) -> bool:
    """Return whether a link leads to no file of the site, or to no anchor of its page."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if file.is_dir():
        file /= "index.html"
    if not file.exists():
        return True
    return file in pages and unquote(parts.fragment) not in pages[file].anchors
