"""`provisioner fleet`: commands for all accounts of a fleet."""

import click

from provisioner.cli.commands.fleet.apply_fleet import apply
from provisioner.cli.commands.fleet.plan_fleet import plan
from provisioner.cli.parsing import Group


@click.group(
    cls=Group,
    examples=["provisioner fleet plan", "provisioner fleet apply fleet.yaml --only tag/emea"],
)
def fleet() -> None:
    """Plan and apply the accounts of a fleet together (fleet plan FILE)."""


fleet.add_command(plan)
fleet.add_command(apply)
