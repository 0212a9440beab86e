"""What executing needs of a target."""

from collections.abc import Sequence
from typing import Protocol

from provisioner.execution.steps import Step


class Writer(Protocol):
    """Makes steps true, from several threads at once."""

    @property
    def batch_size(self) -> int:
        """How many steps of a batched operation one call carries at most."""
        ...

    def write(self, step: Step) -> None:
        """Do one step.

        Raises:
            TargetError: it did not take effect, as far as is known.
        """
        ...

    def write_batch(self, steps: Sequence[Step]) -> None:
        """Do many steps of one batched operation with one call.

        Raises:
            TargetError: none of them is known to have taken effect.
        """
        ...
