"""Five plans as reviewers see them: each in a terminal of 80 columns, as a comment and as a page.

A case is a folder with `before*/`, which are applied to a fresh account in turn, and `after/`,
which is then planned. `by-hand` is the example team on the documented API.
"""

from pathlib import Path

import pytest

from provisioner.cli.files.plan_files import read_plan
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.html import html_page
from provisioner.render.markdown import comment
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text
from tests.cases.report.test_cases import ASSET
from tests.support import account

FOLDER = Path(__file__).parent
EXAMPLE = FOLDER.parents[2] / "examples" / "acme"
ADDRESS = "https://acme.ladesk.com"
"""Replaces the account's address, since its port changes."""

LINES = {
    "new-team": 200,
    "equal-changes": 40,
    "domain-move": 25,
    "new-admin": 80,
    "by-hand": 300,
}
"""Each case, with the most lines that its plan may take in a terminal."""


def planned(name: str, folder: Path) -> Plan:
    """Return the plan of a case, made for a real account."""
    after, surface = FOLDER / name / "after", "full"
    if name == "by-hand":
        after, surface = EXAMPLE, "v3"
    for before in sorted((FOLDER / name).glob("before*")):
        with account(folder) as live:
            live.apply(before)
    file = folder / "saved.plan"
    with account(folder, surface=surface) as live:
        done = live.run("plan", str(after), "--out", str(file))
        assert done.exit_code in {0, 3}, done.output
        file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        plan, _, _ = read_plan(file)
    return plan


@pytest.mark.parametrize("name", LINES)
def test_a_plan_is_understood_at_a_glance(
    name: str, tmp_path: Path, *, update_golden: bool
) -> None:
    plan = planned(name, tmp_path)
    review = review_of(plan)
    shown = {
        "txt": plan_text.draw(review, width=80),
        "summary.txt": plan_text.draw(review, width=80, summary=True),
        "md": comment.draw(review),
        "html": ASSET.sub("…", html_page.draw(review)),
    }
    for ending, text in shown.items():
        masked = text.replace(plan.account.url, ADDRESS).replace(plan.snapshot, "sha256:…")
        file = FOLDER / f"{name}.{ending}"
        if update_golden:
            file.write_text(masked, encoding="utf-8")
        assert masked == file.read_text(encoding="utf-8")
    assert len(shown["txt"].splitlines()) <= LINES[name]
    assert len(shown["summary.txt"].splitlines()) <= plan_text.SCREEN
