"""`make reference`: writes the measured part of docs/comparison.md from docs/performance.md."""

import re

from docs.site import ROOT

COSTS = ROOT / "docs/performance.md"
PAGE = ROOT / "docs/comparison.md"
MEASURED = re.compile(r"(?<=<!-- measured: start -->\n).*?(?=<!-- measured: end -->)", re.DOTALL)
CAPTION = re.compile(r"^Measured on .*?(?=, in \d+ minutes)", re.MULTILINE)
SECTION = re.compile(
    r"^### Others on equivalent work\n\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL
)


def measured(costs: str) -> str:
    """Return the measurements of other programs in a page of costs, as Markdown."""
    caption, section = CAPTION.search(costs), SECTION.search(costs)
    if caption is None or section is None:
        raise ValueError("docs/performance.md has no measurements of other programs")
    return f"{caption[0]}.\n\n{section[1].rstrip()}\n"


def with_measurements(page: str, costs: str) -> str:
    """Return the page with the measurements."""
    return MEASURED.sub(lambda _: measured(costs), page)


if __name__ == "__main__":
    text = with_measurements(PAGE.read_text(encoding="utf-8"), COSTS.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")
