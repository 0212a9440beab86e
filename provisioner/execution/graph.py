"""A generic graph of work: what must come before what. It knows nothing of agents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Graph(Generic[Node]):
    """Nodes by id, and two sorts of edges.

    Attributes:
        nodes: id to node.
        needs: id to the ids without whose success the node can't be done.
        after: id to the ids that must be over first, well or not.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def before(self, node: str) -> frozenset[str]:
        """Return all ids that must be over before the node starts."""
        return self.needs.get(node, frozenset()) | self.after.get(node, frozenset())
