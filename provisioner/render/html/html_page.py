"""Plans as one HTML file: a report that needs no network and works without scripts, too.

Every value goes through the template's escaping, and before it through `readable.brief`. The page
names the digests of its own style and script as all that a browser may use, so that nothing else
could run or be fetched even if something got through.
"""

import base64
import hashlib
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from provisioner.live.state import Surface
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import Action
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.html import cards
from provisioner.render.html.coverage_tables import hour_grids, matrix
from provisioner.render.review import effects, policy_lines, review_words
from provisioner.render.review.losses import losses
from provisioner.render.sentences import Quoted
from provisioner.render.terminal.request_words import OPERATIONS

Data = dict[str, Any]

LONGEST = 2_000
"""Characters of a text that are shown."""

LAZY_FROM = 200
"""Changes from which on a browser lays out only those that are in sight."""


def plan(content: Plan) -> str:
    """Return a plan as an HTML page."""
    style, script = _file("plan.css"), _file("plan.js")
    mood, verdict = review_words.verdict(content)
    return _template().render(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        target=content.target,
        address=content.account.url,
        surface="API v3" if content.surface is Surface.V3 else "",
        mood=mood.value,
        verdict=verdict[:1].upper() + verdict[1:],
        tiles=_tiles(content),
        **_sections(content),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("provisioner.render.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
    )
    return environment.get_template("plan.html.jinja")


def _harmless(value: object) -> object:
    """Return what a template prints: text without control characters, and not without end."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return readable.brief(value, LONGEST)


def _file(name: str) -> Markup:
    file = resources.files("provisioner.render.html") / "templates" / name
    # Ours, and between tags where nothing is escaped.
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tiles(content: Plan) -> list[Data]:
    """Return the numbers that stand at the top."""
    requests = content.requests
    tiles = [("settings changed", len(content.policy_changes), "bad")]
    tiles += [
        (f"to {action}", content.count(action), "bad" if action is Action.DELETE else "")
        for action in cards.SIGNS
    ]
    tiles += [
        ("lose access", len({loss.change.address for loss in losses(content)}), "bad"),
        ("coverage falls", len(content.coverage.falling), "bad"),
        ("manual steps", len(content.open_steps), "warn"),
        ("mails", content.registration_mails, ""),
    ]
    shown = [
        {"label": label, "number": str(number), "tone": tone}
        for label, number, tone in tiles
        if number
    ]
    if content.effective:
        shown.append({"label": "requests", "number": str(requests.total), "tone": ""})
    if requests.seconds and content.effective:
        least = readable.duration(requests.seconds)
        shown.append({"label": "at least", "number": least, "tone": ""})
    return shown


def _sections(content: Plan) -> Data:
    found = {name for change in content.effective for name in cards.departments_of(change)}
    departments = sorted(found, key=lambda name: (readable.natural(name), name))
    numbers = {change.address: number for number, change in enumerate(content.effective)}
    sections: Data = {
        "policy": [
            {"said": cards.parts(sentence), "place": place}
            for sentence, place in policy_lines.lines(content)
        ],
        "refused": content.refused,
        "losses": [
            {
                "of": numbers[loss.change.address],
                "person": cards.person(loss.change),
                "said": cards.parts(loss.said),
                "by": review_words.BY[loss.origin].strip(),
                "place": cards.place(loss.change),
            }
            for loss in losses(content)
        ],
        "access": [
            {
                "of": numbers[change.address],
                "person": cards.person(change),
                "by": review_words.BY[origin].strip(),
                "raised": cards.parts(raised),
                "lowered": cards.parts(lowered),
            }
            for origin, change, raised, lowered in review_words.access(content)
        ],
        "matrix": matrix(
            content.coverage, review_words.by_hand(content), partial(review_words.whose, content)
        ),
        "hours": hour_grids(content.coverage),
        "groups": [
            cards.group_data(group, departments, numbers)
            for group in effects.groups(content.effective, content.open_steps)
        ],
        "steps": [_step(step) for step in content.open_steps],
    }
    titles = {
        "policy": f"{policy_lines.TITLE} by this branch",
        "refused": "Why it is refused",
        "losses": "Who loses access",
        "access": "Access",
        "matrix": "Coverage",
        "hours": "Coverage by hour",
        "groups": "Changes",
        "steps": "To be done by hand",
    }
    anchors = {"matrix": "coverage", "groups": "changes"}
    contents = [(anchors.get(key, key), title) for key, title in titles.items() if sections[key]]
    return {
        **sections,
        "contents": [*contents, ("cost", "Requests and time")],
        "based": content.base is not None or any(c.attribution for c in content.effective),
        "policy_note": cards.parts(policy_lines.note(content)),
        "not_counted": review_words.not_counted(content),
        "services": SERVICES,
        "single": cards.single(content),
        "timezone": content.coverage.timezone,
        "lazy_from": LAZY_FROM,
        "total": sum(len(part["cards"]) for g in sections["groups"] for part in g["parts"]),
        "actions": [action.value for action in cards.SIGNS if content.count(action)],
        "risks": [
            (risk.value, label)
            for risk, (_, label) in cards.RISKS.items()
            if any(risk in change.risk for change in content.effective)
        ],
        "departments": departments,
        **_cost(content),
    }


def _cost(content: Plan) -> Data:
    requests = content.requests
    if content.effective:
        lines = [review_words.mails(content), review_words.cost(requests), _waiting(content)]
    else:
        lines = [review_words.nothing(content)]
    return {
        "cost": [line for line in lines if line],
        "operations": [
            ("read the account", requests.read),
            *_operations(content),
            ("read it back", requests.verify),
        ]
        if content.effective
        else [],
        "notes": [cards.parts(sentence) for sentence in review_words.notes(content)],
        "undeclared": [str(live.address) for live in content.undeclared],
        "compared": _compared(content),
        "snapshot": content.snapshot,
    }


def _operations(content: Plan) -> list[tuple[str, int]]:
    """Return how many requests write, by what they do in people's words."""
    found = content.requests.by_operation
    return [(OPERATIONS.get(name, name), number) for name, number in sorted(found.items())]


def _waiting(content: Plan) -> str:
    """Return whether an apply has to wait for the account's limit."""
    requests = content.requests
    if not requests.per_minute:
        return "No limit of requests applies, so nothing waits for one."
    return "" if requests.seconds else "Nothing has to wait for that limit."


def _compared(content: Plan) -> list[list[tuple[bool, str]]]:
    """Return what the plan was compared with."""
    taken = (" as it was in the snapshot of ", Quoted(content.taken)) if content.taken else ()
    live = ("The files, compared with the account ", Quoted(content.target), *taken, ".")
    if content.base is None:
        return [cards.parts(live)]
    commit = content.base.commit[: effects.COMMIT_DIGITS]
    base = ("What is of this branch is told from ", Quoted(content.base.ref), " at ", commit, ".")
    return [cards.parts(live), cards.parts(base)]


def _step(step: ManualStep) -> Data:
    return {
        "panel": step.panel,
        "address": str(step.address),
        "place": effects.place(step.source),
        "todo": step.todo,
        "then": step.then,
        "acknowledge": "" if step.verifiable else step.id,
        "hint": step.hint,
    }
