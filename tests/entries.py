"""Entries of a project without files, for tests of planning."""

from collections.abc import Mapping
from typing import Any

from provisioner.address import Address
from provisioner.documents import Document
from provisioner.model.desired import Resource
from provisioner.model.layers import Layer


def entry(address: Address, attributes: Mapping[str, Any] | None = None) -> Resource:
    """Return the entry of an object at the first place of a file."""
    values = dict(attributes or {})
    layer = Layer(values, Document("team.yaml", [values], [0, 0]), (0,))
    return Resource(address, values, (layer,))
