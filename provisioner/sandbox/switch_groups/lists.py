"""Switches of lists and answers: pages, filters, rows, and optional properties."""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class ListSwitches:
    """How lists are read, and the shape of their rows."""

    per_page_cap: int = setting(
        500, "The most rows of a page, even if _perPage asks for more.", "D that, U how many"
    )
    per_page_limit: int = setting(
        0, "The largest _perPage; a larger one is refused. 0: none is.", "U: a cap is documented"
    )
    page_past_end: Literal["empty", "missing"] = setting(
        "empty", "The answer to a _page after the last one: an empty list, or 404.", "U"
    )
    plain_list_status: Literal[200, 206] = setting(
        200, "Status of an answer to a _page or _from list.", "I: spec declares both"
    )
    range_end_included: bool = setting(
        default=False, text="The answer includes the row with number _to.", source="U"
    )
    list_deleted_agents: bool = setting(
        default=False,
        text="GET /agents lists deleted agents too, with status X.",
        source="I: changelog 2021-04-28, 2026-03-20",
    )
    grid_lists_deleted_agents: bool = setting(
        default=False,
        text="GET /grid/agents lists deleted agents too, with userstatus X.",
        source="U: userstatus may be X",
    )
    deleted_departments_in_statuses: bool = setting(
        default=False,
        text="The statuses of an agent keep the rows of deleted departments.",
        source="U: department rows are cleaned, changelog 2017-10-09",
    )
    service_user: Literal["none", "agents", "grid"] = setting(
        "none",
        "The list that shows a service user, such as a chat bot, that no other list shows.",
        "U: no document promises that the lists have the same rows",
    )
    unknown_filter_column: Literal["error", "ignore"] = setting(
        "error", "The effect of a filter on an unknown column.", "I: tickets since 2025-03-18"
    )
    optional_fields: Literal["sent", "empty_left_out", "left_out"] = setting(
        "sent",
        "Optional properties of answers: all are sent, or those with an empty or default value"
        " are left out, or also those that no client can rely on, such as roleId.",
        "D: optional in the models; U: when they are left out",
    )
    null_for_empty: bool = setting(
        default=False,
        text="An empty list, object or text of an optional property is sent as null.",
        source="U: departments_statuses may be null",
    )
    numbers: Literal["integer", "float", "string"] = setting(
        "integer",
        "Numbers that the documents declare as float, such as ids of devices: 7, 7.0 or '7'.",
        "D: float in the models; C: as text in v1",
    )
