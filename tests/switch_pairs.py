"""The switches that a whole story of an account meets, and small sets that cover their pairs.

Every switch of the sandbox is either in `MET`, with its values, or in `NOT_MET`, with the reason
why no pair with it is tried.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

Config = Mapping[str, Any]
"""Switch to value; the others have their defaults."""

Value = tuple[str, Any]
"""A switch and one of its values."""

MET: Mapping[str, tuple[Any, ...]] = {
    # The first value is the default.
    "per_page_cap": (500, 3),
    "per_page_limit": (0, 10),
    "page_past_end": ("empty", "missing"),
    "plain_list_status": (200, 206),
    "list_deleted_agents": (False, True),
    "grid_lists_deleted_agents": (False, True),
    "deleted_departments_in_statuses": (False, True),
    "agent_rows": ("whole", "short"),
    "service_user": ("none", "agents", "grid"),
    "optional_fields": ("sent", "empty_left_out", "left_out"),
    "null_for_empty": (False, True),
    "numbers": ("integer", "float", "string"),
    "null_values": ("accepted", "refused"),
    "unknown_properties": ("ignored", "refused"),
    "write_answer": ("object", "empty", "no_content", "text", "braces"),
    "lag_agents": (0, 2),
    "lag_profiles": (0, 2),
    "lag_grid_agents": (0, 2),
    "lag_departments": (0, 2),
    "lag_devices": (0, 2),
    "lag_new_objects": (0, 2),
    "batch_limit": (0, 2),
    "creates_agents": ("yes", "404", "405"),
    "email_conflict": ("named", "bare"),
    "put_defaults_missing_fields": (True, False),
    "join_all_departments": (False, True),
    "undelete_keeps_memberships": (False, True),
    "undelete_key": ("either", "id", "email"),
    "role_id_shape": ("name", "opaque"),
    "missing_role_id": ("role_decides", "kept"),
    "empty_role_id": ("role_decides", "refused"),
    "new_membership_role": ("solver", "reader"),
    "web_devices": ("each_service", "none"),
    "new_device_preset": ("F", "N"),
    "new_agent_voice": ("N", "F"),
    "new_membership_preset": ("F", "N"),
    "plan_day_base": (0, 1),
    "plan_first_day": ("mon", "sun"),
    "plan_time_format": ("HH:MM:SS", "HH:MM"),
    "plan_midnight": ("23:59", "24:00"),
    "web_devices_need_panel": (True, False),
    "status_letter_r": (True, False),
    "registration_mail_on_api_create": (True, False),
    "key_scopes": ("all", "agent.read,device.manage,settings.read", "device.manage"),
}

NOT_MET: Mapping[str, str] = {
    "plan": "a fact of the account that is checked before any call: test_account_rules.py",
    "chat_feature": "as `plan`",
    "call_feature": "as `plan`",
    "sounds_plugin": "as `plan`",
    "gamification_plugin": "as `plan`",
    "chat_routing": "as `plan`",
    "max_custom_roles": "as `plan`",
    "plugin_rows": "as `plan`",
    "levels": "as `plan`",
    "sounds": "as `plan`",
    "alerts": "as `plan`",
    "account_timezone": "its words only matter for zones: test_zones.py",
    "max_body_bytes": "a limit of the sandbox, far above every request of the client",
    "range_end_included": "the client reads no list by `_from`",
    "unknown_filter_column": "the client sends no filter",
    "avatar_url_writable": "the client sends the avatar's address back as it was read",
    "protect_account_creator": "no story touches the creator; test_safety.py does",
    "alias_max_length": "a value that is too long is refused whatever else the account does",
    "put_agent_status": "the client does not make this call",
    "agents_by_email": "the client does not make this call",
    "membership_answer": "the client does not make this call",
    "active_tickets": "of agents who are online, and nobody is in a story: test_leavers.py",
    "lag_roles": "the team has no custom role",
}


def odd_values() -> list[Value]:
    """Return every value that is not the default."""
    return [(name, value) for name, values in MET.items() for value in values[1:]]


def pairs(values: Iterable[Value]) -> Iterator[tuple[Value, Value]]:
    """Yield the pairs of values of different switches."""
    for first, second in combinations(values, 2):
        if first[0] != second[0]:
            yield first, second


def covering(values: Iterable[Value]) -> list[Config]:
    """Return few configurations that have every pair of values of different switches.

    Greedy: each configuration starts with a missing pair, and gets of each further switch the
    value that adds most of the missing pairs.
    """
    values = list(values)
    missing = dict.fromkeys(pairs(values))
    configs: list[Config] = []
    while missing:
        chosen = list(next(iter(missing)))
        while True:
            taken = {name for name, _ in chosen}
            gains = {
                value: sum((value, one) in missing or (one, value) in missing for one in chosen)
                for value in values
                if value[0] not in taken
            }
            best = max(gains, key=lambda value: gains[value], default=None)
            if best is None or not gains[best]:
                break
            chosen.append(best)
        configs.append(dict(chosen))
        for pair in pairs(sorted(chosen, key=values.index)):
            missing.pop(pair, None)
    return configs


def meeting(value: Value, others: Iterable[Value]) -> list[Config]:
    """Return few configurations that have one value together with each of the others."""
    values_of: dict[str, list[Any]] = {}
    for name, other in others:
        if name != value[0]:
            values_of.setdefault(name, []).append(other)
    most = max(map(len, values_of.values()), default=0)
    return [
        {name: own[number] for name, own in values_of.items() if number < len(own)} | dict([value])
        for number in range(most)
    ]
