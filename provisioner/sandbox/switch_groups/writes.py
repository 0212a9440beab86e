"""Switches of writes: their bodies and answers, and how late they are shown."""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class WriteSwitches:
    """What writes need, and what they are answered with. Delays are numbers of requests."""

    null_values: Literal["accepted", "refused"] = setting(
        "accepted",
        "Null in a body of the documented API.",
        "U: the vendor's client leaves such keys out",
    )
    unknown_properties: Literal["ignored", "refused"] = setting(
        "ignored",
        "Properties of a body of the documented API that its model does not have.",
        "I: PHP models",
    )
    batch_limit: int = setting(
        0, "The most rows of a batch; more are refused. 0: no limit.", "U: no limit is documented"
    )
    email_conflict: Literal["named", "bare"] = setting(
        "named", "The refusal of an email in use: with the reason, or without.", "I"
    )
    write_answer: Literal["object", "empty", "no_content", "text", "braces"] = setting(
        "object",
        "Content of the answer to a write: the object, nothing with 200 or 204, OK as a text, or"
        " {}. Files, keys and logins are always answered with the object.",
        "U: for all but the object",
    )
    lag_agents: int = setting(0, "Reads of GET /agents that do not show a write yet.", "U")
    lag_profiles: int = setting(0, "The same for GET /agents/profiles.", "U")
    lag_grid_agents: int = setting(0, "The same for GET /grid/agents.", "U")
    lag_departments: int = setting(0, "The same for GET /grid/departments.", "U")
    lag_devices: int = setting(0, "The same for GET /devices.", "U")
    lag_roles: int = setting(0, "The same for GET /roles.", "U")
    lag_new_objects: int = setting(
        0, "Requests for a new object, or services of a new member, that are answered 404.", "U"
    )
