"""A directed graph of work to do. It knows nothing about agents or HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Graph(Generic[Node]):
    """Nodes and the order between them.

    Attributes:
        nodes: mapping from id to node.
        needs: mapping from id to the ids of the nodes that must succeed first. If one fails or is
            skipped, the node is skipped.
        after: mapping from id to the ids of the nodes that must have ended first, even by failing.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def before(self, node: str) -> frozenset[str]:
        """Return the ids of all nodes that must have ended before a node starts."""
        return self.needs.get(node, frozenset()) | self.after.get(node, frozenset())
