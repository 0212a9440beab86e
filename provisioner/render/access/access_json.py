"""Access as JSON for machines: the same bytes for the same access."""

import json

from provisioner.planning.access.access_difference import AccessDifference
from provisioner.planning.access.access_list import AccessList


def as_json(report: AccessList | AccessDifference) -> str:
    """Return a list of access, or the difference of two, as JSON; see docs/access.md."""
    return json.dumps(report.as_data(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
