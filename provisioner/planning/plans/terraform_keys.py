"""Keys by which readers of Terraform's plans recognise a plan: what they check, and nothing new.

Source: HashiCorp, "JSON Output Format". terraform-compliance and checkov refuse or skip a document
without these keys. tests/neighbours runs them on a plan.
"""

from collections.abc import Sequence
from typing import Any

from provisioner.json_form import EntryList
from provisioner.planning.changes import Change

TERRAFORM_VERSION = "1.11.4"
"""The version of Terraform with plans of this shape; readers accept ranges of versions."""

MANAGED = "managed"
"""Terraform's `mode` of an object that an apply writes."""

_PROVIDER = "liveagent"


def terraform_keys(changes: Sequence[Change]) -> dict[str, Any]:
    """Return the keys for all changes of a plan, in lists that are made while they are written."""
    remaining = [change for change in changes if _values(change) is not None]
    return {
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": {"root_module": {"resources": EntryList(remaining, _planned)}},
        "configuration": {
            "provider_config": {_PROVIDER: {"name": _PROVIDER}},
            "root_module": {"resources": EntryList(remaining, _configured)},
        },
    }


def _planned(change: Change) -> dict[str, Any]:
    known = {"id": change.id} if change.id else {}
    return {
        **_identity(change),
        "provider_name": _PROVIDER,
        "values": {**known, **(_values(change) or {})},
        "sensitive_values": {},
    }


def _configured(change: Change) -> dict[str, Any]:
    """Return an entry without expressions: terraform-compliance would merge them into values."""
    return {**_identity(change), "provider_config_key": _PROVIDER, "expressions": {}}


def _identity(change: Change) -> dict[str, str]:
    return {
        "address": str(change.address),
        "mode": MANAGED,
        "type": str(change.address.kind),
        "name": change.name,
    }


def _values(change: Change) -> Any:
    """Return the fields of an object after the apply, which leaves held objects as they are."""
    return change.before if change.is_held else change.after
