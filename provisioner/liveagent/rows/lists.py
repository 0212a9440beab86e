"""Reads whole lists and single objects."""

from collections.abc import Mapping

from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.contents import API_ROOT
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.page_rows import PageRows
from provisioner.liveagent.rows.paged_lists import CursorList, NumberedList, read_together
from provisioner.liveagent.rows.row_checks import Row, RowCheck, checked


def read_pages(
    client: Client,
    path: str,
    identity: str,
    shape: RowCheck,
    more: Mapping[str, str | int] | None = None,
) -> list[Row]:
    """Return the rows of a list that is paged by number, in the server's order.

    It is read up to its empty page; see `NumberedList`.

    Raises:
        TargetError: see `NumberedList.add`.
    """
    pages = NumberedList(client, path, identity, shape, more)
    read_together([pages], client.connections)
    return pages.listing().rows


def read_cursor(client: Client, path: str, identity: str, shape: RowCheck) -> list[Row]:
    """Read a list that is paged by cursor; see `read_pages`."""
    pages = CursorList(client, path, identity, shape)
    read_together([pages], client.connections)
    return pages.grid().rows


def read_whole(
    client: Client,
    path: str,
    identity: str,
    shape: RowCheck,
    more: Mapping[str, str | int] | None = None,
) -> list[Row]:
    """Read a list without pages; see `read_pages`."""
    rows = PageRows(path, identity, shape)
    rows.add(client.call("GET", path, params=more).content)
    return rows.listing().rows


def read_row(client: Client, path: str, shape: RowCheck) -> Row:
    """Read one object.

    Raises:
        TargetError: the call failed, or the object has an unexpected value.
    """
    row: Row = checked(f"GET {API_ROOT}{path}", client.call("GET", path).content, shape)
    return row


def read_device_hours(client: Client, device_id: object) -> list[Row]:
    """Read the planned hours of a device, one row for each department."""
    path = f"/devices/{quoted(device_id)}/plans"
    return read_whole(client, path, "department_id", row_shapes.DEVICE_HOURS)
