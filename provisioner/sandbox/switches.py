"""One switch for each assumption about the real API that no source confirms.

The sandbox follows the known facts. Where a fact is unknown or doubtful, a switch selects the
behaviour, so that only its default changes once a real account shows the fact. Marks: D documented,
C seen in clients, I inferred, U unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioner.sandbox.settings import Setting, read, settings
from provisioner.sandbox.switch_groups.account import AccountSwitches
from provisioner.sandbox.switch_groups.agents import AgentSwitches
from provisioner.sandbox.switch_groups.devices import DeviceSwitches
from provisioner.sandbox.switch_groups.lists import ListSwitches
from provisioner.sandbox.switch_groups.writes import WriteSwitches


# A dataclass has the fields of its last base first.
@dataclass(frozen=True)
class Switches(DeviceSwitches, WriteSwitches, AgentSwitches, ListSwitches, AccountSwitches):
    """The switches; each field has its meaning and its source."""


def switch_rows() -> Iterator[Setting]:
    """Yield every switch in the order of declaration, for help texts and documents."""
    return settings(Switches)


def parse_switches(words: Iterable[str]) -> Switches:
    """Return the switches of options of the command line.

    Args:
        words: each `NAME=VALUE`, such as `per_page_cap=7` or `list_deleted_agents=on`.

    Raises:
        SandboxError: a name or a value is unknown; the message lists the allowed ones.
    """
    return Switches(**read(Switches, words, "switch"))
