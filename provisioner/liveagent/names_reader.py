"""Reads the lists of names that values of the files refer to."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from provisioner.diagnostics import RejectedError, UnansweredError
from provisioner.live.account_names import AccountNames, NameList
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.lists import Row, read_cursor, read_whole
from provisioner.liveagent.rows.row_checks import RowCheck


class _Source(NamedTuple):
    """Where a list is read: reader, path, key of the name, key of the label, and shape."""

    read: Callable[[Client, str, str, RowCheck], list[Row]]
    path: str
    name: str
    label: str
    shape: RowCheck


_SOURCES: Mapping[NameList, _Source] = {
    NameList.SLACK_USER: _Source(
        read_cursor, "/slack/users", "id", "real_name", row_shapes.SLACK_USER
    ),
    NameList.SOUND: _Source(read_whole, "/sounds", "name", "title", row_shapes.NAMED),
    NameList.ALERT: _Source(read_whole, "/sounds/alerts", "name", "title", row_shapes.NAMED),
    NameList.LEVEL: _Source(read_whole, "/levels", "name", "title", row_shapes.NAMED),
}
"""API v3 has the Slack users (D); the others are of the extended surface."""


def read_names(client: Client, wanted: Collection[NameList]) -> AccountNames:
    """Read lists of names, without those that the account refuses to show.

    A list of Slack users fails with 500 where the Slack integration is broken (D: changelog).

    Raises:
        TargetError: the account can't be reached, or a list has an unexpected value.
    """
    labels: dict[NameList, dict[str, str]] = {}
    requests: dict[NameList, int] = {}
    for name_list in sorted(wanted):
        source, before = _SOURCES[name_list], client.requests
        try:
            rows = source.read(client, source.path, source.name, source.shape)
        except RejectedError:
            rows = None
        except UnansweredError as error:
            if not error.status:
                raise
            rows = None
        requests[name_list] = client.requests - before
        if rows is not None:
            labels[name_list] = {
                str(row[source.name]): str(row.get(source.label) or "") for row in rows
            }
    return AccountNames(labels, requests)
