"""Data of the HTML page: a review as the numbers, rows and cards that the template prints."""

from typing import Any

from provisioner.address import Address
from provisioner.model.kinds import SERVICES
from provisioner.planning.access.access_drift import drifting_agents
from provisioner.planning.changes import Action
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.suspicion import suspected_renames
from provisioner.render import readable
from provisioner.render.html import cards
from provisioner.render.html.coverage_tables import hour_grids, matrix, single_agents
from provisioner.render.review import off_boarding, policy_lines, rename_texts, work_texts
from provisioner.render.review.change_texts import BY, COMMIT_DIGITS, declared_at
from provisioner.render.review.request_texts import request_table, waiting_sentence
from provisioner.render.review.review import SURFACES, UNDECLARED, Review, counts_by_verb
from provisioner.render.sentences import Quoted, to_text

Data = dict[str, Any]

LAZY_FROM = 200
"""From this number of changes on, a browser lays out only those that are in sight."""

_TITLES = {
    "policy": policy_lines.TITLE,
    "renames": rename_texts.TITLE,
    "refused": "Why it is refused",
    "warnings": "Not confirmed",
    "losses": "Who loses access",
    "access": "Access",
    "ownership": "Access that your files do not own",
    "matrix": "Coverage",
    "hours": "Coverage by hour",
    "groups": "Changes",
    "leaving": off_boarding.TITLE,
    "held": off_boarding.HELD_TITLE,
    "steps": "To be done by hand",
}
"""Titles of the sections in the table of contents, by the key of their data."""

_ANCHORS = {"matrix": "coverage", "groups": "changes"}
"""Anchors that differ from the key of the section's data."""


def page_data(review: Review) -> Data:
    """Return the variables of the template."""
    plan = review.plan
    numbers = {change.address: number for number, change in enumerate(plan.effective)}
    departments = cards.changed_departments(plan.effective)
    groups = [cards.group_data(group, departments, numbers) for group in review.groups]
    verdict = to_text(review.verdict, readable.harmless)
    data = {
        "target": plan.target,
        "name": plan.account.name,
        "address": plan.account.url,
        "surface": SURFACES[plan.surface],
        "revision": cards.parts(review.revision_text),
        "revision_url": review.revision.web,
        "mood": review.mood.value,
        "verdict": verdict[:1].upper() + verdict[1:],
        "tiles": _tiles(review),
        "based": plan.base is not None or any(c.attribution for c in plan.effective),
        **_policy(review),
        "refused": plan.refused,
        "warnings": review.unconfirmed,
        "renames": [_rename(line) for line in review.renames],
        "renames_title": rename_texts.TITLE,
        "renames_code": suspected_renames.CODE,
        "losses": _losses(review, numbers),
        "access": _access(review, numbers),
        "ownership": _ownership(review),
        **_coverage(review),
        "groups": groups,
        "total": sum(len(part["cards"]) for group in groups for part in group["parts"]),
        "lazy_from": LAZY_FROM,
        **_filters(plan),
        "departments": departments,
        "leaving_title": off_boarding.TITLE,
        "held_title": off_boarding.HELD_TITLE,
        "leaving": [cards.parts(sentence) for sentence in review.off_boarding],
        "held": [cards.parts(sentence) for sentence in review.held],
        **_manual(plan),
        **_cost(review),
        "compared": _compared(plan),
        "snapshot": plan.snapshot,
    }
    return {**data, "contents": _contents(data)}


def _contents(data: Data) -> list[tuple[str, str]]:
    """Return the anchors and titles of the sections that the page has."""
    sections = [(_ANCHORS.get(key, key), title) for key, title in _TITLES.items() if data[key]]
    return [*sections, ("cost", "Requests and time")]


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
        ("lose access", len(losers), "bad"),
        ("coverage falls", len(plan.coverage.falling), "bad"),
        ("manual steps", len(plan.open_steps), "warn"),
        ("with power, not declared", len(drifting_agents(plan)), "bad"),
        ("no longer managed", len(plan.released), "warn"),
        ("access values not managed", len(plan.unmanaged), "warn"),
        ("mails", plan.registration_mails, ""),
    ]
    shown = [
        {"label": label, "number": str(number), "tone": tone}
        for label, number, tone in tiles
        if number
    ]
    requests = plan.requests
    if plan.effective:
        shown.append({"label": "requests", "number": str(requests.total), "tone": ""})
    if plan.effective and requests.seconds:
        least = readable.duration(requests.seconds)
        shown.append({"label": "at least", "number": least, "tone": ""})
    return shown


