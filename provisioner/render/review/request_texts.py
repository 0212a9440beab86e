"""Texts about the requests of an apply: how many, how long, and for which operations."""

from provisioner.planning.plans.requests import RequestBudget
from provisioner.render import readable

OPERATIONS = {
    "create-role": "create roles",
    "update-role": "change roles",
    "delete-role": "delete roles",
    "create-department": "create departments",
    "update-department": "rename departments",
    "delete-department": "delete departments",
    "create-agent": "create agents",
    "restore-agent": "restore deleted agents",
    "update-agent": "change names and roles of agents",
    "delete-agent": "delete agents",
    "add-member": "add agents to departments",
    "remove-member": "take agents out of departments",
    "read-page": "look at what is overwritten",
    "read-devices": "read who can take calls where",
    "read-profile": "read agents' settings",
    "set-availability": "switch agents online or offline",
    "set-membership": "set what agents do in departments",
    "set-hours": "set planned hours",
    "set-voice": "set how agents take calls",
    "update-profile": "change agents' settings",
    "set-service": "switch services of departments",
}
"""What requests do, in words for people who don't know the API."""


def cost_sentence(requests: RequestBudget) -> str:
    """Return how many requests an apply makes, and how long they take at least."""
    parts = f"{requests.read} to read, {requests.write} to write, {requests.verify} to verify"
    total = f"Apply takes {readable.count(requests.total, 'request')} ({parts})"
    if not requests.per_minute:
        return f"{total}."
    limit = f"the limit of {requests.per_minute} a minute"
    if not requests.seconds:
        return f"{total}, within {limit}."
    return f"{total}, at least {readable.duration(requests.seconds)} under {limit}."


def waiting_sentence(requests: RequestBudget) -> str:
    """Return that an apply need not wait for the account's limit; "" where it has to."""
    if not requests.per_minute:
        return "No limit of requests applies."
    return "" if requests.seconds else "No request has to wait for the limit."


def floor_sentence(requests: RequestBudget) -> str:
    """Return how few requests the API would allow; "" where no plan has counted them."""
    if not requests.floor:
        return ""
    least = readable.count(requests.floor.total, "request")
    return (
        f"The API would allow {least}: without looks right before writes, proofs that lists are "
        "complete, and reading back."
    )


def request_table(requests: RequestBudget) -> tuple[tuple[str, int], ...]:
    """Return what an apply makes requests for, with their numbers."""
    writes = sorted(requests.by_operation.items())
    return (
        ("read the account", requests.read),
        *((OPERATIONS.get(name, name), number) for name, number in writes),
        ("read it back", requests.verify),
    )
