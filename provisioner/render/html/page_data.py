"""Data of the HTML page: a review as the numbers and entries that the template prints."""

from collections.abc import Iterable, Iterator
from typing import Any

from provisioner.model.kinds import SERVICES
from provisioner.planning.access.access_drift import drifting_agents
from provisioner.planning.changes import Action, Risk
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.suspicion import suspected_renames
from provisioner.render import readable
from provisioner.render.html.coverage_tables import hour_grids, matrix, single_agents
from provisioner.render.html.page_entries import PageEntries, changed_departments, parts
from provisioner.render.review import (
    change_texts,
    coverage_falls,
    losses,
    off_boarding,
    plan_notes,
    policy_lines,
    power_gains,
    rename_texts,
    work_texts,
)
from provisioner.render.review.change_groups import ChangeGroup
from provisioner.render.review.change_texts import COMMIT_DIGITS
from provisioner.render.review.request_texts import (
    floor_sentence,
    request_table,
    waiting_sentence,
)
from provisioner.render.review.review import UNDECLARED, WARNINGS_TITLE, Review, counts_by_verb
from provisioner.render.review.titles import SURFACES, title_text, versions_text
from provisioner.render.sentences import Quoted, Sentence, to_text

Data = dict[str, Any]

LAZY_FROM = 200
"""From this number of changed objects on, a browser lays out only entries that are in sight."""

_TITLES = {
    "refused": "Refused",
    "policy": "",
    "consent": plan_notes.CONSENT_TITLE,
    "renames": rename_texts.TITLE,
    "warnings": "Not confirmed",
    "policy_warnings": WARNINGS_TITLE,
    "gains": power_gains.TITLE,
    "losses": losses.TITLE,
    "coverage": coverage_falls.TITLE,
    "ownership": "Access that your files do not own",
    "waivers": policy_lines.WAIVERS,
    "groups": "",
    "leaving": off_boarding.TITLE,
    "held": off_boarding.HELD_TITLE,
    "steps": "To be done by hand",
    "others": "Not in your files, and no drift",
}
"""Titles of the sections in the order of the page, by the key of their data."""


def page_data(review: Review) -> Data:
    """Return the variables of the template."""
    plan = review.plan
    # Somebody may gain power by hand whom the apply does not change.
    shown = {change.address: change for change in plan.effective}
    shown |= {gain.change.address: gain.change for gain in review.gains if gain.by_hand}
    numbers = {address: number for number, address in enumerate(shown)}
    departments = changed_departments(shown.values())
    page = PageEntries(numbers, departments, review.revision.line_url)
    verdict = to_text(review.verdict, readable.harmless)
    data = {
        "titles": {**_TITLES, "policy": policy_lines.title(plan)},
        "kind": "diff" if plan.versions else "plan",
        "title": to_text(title_text(plan), readable.brief)
        if plan.versions
        else f"Plan for {plan.target}",
        "name": plan.account.name,
        "address": plan.account.url,
        "surface": "" if plan.versions else SURFACES[plan.surface],
        "revision": parts(review.revision_text),
        "revision_url": review.revision.web,
        "mood": review.mood.value,
        "verdict": verdict[:1].upper() + verdict[1:],
        "tiles": _tiles(review),
        "refused": plan.refused,
        **_policy(review, page),
        "consent": [parts(sentence) for sentence in review.consent],
        "renames": [_rename(line, page) for line in review.renames],
        "renames_code": suspected_renames.CODE,
        "warnings": review.unconfirmed,
        "policy_warnings": review.warnings,
        "gains": [page.gain(gain) for gain in review.gains],
        "losses": [page.loss(group) for group in review.equal_losses],
        "loser_count": len(review.losses),
        "coverage": _coverage(review),
        "ownership": _ownership(review, page, urgent=True),
        "waivers": _section(policy_lines.WAIVERS, review.waivers, page),
        "groups": [_group(group, page, number) for number, group in enumerate(review.groups)],
        "total": len(numbers),
        "lazy": len(numbers) > LAZY_FROM,
        "departments": departments,
        "leaving": [parts(sentence) for sentence in review.off_boarding],
        "held": [parts(sentence) for sentence in review.held],
        **_manual(plan),
        "others": _ownership(review, page, urgent=False),
        **_cost(review),
        "compared": _compared(plan),
        "snapshot": "" if plan.versions else plan.snapshot,
    }
    return {**data, "contents": [*_contents(data)]}


def _group(group: ChangeGroup, page: PageEntries, number: int) -> Data:
    """Return the sections of a group; `number` keeps their anchors apart."""
    return {
        "title": change_texts.TITLES[group.attribution] if group.attribution else "",
        "anchor": f"group-{number}",
        "level": 3 if group.attribution else 2,
        "shared": page.shared(group),
        "sections": [
            {
                "title": title,
                "anchor": f"{title.partition(' ')[0].lower()}-{number}",
                "blocks": blocks,
                "count": len(
                    {
                        person["of"]
                        for block in blocks
                        for entry in block["entries"]
                        for person in entry["people"]
                    }
                ),
            }
            for title, blocks in page.group(group).items()
        ],
    }


