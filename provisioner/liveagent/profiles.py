"""An agent's profile on the extended surface, and the YAML's words for it.

The documented API has none of it; the rows are the extended surface's own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.live.state import Account
from provisioner.model import hours
from provisioner.model.kinds import DAYS

Row = Mapping[str, Any]

FIRST_DAY = 0
"""The number of Monday in a device plan (U)."""

SECONDS = ":00"
"""What follows HH:MM in a device plan's times (U)."""

MIDNIGHT = "23:59"
"""How a plan ends at midnight: its times have no 24:00 (U)."""

_EVENTS = ("ticket_assigned", "customer_reply", "new_ticket")


def attributes(profile: Row) -> dict[str, Any]:
    """Return the fields of an agent that only a profile has."""
    notifications = profile["notifications"]
    checksum = profile.get("photo_sha256")
    return {
        "alias": profile["alias"] or "",
        "photo": f"sha256:{checksum}" if checksum else "",
        "to_solve_only": profile["to_solve_only"] == "Y",
        "notifications": {
            "email": _events(notifications["email"]),
            "slack": {"user": notifications["slack"]["user"] or ""}
            | _events(notifications["slack"]),
        },
        "signature": profile["signature"] or "",
        "chat": {"max_load": profile["max_chat_load"], "priority": profile["chat_priority"]},
        "panel": {"theme": profile["panel_theme"]},
        "level": profile["level"] or "",
        "sounds": dict(profile["sounds"]),
    }


def membership(row: Row) -> dict[str, Any]:
    """Return the fields of a membership that only a profile has."""
    return {
        "role": row["role"],
        "change_own_status": row["change_own_status"] == "Y",
        "signature": row["signature"] or "",
    }


def membership_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a membership for values of the YAML."""
    fields = {name: values[name] for name in ("role", "signature") if name in values}
    if "change_own_status" in values:
        fields["change_own_status"] = _yes(values["change_own_status"])
    return fields


def profile_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a profile for values of the YAML; what is not in it stays.

    A photo is left out: it has to be uploaded first.
    """
    fields: dict[str, Any] = {
        name: values[name] for name in ("alias", "signature", "level") if name in values
    }
    if "to_solve_only" in values:
        fields["to_solve_only"] = _yes(values["to_solve_only"])
    if "notifications" in values:
        fields["notifications"] = {
            channel: {
                name: (value or None) if name == "user" else _yes(value)
                for name, value in settings.items()
            }
            for channel, settings in values["notifications"].items()
        }
    chat = values.get("chat", {})
    names = {"max_load": "max_chat_load", "priority": "chat_priority"}
    fields |= {names[name]: value for name, value in chat.items()}
    if "theme" in values.get("panel", {}):
        fields["panel_theme"] = values["panel"]["theme"]
    if "sounds" in values:
        fields["sounds"] = values["sounds"]
    if values.get("two_factor") is False:
        fields["twofactor_auth"] = "N"
    return fields


def week(plans: Iterable[tuple[str, Row]], departments: Mapping[str, str]) -> hours.Week:
    """Return the week of an agent's device plans.

    Args:
        plans: service and row of each plan.
        departments: department id to name.
    """
    spans: hours.Spans = {}
    for service, plan in plans:
        day = DAYS[int(plan["day"]) - FIRST_DAY]
        end = plan["end"].removesuffix(SECONDS)
        block = hours.block_spans(
            [day], plan["start"].removesuffix(SECONDS), "24:00" if end == MIDNIGHT else end
        )
        spans.setdefault((departments[plan["department_id"]], service), []).extend(block)
    return hours.week(spans)


def plan_rows(days: Mapping[str, str], device_id: Any, department_id: str) -> list[dict[str, Any]]:
    """Return the rows of a device's plans in a department for one service's canonical week."""
    return [
        {
            "device_id": device_id,
            "department_id": department_id,
            "day": DAYS.index(day) + FIRST_DAY,
            "start": begin + SECONDS,
            "end": (MIDNIGHT if end == "24:00" else end) + SECONDS,
        }
        for day, text in days.items()
        for begin, end in (piece.split("-") for piece in text.split(", "))
    ]


def account(row: Row) -> Account:
    """Return the facts of the account."""
    return Account(
        plan=row["plan"],
        features={"chats": row["features"]["chat"] == "Y", "calls": row["features"]["call"] == "Y"},
        plugins={name: value == "Y" for name, value in row["plugins"].items()},
        chat_routing=row["chat_routing"],
        max_custom_roles=row["max_custom_roles"],
        timezone=row["timezone"],
        key_agent=row["key_agent_id"],
        creator=row["creator_id"],
    )


def _events(channel: Row) -> dict[str, bool]:
    return {event: channel[event] == "Y" for event in _EVENTS}


def _yes(value: object) -> str:
    return "Y" if value else "N"
