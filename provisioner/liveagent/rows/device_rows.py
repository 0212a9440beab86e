"""Finds the web devices of agents among rows of Device."""

from collections import defaultdict
from collections.abc import Iterable

from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.lists import Row

SERVICE_OF = {letter: service for service, letter in codecs.SERVICE_LETTERS.items()}


def web_devices(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """Return a mapping from agent id to a mapping from service to web device.

    Of several web devices for a service, the first counts: one is expected (I).
    """
    devices: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if _is_web_device(row):
            devices[row["agent_id"]].setdefault(SERVICE_OF[row["service_type"]], row)
    return devices


def _is_web_device(row: Row) -> bool:
    is_web = row["type"] == codecs.WEB_DEVICE and row["service_type"] in SERVICE_OF
    return is_web and bool(row.get("agent_id"))


def repeated_devices(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return the second and further web devices of an agent for a service."""
    seen: set[tuple[str, str]] = set()
    repeated: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if _is_web_device(row):
            key = (row["agent_id"], SERVICE_OF[row["service_type"]])
            if key in seen:
                repeated[key].append(row)
            seen.add(key)
    return repeated
