"""Switches of memberships, devices and planned hours."""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class DeviceSwitches:
    """How memberships, devices and their plans are read and written."""

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
