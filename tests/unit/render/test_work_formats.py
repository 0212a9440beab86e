"""The work list in each format: what is to do, for whom, and texts that can be copied whole."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from markdown_it import MarkdownIt

from provisioner import address
from provisioner.planning.manual.manual_step import ManualStep, on_one_line
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PlanAccount
from provisioner.render import work_files
from provisioner.render.markdown import manual_steps
from provisioner.render.review import work_texts
from provisioner.render.terminal import work_text
from provisioner.render.terminal.lines import rendered
from tests import plans
from tests.manual_work import BEN, LI, MIA, SIGNATURE, department, load, membership, signature

STEPS = (
    department("Support"),
    membership(BEN, ["Support"], []),
    membership(MIA, ["Support"], []),
    load(LI, 4),
    signature(BEN),
    signature(MIA),
)


def plan_with(*steps: ManualStep) -> Plan:
    return replace(plans.typical(), manual_steps=steps, target="production")


def test_a_terminal_shows_what_to_do_and_texts_that_can_be_copied() -> None:
    shown = work_text.draw(plan_with(*STEPS), width=80)
    head, _, text = shown.partition("Text of 4 Signature:\n")
    assert text == f"{SIGNATURE}\n", "no indent, no folding"
    assert head.splitlines() == [
        "6 manual steps as 4 tasks on 3 pages, for 3 agents.",
        "",
        "Configuration > Departments > Support",
        "  [ ] 1. create it",
        "  [ ] 2. add Ben, Mia",
        "",
        "Configuration > Agents > Li",
        "  [ ] 3. Advanced settings: Load: 4",
        "",
        "Configuration > Agents > (each of these 2) > Signature",
        "  [ ] 4. Signature: 4 lines",
        "      for Ben, Mia",
        "",
        "The next plan shows whether these are done: 1, 2.",
        "Tick off the others: provisioner manual done -t production",
        "",
    ]


def test_markdown_is_a_task_list_that_fits_an_issue() -> None:
    shown = manual_steps.draw(plan_with(*STEPS))
    assert shown.startswith("<!-- provisioner-manual: production -->\n## To be done by hand on")
    assert shown.count("- [ ] ") == 4
    assert shown.count(", *ticks itself off*\n") == 2
    tokens = MarkdownIt("commonmark").parse(shown.partition("\n")[2])
    assert [token.content for token in tokens if token.type == "fence"] == [f"{SIGNATURE}\n"]

    many = [signature(address.agent(f"{at}@acme.example"), f"{at}\n" * 90) for at in range(400)]
    cut = manual_steps.draw(plan_with(*many))
    assert len(cut.encode()) <= manual_steps.LIMIT
    left = 400 - cut.count("- [ ] ")
    assert f"{left} more are in the list of `provisioner manual -t production`" in cut


def test_csv_has_a_row_for_each_step_of_an_entry() -> None:
    rows = [*csv.DictReader(StringIO(work_files.as_csv(plan_with(*STEPS))))]
    assert [(row["number"], row["todo"], row["email"], row["ticks_itself"]) for row in rows] == [
        ("1", "create it", "", "yes"),
        ("2", 'join "Support"', "ben@acme.example", "yes"),
        ("2", 'join "Support"', "mia@acme.example", "yes"),
        ("3", "Load: 4", "li@acme.example", "no"),
        ("4", "Signature: 4 lines", "ben@acme.example", "no"),
        ("4", "Signature: 4 lines", "mia@acme.example", "no"),
    ]
    assert rows[-1]["texts"] == SIGNATURE
    assert [row["step"] for row in rows] == [step.id for step in (*STEPS[:3], *STEPS[3:])]


def test_csv_never_starts_a_formula() -> None:
    [row] = csv.DictReader(StringIO(work_files.as_csv(plan_with(signature(MIA, "=1+1")))))
    assert (row["texts"], row["todo"]) == ("'=1+1", "Signature: =1+1")


def test_json_has_the_values_as_data() -> None:
    data = json.loads(work_files.as_json(plan_with(*STEPS)))
    assert data["summary"] == {"pages": 3, "entries": 4, "steps": 6, "people": 3}
    department_page, _, signatures = data["pages"]
    assert department_page["entries"][1]["values"] == {
        "department": "Support",
        "add": ["ben@acme.example", "mia@acme.example"],
        "remove": [],
    }
    [entry] = signatures["entries"]
    assert entry["values"] == {"signature": SIGNATURE}
    assert entry["texts"] == {"Signature": SIGNATURE}
    assert [person["email"] for person in entry["people"]] == [
        "ben@acme.example",
        "mia@acme.example",
    ]
    assert entry["verifiable"] is False


@pytest.mark.parametrize("draw", [work_text.draw, manual_steps.draw])
def test_an_empty_list_is_one_line(draw: Callable[[Plan], str]) -> None:
    assert (
        draw(plan_with())
        .splitlines()[-1]
        .endswith(
            ("Nothing is left to do by hand.", "Nothing is left to do by hand on `production`")
        )
    )


def test_links_of_agents_are_shown_where_a_pattern_is_configured() -> None:
    account = PlanAccount("https://acme.example", "env KEY", "https://acme.example/#Agent;id={id}")
    plan = plan_with(load(MIA, 4))
    known = tuple(replace(change, id=f"id-{change.address.key}") for change in plan.changes)
    linked = replace(plan, account=account, changes=known)
    link = "https://acme.example/#Agent;id=id-mia%40acme.example"
    assert f"  {link}\n" in work_text.draw(linked)
    assert f"<{link}>" in manual_steps.draw(linked)
    shared = replace(linked, manual_steps=(load(MIA, 4), load(BEN, 4)))
    assert f"[Mia](<{link}>)" in manual_steps.draw(shared)
    assert "https://acme.example/agent/\n" in work_text.draw(replace(linked, changes=()))


def test_a_plan_shows_a_line_for_each_page_or_value_and_the_command() -> None:
    own = tuple(load(address.agent(f"a{at}@acme.example"), at) for at in range(5, 10))
    block = work_text.work_block(plan_with(*STEPS, *own).work_list, "production")
    many = "(6 agents, each their own) > Advanced settings"
    title, *others = rendered(block, color=False).splitlines()
    assert title.endswith("11 manual steps as 9 tasks on 8 pages, for 8 agents")
    assert others == [
        "    Departments > Support: create it; add Ben, Mia",
        f"    Agents > (each of these 2) > Signature: {on_one_line(SIGNATURE)} (Ben, Mia)",
        f"    Agents > {many}: A5: Load: 5; A6: Load: 6; A7: Load: 7 and 3 more",
        "    All values: provisioner manual -t production",
        "",
    ]


def test_the_lines_of_a_plan_are_limited() -> None:
    steps = [department(f"Department {number}") for number in range(80)]
    shown = work_texts.short_lines(plan_with(*steps).work_list)
    assert len(shown) == work_texts.SHOWN + 1
    assert shown[-1] == ("and 30 more lines; the list has all",)


def test_the_command_of_the_list_can_be_pasted_into_a_shell() -> None:
    assert work_texts.list_command("a b") == "provisioner manual -t 'a b'"
    assert work_texts.list_command("environment", "done") == "provisioner manual done"
