"""Plans as JSON for machines: sorted, indented, and the same bytes for the same plan."""

import json

from provisioner.planning.plans.plan_data import Plan


def as_json(plan: Plan) -> str:
    """Return a plan as JSON; see `Plan.as_data` for the shape."""
    return json.dumps(plan.as_data(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
