"""The site of the documentation: built without a problem, and its checks find each problem."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs.site.__main__ import build
from docs.site.checks import problems
from docs.site.comparison import COSTS, PAGE, with_measurements
from docs.site.staging import DeadLinkError, Staging

ROOT = Path(__file__).parents[2]
MOST_LINES = 115
"""Lines of the README: two screens."""


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= MOST_LINES


def test_the_comparison_has_the_figures_of_the_costs() -> None:
    page = PAGE.read_text("utf-8")
    assert with_measurements(page, COSTS.read_text("utf-8")) == page, "run `make reference`"
    assert "| Terraform to ours |" in page


def test_the_glossary_has_each_word_once_in_order() -> None:
    page = (ROOT / "docs/glossary.md").read_text("utf-8")
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", page, re.MULTILINE)
    assert words == sorted({*words})


@pytest.mark.slow
def test_the_site_has_no_problem(tmp_path: Path) -> None:
    assert build(tmp_path) == []
    assert (tmp_path / "site/search.js").stat().st_size > 100_000


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="b.html">', "a.html: dead link: b.html"),
        ('<a href="#there">', "a.html: dead link: #there"),
        ('<a href="a.html#there">', "a.html: dead link: a.html#there"),
        ('<a href="folder">', "a.html: dead link: folder"),
        (
            '<script src="https://cdn.example/a.js">',
            "a.html: is loaded from elsewhere: https://cdn.example/a.js",
        ),
        (
            '<link rel="stylesheet" href="//fonts.example/a.css">',
            "a.html: is loaded from elsewhere: //fonts.example/a.css",
        ),
        ('<style>a{background:url("http://a.example/b")}', "a.html: is loaded from elsewhere: …"),
    ],
)
def test_a_problem_of_a_page_is_found(html: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html, "utf-8")
    (found,) = problems(tmp_path, [{"A": "a.md"}])
    assert found.startswith(problem.rstrip("…"))


def test_a_style_that_loads_a_font_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("@import 'https://fonts.example/a.css';", "utf-8")
    assert problems(tmp_path, []) == [
        "a.css: is loaded from elsewhere: https://fonts.example/a.css"
    ]


@pytest.mark.parametrize(
    "html", ['<a href="https://acme.example">', '<p id="b"><a href="#b">', '<a href="a.html">']
)
def test_a_good_page_has_no_problem(html: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html, "utf-8")
    assert problems(tmp_path, [{"Section": [{"A": "a.md"}]}]) == []


def test_every_page_is_in_the_navigation_once(tmp_path: Path) -> None:
    for name in ("index.html", "sub/index.html", "b.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert problems(
        tmp_path, ["index.md", {"B": ["sub/README.md", {"A": "a.md"}]}, "index.md"]
    ) == [
        "b.html: is not in the navigation",
        "a.html: is in the navigation, but not built",
        "index.html: is in the navigation twice",
    ]


def staged(tmp_path: Path, files: Mapping[str, str]) -> tuple[list[str], Path]:
    """Return the pages that are not in docs/, and the folder of all pages."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return Staging(tmp_path, tmp_path / "pages").stage(), tmp_path / "pages"


def test_a_link_to_a_file_of_the_repository_leads_to_a_page_with_it(tmp_path: Path) -> None:
    others, pages = staged(
        tmp_path,
        {
            "README.md": "",
            "docs/sub/page.md": (
                "[a](../../examples/a) [b](../../action.yml#b) [c](../other.md) [d](d.json)\n"
                "[home](../../README.md) [e](https://acme.example)\n```\n[f](nowhere.md)\n```\n"
            ),
            "docs/other.md": "[g](../GUIDE.md)",
            "docs/sub/d.json": "{}",
            "GUIDE.md": "[c](docs/other.md)",
            "examples/a/team.yaml": "agents: []",
            "examples/a/.provisioner/lock": "",
            "action.yml": "name: plan",
        },
    )
    assert others == ["repository/GUIDE.md", "repository/action.yml.md", "repository/examples/a.md"]
    assert (pages / "sub/page.md").read_text("utf-8") == (
        "[a](../repository/examples/a.md) [b](../repository/action.yml.md#b) [c](../other.md)"
        " [d](d.json)\n[home](../index.md) [e](https://acme.example)\n```\n[f](nowhere.md)\n```\n"
    )
    assert (pages / "repository/GUIDE.md").read_text("utf-8") == "[c](../other.md)"
    assert (pages / "repository/examples/a.md").read_text("utf-8") == (
        "# examples/a\n\nThe files of this folder of the repository.\n\n"
        "## team.yaml\n\n``````yaml\nagents: []\n``````\n"
    )


def test_a_link_to_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeadLinkError, match=r"docs/page\.md: \.\./examples/b"):
        staged(tmp_path, {"docs/page.md": "[b](../examples/b)"})