def _contents(data: Data) -> Iterator[tuple[str, str]]:
    """Yield the anchors and titles of the sections that the page has."""
    for key, title in data["titles"].items():
        if key == "groups":
            for group in data["groups"]:
                if group["title"]:
                    yield group["anchor"], group["title"]
                else:
                    yield from ((one["anchor"], one["title"]) for one in group["sections"])
        elif data[key]:
            yield key, title
    if data["cost_title"]:
        yield "cost", data["cost_title"]


def _tiles(review: Review) -> list[Data]:
    """Return the numbers at the top of the page."""
    plan = review.plan
    losers = {loss.change.address for loss in review.losses}
    tiles = [
        ("settings changed", len(review.policy), "bad"),
        *(
            (f"to {verb}", kinds.total(), "bad" if verb == Action.DELETE else "")
            for verb, kinds in counts_by_verb(plan)
        ),
        ("gain power", len(review.gains), "warn"),
        ("lose access", len(losers), "bad"),
        ("coverage falls", len(plan.coverage.falling), "bad"),
        ("manual steps", len(plan.open_steps), "warn"),
        ("with power, not declared", len(drifting_agents(plan)), "bad"),
        ("no longer managed", len(plan.released), "warn"),
        ("access values not managed", len(plan.unmanaged), "warn"),
        ("logged out", sum(Risk.LOGS_OUT in one.risk for one in plan.effective), ""),
        ("mails", 0 if plan.versions else plan.registration_mails, ""),
    ]
    return [
        {"label": label, "number": str(number), "tone": tone}
        for label, number, tone in tiles
        if number
    ]


def _policy(review: Review, page: PageEntries) -> Data:
    return {
        "policy": [
            {"text": parts(sentence), "place": page.place(place)}
            for sentence, place in review.policy
        ],
        "policy_note": parts(review.policy_note),
    }


def _rename(line: rename_texts.RenameLine, page: PageEntries) -> Data:
    return {
        "text": parts(line.text),
        "advice": line.advice,
        "code": line.code,
        "place": page.place(line.place),
    }


def _ownership(review: Review, page: PageEntries, *, urgent: bool) -> list[Data]:
    return [
        one
        for section in review.ownership
        if section.urgent is urgent
        for one in _section(section.title, section.lines, page)
    ]


def _section(title: str, lines: Iterable[tuple[Sentence, str]], page: PageEntries) -> list[Data]:
    """Return a titled list of sentences with their places, in a list; empty without lines."""
    entries = [{"text": parts(text), "place": page.place(place)} for text, place in lines]
    return [{"title": title, "lines": entries}] if entries else []


def _coverage(review: Review) -> Data:
    """Return the coverage, with what the plan changes apart from the rest; empty for none."""
    coverage = review.plan.coverage
    rows = matrix(coverage, review.by_hand, review.leaving)
    grids = hour_grids(coverage)
    if not rows:
        return {}
    return {
        "changed": [row for row in rows if row["changes"]],
        "same": [row for row in rows if not row["changes"]],
        "single": single_agents(coverage, review.by_hand),
        "changed_hours": [grid for grid in grids if grid["changes"]],
        "same_hours": [grid for grid in grids if not grid["changes"]],
        "timezone": coverage.timezone,
        "not_counted": review.not_counted,
        "services": SERVICES,
    }


def _cost(review: Review) -> Data:
    requests = review.plan.requests
    waiting = waiting_sentence(requests) if review.cost else ""
    floor = floor_sentence(requests) if review.cost else ""
    lines = (review.mails, review.cost, waiting, floor, review.nothing)
    title = "Requests and time"
    if review.plan.versions:
        title = "Notes" if any((*lines, *review.notes)) else ""
    return {
        "cost_title": title,
        "cost": [line for line in lines if line],
        "operations": request_table(requests) if review.cost else (),
        "notes": [
            parts(sentence) for sentence in (review.not_looked_at, *review.notes) if sentence
        ],
        "undeclared": review.undeclared,
        "undeclared_title": UNDECLARED,
    }


def _compared(plan: Plan) -> list[list[tuple[bool, str]]]:
    """Return sentences about what the files were compared with."""
    if plan.versions:
        compared = ("Compared are ", *versions_text(plan), ". No account was read.")
        return [parts(compared)]
    time = plan.snapshot_time
    snapshot = (" as it was in the snapshot of ", Quoted(time)) if time else ()
    live = ("The files, compared with the account ", Quoted(plan.target), *snapshot, ".")
    if plan.base is None:
        return [parts(live)]
    commit = plan.base.commit[:COMMIT_DIGITS]
    base = ("Changes of this branch are those since ", Quoted(plan.base.ref), " at ", commit, ".")
    return [parts(live), parts(base)]


def _manual(plan: Plan) -> Data:
    """Return the work list in short, with the command for the whole of it."""
    work = plan.work_list
    return {
        "steps": [parts(line) for line in work_texts.short_lines(work)],
        "steps_extent": work_texts.extent(work),
        "steps_hints": work_texts.hints(work),
        "steps_command": work_texts.list_command(plan.target, "--format html"),
    }
