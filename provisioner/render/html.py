"""Plans as one HTML file: a report that needs no network and works without scripts, too.

Every value goes through the template's escaping, and before it through `words.brief`. The page
names the digests of its own style and script as all that a browser may use, so that nothing else
could run or be fetched even if something got through.
"""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from provisioner.address import Address, Kind
from provisioner.live.state import Surface
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import Action, Change, FieldChange, Risk
from provisioner.planning.manual import ManualStep
from provisioner.planning.plan import Plan
from provisioner.render import effects, review, words
from provisioner.render.effects import Group, Quoted, Sentence
from provisioner.render.matrix import hour_grids, matrix

Data = dict[str, Any]

RISKS = {
    Risk.DELETES: ("bad", "is deleted"),
    Risk.LOWERS_RIGHTS: ("bad", "fewer rights"),
    Risk.REMOVES_ACCESS: ("bad", "loses access"),
    Risk.RAISES_RIGHTS: ("warn", "more rights"),
    Risk.LOGS_OUT: ("", "logged out"),
    Risk.SENDS_MAIL: ("", "gets mail"),
}
"""How a risk is shown: the tone, and the words."""

LONGEST = 2_000
"""Characters of a text that are shown."""

LAZY_FROM = 200
"""Changes from which on a browser lays out only those that are in sight."""

TALL_FROM = 12
"""Rows from which on a table scrolls by itself, so that what follows it stays near."""

_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_PARTS = ("joiners", "movers", "leavers", "structure")


def plan(content: Plan) -> str:
    """Return a plan as an HTML page."""
    style, script = _file("plan.css"), _file("plan.js")
    mood, verdict = review.verdict(content)
    return _template().render(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        target=content.target,
        surface="API v3" if content.surface is Surface.V3 else "",
        mood=mood.value,
        verdict=verdict[:1].upper() + verdict[1:],
        tiles=_tiles(content),
        **_sections(content),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("provisioner.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
    )
    return environment.get_template("plan.html.jinja")


def _harmless(value: object) -> object:
    """Return what a template prints: text without control characters, and not without end."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return words.brief(value, LONGEST)


def _file(name: str) -> Markup:
    file = resources.files("provisioner.render") / "templates" / name
    # Ours, and between tags where nothing is escaped.
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tiles(content: Plan) -> list[Data]:
    """Return the numbers that stand at the top."""
    requests = content.requests
    tiles = [
        (f"to {action}", content.count(action), "bad" if action is Action.DELETE else "")
        for action in _SIGNS
    ]
    tiles += [
        ("lose access", len(review.losses(content)), "bad"),
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
        least = words.duration(requests.seconds)
        shown.append({"label": "at least", "number": least, "tone": ""})
    return shown


def _sections(content: Plan) -> Data:
    departments = sorted({name for c in content.effective for name in _departments(c)})
    sections: Data = {
        "refused": content.refused,
        "losses": [
            {"person": _person(c), "said": _parts(said), "place": _place(c)}
            for c, said in review.losses(content)
        ],
        "access": [
            {"person": _person(c), "raised": _parts(raised), "lowered": _parts(lowered)}
            for c, raised, lowered in review.access(content)
        ],
        "matrix": matrix(content.coverage),
        "hours": hour_grids(content.coverage),
        "groups": [_group(group, departments) for group in effects.groups(content.effective)],
        "steps": [_step(step) for step in content.open_steps],
    }
    titles = {
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
        "not_counted": review.not_counted(content),
        "services": SERVICES,
        "single": _single(content),
        "timezone": content.coverage.timezone,
        "lazy_from": LAZY_FROM,
        "tall_from": TALL_FROM,
        "total": sum(len(part["cards"]) for g in sections["groups"] for part in g["parts"]),
        "actions": [action.value for action in _SIGNS if content.count(action)],
        "risks": [
            (risk.value, label)
            for risk, (_, label) in RISKS.items()
            if any(risk in change.risk for change in content.effective)
        ],
        "departments": departments,
        **_cost(content),
    }


def _cost(content: Plan) -> Data:
    requests = content.requests
    if content.effective:
        lines = [line for line in (review.mails(content), review.cost(requests)) if line]
    else:
        lines = [review.nothing(content)]
    return {
        "cost": lines,
        "operations": [
            ("read the account", requests.read),
            *sorted(requests.by_operation.items()),
            ("read it back", requests.verify),
        ]
        if content.effective
        else [],
        "undeclared": [str(live.address) for live in content.undeclared],
        "snapshot": content.snapshot,
    }


def _single(content: Plan) -> list[Data]:
    """Return the agents whom a service hangs on, each with what it is."""
    found: dict[tuple[Address, str], list[Sentence]] = {}
    for cell in content.coverage.single:
        if cell.only:
            said = (f"{cell.service} in ", Quoted(cell.department))
            found.setdefault((cell.only.address, cell.only.name), []).append(said)
    return [
        {
            "person": {"name": name, "key": address.key},
            "said": _parts(effects.joined(sentences)),
        }
        for (address, name), sentences in sorted(found.items())
    ]


def _parts(sentence: Sentence) -> list[tuple[bool, str]]:
    return [(isinstance(part, Quoted), str(part)) for part in sentence]


def _person(change: Change) -> Data:
    if change.address.kind is not Kind.AGENT:
        return {"name": change.address.key, "key": change.address.kind.value}
    name = (change.after or change.before or {}).get("name", "")
    return {"name": name, "key": change.address.key}


def _place(declared: Change | FieldChange) -> str:
    return effects.place(declared.source, declared.commit)


def _departments(change: Change) -> set[str]:
    """Return the departments that a change is about."""
    if change.address.kind is Kind.DEPARTMENT:
        return {change.name}
    sides = (change.before or {}, change.after or {})
    return {name for side in sides for name in side.get("departments", {})}


def _group(group: Group, departments: list[str]) -> Data:
    number_of = {name: number for number, name in enumerate(departments)}
    parts = [
        {
            "title": "Departments and roles" if name == "structure" else name.capitalize(),
            "cards": [_card(change, number_of) for change in getattr(group, name)],
        }
        for name in _PARTS
    ]
    return {
        "title": effects.TITLES[group.origin] if group.origin else "",
        "level": 4 if group.origin else 3,
        "parts": [part for part in parts if part["cards"]],
    }


def _card(change: Change, number_of: dict[str, int]) -> Data:
    own = _place(change)
    fields = [_field(field, own) for field in change.fields]
    fields += [
        {"name": name, "before": None, "after": {"short": said, "whole": None}, "place": ""}
        for name, said in effects.created(change)
    ]
    return {
        "action": change.action.value,
        "sign": _SIGNS[change.action],
        "risk": [risk.value for risk in change.risk],
        "departments": sorted(number_of[name] for name in _departments(change)),
        "person": _person(change),
        "reason": effects.REASONS.get(change.reason, ""),
        "tags": [RISKS[risk] for risk in change.risk],
        "place": own,
        "fields": fields,
    }


def _field(field: FieldChange, own: str) -> Data:
    before, after = effects.values(field)
    place = _place(field)
    cause = f"profile {field.profile}, " if field.profile else ""
    return {
        "name": effects.field_name(field),
        "before": None if field.before is None else _value(before, field.before),
        "after": None if field.after is None else _value(after, field.after),
        "place": f"{cause}{place}" if place and place != own else "",
    }


def _value(short: str, content: Any) -> Data:
    """Return a value in short, and a long text with all of its lines to unfold."""
    long = isinstance(content, str) and len(content) > words.LONGEST
    return {"short": short, "whole": content.splitlines() if long else None}


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
