"""One switch for each assumption about the real API that no source confirms.

The sandbox follows the known facts. Where a fact is unknown or doubtful, a switch selects the
behaviour, so that only its default changes once a real account shows the fact. Marks: D documented,
C seen in clients, I inferred, U unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.read_switches import ReadSwitches
from provisioner.sandbox.settings import Setting, read, setting, settings


@dataclass(frozen=True)
class Switches(ReadSwitches):
    """The switches; each field has its meaning and its source. Delays are numbers of requests."""

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
    membership_answer: Literal["json", "text"] = setting(
        "json", "GET /departments/{id}/{agentId}: a JSON string, or the bare letter.", "U"
    )
    new_membership_role: Literal["reader", "solver", "supervisor", "manager"] = setting(
        "solver", "Department role of a new member.", "U"
    )
    web_devices: Literal["each_service", "none"] = setting(
        "each_service",
        "Web devices that are created with an agent.",
        "I: changelog 2018-06-29; C: one per service seen",
    )
    new_device_preset: Literal["N", "F"] = setting(
        "F", "Preset of the web devices that are created with an agent.", "I: changelog 2018-11-21"
    )
    new_agent_voice: Literal["N", "F"] = setting(
        "N", "Voice status of a new agent.", "U: the model has no default"
    )
    new_membership_preset: Literal["N", "F"] = setting(
        "F", "Preset of the device departments that are created with a membership.", "U"
    )
    plan_day_base: Literal[0, 1] = setting(
        0, "Number of the first day of the week in device plans.", "U"
    )
    plan_first_day: Literal["mon", "sun"] = setting(
        "mon", "First day of the week in device plans.", "U"
    )
    plan_time_format: Literal["HH:MM:SS", "HH:MM"] = setting(
        "HH:MM:SS", "Format of times in device plans.", "U"
    )
    plan_midnight: Literal["23:59", "24:00"] = setting(
        "23:59", "Latest time in device plans, before its seconds.", "U"
    )
    web_devices_need_panel: bool = setting(
        default=True,
        text="A web device stays offline while no panel is open, even if online is written.",
        source="C: phone app; a 2026 client",
    )
    status_letter_r: bool = setting(
        default=True,
        text="A status with any service also has the letter R (read).",
        source="C: 'TR' seen",
    )


def switch_rows() -> Iterator[Setting]:
    """Yield every switch in the order of declaration, for help texts and documents."""
    return settings(Switches)


def parse_switches(words: Iterable[str]) -> Switches:
    """Return the switches of options of the command line.

    Args:
        words: each `NAME=VALUE`, such as `per_page_cap=7` or `list_deleted_agents=on`.

    Raises:
        SandboxError: a name or a value is unknown; the message lists the allowed ones.
    """
    return Switches(**read(Switches, words, "switch"))
