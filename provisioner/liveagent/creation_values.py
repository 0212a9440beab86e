"""The values that an agent has from the creation or the restore, so that no step writes them."""

from typing import TYPE_CHECKING, Any

from provisioner.address import Kind
from provisioner.execution.operations import Operation
from provisioner.execution.steps import Step
from provisioner.live.state import LiveState
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.fields import is_part

if TYPE_CHECKING:
    from collections.abc import Mapping


class CreationValues:
    """Finds the steps of new agents that set only what these already have.

    The account's own defaults of agent settings are certain. Voice status and availability are
    assumed, so the writer compares them with the answer to the creation and with the devices.
    """

    def __init__(self, live: LiveState, capabilities: AccountCapabilities) -> None:
        """Make it for an account, as it was before the creations."""
        self._settings: Mapping[str, Any] = live.defaults.get(Kind.AGENT, {})
        self._voices = live.deleted_voices
        self._voice: str = capabilities["new_agent_voice"]
        self._availability: str = capabilities["new_device_preset"]

    def include(self, step: Step) -> bool:
        """Return whether a step sets only what the agent has by then.

        A restored agent has the former values; only the voice status may be known.
        """
        if step.checked or step.address is None:
            return False
        if step.operation is Operation.SET_VOICE:
            former = self._voices.get(step.address.identity[1])
            return bool(step.value == (self._voice if step.fresh else former))
        if not step.fresh:
            return False
        if step.operation is Operation.SET_AVAILABILITY:
            return bool(step.value == self._availability)
        return step.operation is Operation.UPDATE_AGENT_SETTINGS and self.include_settings(step)

    def include_settings(self, step: Step) -> bool:
        """Return whether a step sets only settings that the account gives each new agent."""
        return step.fresh and is_part(step.values, self._settings)