def _policy(review: Review) -> Data:
    return {
        "policy": [
            {"text": cards.parts(sentence), "place": place} for sentence, place in review.policy
        ],
        "policy_title": policy_lines.TITLE,
        "policy_note": cards.parts(review.policy_note),
    }


def _rename(line: rename_texts.RenameLine) -> Data:
    return {
        "text": cards.parts(line.text),
        "advice": line.advice,
        "code": line.code,
        "place": line.place,
    }


def _losses(review: Review, numbers: dict[Address, int]) -> list[Data]:
    return [
        {
            "of": numbers[loss.change.address],
            "person": cards.person(loss.change),
            "text": cards.parts(loss.lost),
            "by": BY[loss.attribution].strip(),
            "place": declared_at(loss.change),
        }
        for loss in review.losses
    ]


def _access(review: Review, numbers: dict[Address, int]) -> list[Data]:
    return [
        {
            "of": numbers[row.change.address],
            "person": cards.person(row.change),
            "by": BY[row.attribution].strip(),
            "raised": cards.parts(row.raised),
            "lowered": cards.parts(row.lowered),
        }
        for row in review.access
    ]


def _ownership(review: Review) -> list[Data]:
    return [
        {
            "title": section.title,
            "tone": "notes bad" if section.urgent else "plain",
            "lines": [
                {"text": cards.parts(sentence), "place": place} for sentence, place in section.lines
            ],
        }
        for section in review.ownership
    ]


def _coverage(review: Review) -> Data:
    coverage = review.plan.coverage
    return {
        "matrix": matrix(coverage, review.by_hand, review.leaving),
        "single": single_agents(coverage, review.by_hand),
        "hours": hour_grids(coverage),
        "timezone": coverage.timezone,
        "not_counted": review.not_counted,
        "services": SERVICES,
    }


def _filters(plan: Plan) -> Data:
    """Return the choices of the filters that fit any change."""
    return {
        "actions": [action.value for action in cards.SIGNS if plan.count(action)],
        "risks": [
            (risk.value, label)
            for risk, (_, label) in cards.RISKS.items()
            if any(risk in change.risk for change in plan.effective)
        ],
    }


def _cost(review: Review) -> Data:
    requests = review.plan.requests
    waiting = waiting_sentence(requests) if review.cost else ""
    lines = (review.mails, review.cost, waiting, review.nothing)
    return {
        "cost": [line for line in lines if line],
        "operations": request_table(requests) if review.cost else (),
        "notes": [
            cards.parts(sentence) for sentence in (review.not_looked_at, *review.notes) if sentence
        ],
        "undeclared": review.undeclared,
        "undeclared_title": UNDECLARED,
    }


def _compared(plan: Plan) -> list[list[tuple[bool, str]]]:
    """Return sentences about what the files were compared with."""
    time = plan.snapshot_time
    snapshot = (" as it was in the snapshot of ", Quoted(time)) if time else ()
    live = ("The files, compared with the account ", Quoted(plan.target), *snapshot, ".")
    if plan.base is None:
        return [cards.parts(live)]
    commit = plan.base.commit[:COMMIT_DIGITS]
    base = ("Changes of this branch are those since ", Quoted(plan.base.ref), " at ", commit, ".")
    return [cards.parts(live), cards.parts(base)]


def _manual(plan: Plan) -> Data:
    """Return the work list in short, with the command for the whole of it."""
    work = plan.work_list
    return {
        "steps": [cards.parts(line) for line in work_texts.short_lines(work)],
        "steps_extent": work_texts.extent(work),
        "steps_hints": work_texts.hints(work),
        "steps_command": work_texts.list_command(plan.target, "--format html"),
    }
