"""Switches of lists: pages, filters, and the rows that they have."""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class ListSwitches:
    """How lists are read."""

    per_page_cap: int = setting(
        500, "The most rows of a page, even if _perPage asks for more.", "D that, U how many"
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
    unknown_filter_column: Literal["error", "ignore"] = setting(
        "error", "The effect of a filter on an unknown column.", "I: tickets since 2025-03-18"
    )
