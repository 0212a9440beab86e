"""LiveAgent's plugins that fields of agents need."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin.

    Attributes:
        key: its key in the section `account.plugins` of the project's configuration.
        field: the agent's field that needs it.
        name: its name in the panel. Sources name 'Sound configuration' (D); 'Gamification' is
            inferred (I).
        is_needed: whether LiveAgent has no place for the field without it.
    """

    key: str
    field: str
    name: str
    is_needed: bool


PLUGINS = (
    Plugin("sounds", "sounds", "Sound configuration", is_needed=True),
    Plugin("gamification", "level", "Gamification", is_needed=False),
)
