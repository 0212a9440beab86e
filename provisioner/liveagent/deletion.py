"""Deleting what may have gone already."""

from provisioner.diagnostics import RejectedError
from provisioner.liveagent.http.client import Client

GONE = frozenset({404, 410})
"""The statuses of what is not there. D: 404; I: 410, which proxies and other APIs send."""


def delete(client: Client, path: str) -> None:
    """Delete something; what has gone already is what was wanted.

    Raises:
        TargetError: it was not deleted.
    """
    try:
        client.call("DELETE", path)
    except RejectedError as error:
        if error.status not in GONE:
            raise
