"""Makes ids and dates in the formats of real accounts."""

import secrets
import string
from datetime import UTC, datetime

# UTC, without a zone (C: clients read UTC).
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"

_LETTERS_AND_DIGITS = string.ascii_lowercase + string.digits


def agent_id() -> str:
    """Return a new id such as `t84l1kx7` (C: seen in clients)."""
    return "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(8))


# No source shows the id of a custom role (U).
role_id = agent_id


def department_id() -> str:
    """Return a new id such as `8c2ad2e8` (C: seen in clients)."""
    return secrets.token_hex(4)


def now() -> str:
    """Return the current time in the API's format."""
    return datetime.now(UTC).strftime(DATE_FORMAT)
