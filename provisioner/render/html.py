"""Plans as one HTML file: a report that needs no network and works without scripts, too.

Every value goes through the template's escaping, and before it through `words.brief`. The page
names the digests of its own style and script as all that a browser may use, so that nothing else
could run or be fetched even if something got through.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache, partial
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
from provisioner.render import effects, origins, review, words
from provisioner.render.effects import Group
from provisioner.render.losses import losses
from provisioner.render.matrix import hour_grids, matrix
from provisioner.render.quoted import Quoted, Sentence, joined

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

OPERATIONS = {
    "create-role": "create roles",
    "update-role": "change roles",
    "delete-role": "delete roles",
    "create-department": "create departments",
    "update-department": "rename departments",
    "delete-department": "delete departments",
    "create-agent": "create agents",
    "restore-agent": "restore deleted agents",
    "update-agent": "change names and roles of agents",
    "delete-agent": "delete agents",
    "add-member": "add agents to departments",
    "remove-member": "take agents out of departments",
    "read-devices": "read who can take calls where",
    "read-profile": "read agents' settings",
    "read-services": "read which services agents take",
    "set-availability": "switch agents online or offline",
    "set-membership": "set what agents do in departments",
    "set-hours": "set planned hours",
    "set-voice": "set how agents take calls",
    "update-profile": "change agents' settings",
    "set-service": "switch services of departments",
}
"""What requests do, in people's words."""

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
        least = words.duration(requests.seconds)
        shown.append({"label": "at least", "number": least, "tone": ""})
    return shown


def _sections(content: Plan) -> Data:
    found = {name for change in content.effective for name in _departments(change)}
    departments = sorted(found, key=lambda name: (words.natural(name), name))
    numbers = {change.address: number for number, change in enumerate(content.effective)}
    sections: Data = {
        "refused": content.refused,
        "losses": [
            {
                "of": numbers[loss.change.address],
                "person": _person(loss.change),
                "said": _parts(loss.said),
                "by": origins.BY[loss.origin].strip(),
                "place": _place(loss.change),
            }
            for loss in losses(content)
        ],
        "access": [
            {
                "of": numbers[change.address],
                "person": _person(change),
                "by": origins.BY[origin].strip(),
                "raised": _parts(raised),
                "lowered": _parts(lowered),
            }
            for origin, change, raised, lowered in review.access(content)
        ],
        "matrix": matrix(content.coverage, review.by_hand(content), partial(review.whose, content)),
        "hours": hour_grids(content.coverage),
        "groups": [
            _group(group, departments, numbers)
            for group in effects.groups(content.effective, content.open_steps)
        ],
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
        "based": content.base is not None or any(c.origin for c in content.effective),
        "not_counted": review.not_counted(content),
        "services": SERVICES,
        "single": _single(content),
        "timezone": content.coverage.timezone,
        "lazy_from": LAZY_FROM,
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
        lines = [review.mails(content), review.cost(requests), _waiting(content)]
    else:
        lines = [review.nothing(content)]
    return {
        "cost": [line for line in lines if line],
        "operations": [
            ("read the account", requests.read),
            *_operations(content),
            ("read it back", requests.verify),
        ]
        if content.effective
        else [],
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
        return "No limit of requests is known, so nothing waits for one."
    return "" if requests.seconds else "It has to wait for no limit."


def _compared(content: Plan) -> list[list[tuple[bool, str]]]:
    """Return what the plan was compared with."""
    taken = (" as it was in the snapshot of ", Quoted(content.taken)) if content.taken else ()
    live = ("The files, compared with the account ", Quoted(content.target), *taken, ".")
    if content.base is None:
        return [_parts(live)]
    commit = content.base.commit[: effects.COMMIT_DIGITS]
    base = ("What is of this branch is told from ", Quoted(content.base.ref), " at ", commit, ".")
    return [_parts(live), _parts(base)]


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
            "said": _parts(joined(sentences)),
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


def _group(group: Group, departments: list[str], numbers: Mapping[Address, int]) -> Data:
    number_of = {name: number for number, name in enumerate(departments)}
    parts = [
        {
            "title": "Departments and roles" if name == "structure" else name.capitalize(),
            "cards": [
                _card(change, number_of, group.by_hand.get(change.address))
                | {"of": numbers[change.address]}
                for change in getattr(group, name)
            ],
        }
        for name in _PARTS
    ]
    return {
        "title": origins.TITLES[group.origin] if group.origin else "",
        "level": 4 if group.origin else 3,
        "parts": [part for part in parts if part["cards"]],
    }


def _card(
    change: Change, number_of: dict[str, int], by_hand: Mapping[str, tuple[str, ...]] | None
) -> Data:
    own = _place(change)
    fields = [_field(field, own) for field in change.fields]
    fields += [
        {"name": name, "before": None, "after": {"short": said, "whole": None}, "place": ""}
        for name, said in effects.created(change, by_hand)
    ]
    fields += [
        {"name": name, "before": {"short": said, "whole": None}, "after": None, "place": ""}
        for name, said in effects.deleted(change)
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
