"""`fleet plan` and the end of `fleet apply` as one comment and as one page."""

import re
from pathlib import Path

import pytest

from provisioner.diagnostics import Diagnostic
from provisioner.fleet.account_task import AccountResult, PlanDigest, PlanSeverity
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render.fleet import fleet_apply_comment, fleet_comment, fleet_list_pages
from provisioner.render.markdown.comment import LIMIT
from provisioner.render.sentences import Quoted
from tests.support import Account, write_project

BAD = "<script>alert(1)</script> @all"
TEAMS = {
    "calm": "departments: [{name: General}]",
    "more": f'agents: [{{email: mia@acme.example, name: "{BAD}"}}]',
    "boss": "agents: [{email: boss@acme.example, name: Boss, role: admin}]",
}
AWAY = "targets: {away: {url: 'http://127.0.0.1:9', insecure: true, api_key: {env: KEY}}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entries = ", ".join(f"{{project: accounts/{name}}}" for name in (*TEAMS, "away"))
    fleet = write_project(tmp_path / "fleet", fleet=f"accounts: [{entries}]")
    for name, team in TEAMS.items():
        write_project(fleet / "accounts" / name, team=team)
    write_project(fleet / "accounts/away", team=TEAMS["calm"], provisioner=AWAY)
    return fleet


def test_a_comment_has_the_totals_and_the_accounts_by_severity(live: Account, folder: Path) -> None:
    result = live.run("fleet", "plan", str(folder), "--jobs", "1", "--format", "markdown")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "<!-- provisioner-fleet: fleet -->",
        "## ⛔ Fleet fleet: 4 accounts: 1 not planned, 1 with power gained, 1 changed, 1 unchanged",
    ]
    assert lines[3].startswith("**Plan: 2 to create, 1 gains power, ")
    assert [line for line in lines if line.startswith(("###", "- **", "<det"))] == [
        "### Not planned (1)",
        "- **away: accounts/away**",
        "### Power gained (1)",
        next(line for line in lines if line.startswith("- **boss: environment, ")),
        "### Changed (1)",
        next(line for line in lines if line.startswith("- **more: environment, ")),
        "<details><summary>Unchanged (1)</summary>",
    ]
    assert "  - Gains power: Boss: new → admin" in lines
    assert "[api-key-missing]" in result.stdout
    assert f"`provisioner plan {folder}/accounts/boss`" in lines[-1]


def test_a_comment_is_within_its_limit_and_counts_what_it_leaves_out() -> None:
    def result(number: int, severity: PlanSeverity) -> AccountResult:
        loss = (Quoted("ü" * 200), ": loses everything")
        digest = PlanDigest((), (), ("1 to delete",), losses=(loss,) * 15)
        return AccountResult(FleetAccount(f"a{number}", "."), severity, 0, digest)

    for size in (5, 300):
        results = [result(number, severity) for severity in PlanSeverity for number in range(size)]
        text = fleet_comment.draw(FleetReport("big", tuple(results), len(results)), ".")
        assert len(text.encode()) <= LIMIT
        listed = len(re.findall(r"^- ", text, re.MULTILINE))
        left_out = [int(number) for number in re.findall(r"left out here: (\d+)", text)]
        assert listed + sum(left_out) == len(results)
        assert re.search(r"  - and \d+ more lines", text)


def test_the_page_has_the_report_of_each_account_in_a_frame(live: Account, folder: Path) -> None:
    page = live.run("fleet", "plan", str(folder), "--jobs", "1", "--format", "html").stdout
    assert page.count('srcdoc="&lt;!doctype html') == len(TEAMS)
    assert "Plan for environment" in page
    assert "<script>alert" not in page
    assert "&amp;lt;script&amp;gt;alert" in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len({*ids})
    assert "default-src 'none'; style-src 'sha256-" in page


def test_the_report_of_an_apply_has_every_account_in_every_format() -> None:
    def result(outcome: AccountOutcome, number: int) -> ApplyResult:
        error = Diagnostic(code="protected", summary=f"<script>alert({number})")
        errors = () if outcome.complete else (error,) * 7
        account = FleetAccount(f"{outcome}-{number}", "accounts/*_a_*")
        return ApplyResult(account, outcome, 0, errors=errors, run=7, reason="*two*")

    results = [result(outcome, number) for outcome in AccountOutcome for number in range(90)]
    comment = fleet_apply_comment.draw(results, "big", ".")
    assert len(comment.encode()) <= LIMIT
    listed = len(re.findall(r"^- ", comment, re.MULTILINE))
    left_out = [int(number) for number in re.findall(r"left out here: (\d+)", comment)]
    assert listed + sum(left_out) == len(results)
    assert "  - ⛔ and 2 more\n" in comment
    assert "runs show 7" in comment
    assert comment.endswith("Run fleet apply again to do the rest.\n")
    page = "".join(fleet_list_pages.draw_apply(results, "big", "."))
    assert page.count('class="account"') == len(results)
    assert "<script>alert" not in page
    assert page.index("Incomplete <") < page.index("Not begun <") < page.index("Nothing to do <")
    done = [one for one in results if one.outcome is AccountOutcome.DONE]
    assert fleet_apply_comment.draw(done[:1], "big", ".").startswith(
        "<!-- provisioner-fleet-apply: big -->\n## ✅ Fleet big applied: 1 account: 1 done\n"
    )
