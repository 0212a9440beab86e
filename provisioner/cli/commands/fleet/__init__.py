"""`provisioner fleet`: commands for all accounts of a fleet."""

import click

from provisioner.cli.commands.fleet.access_fleet import access
from provisioner.cli.commands.fleet.apply_fleet import apply
from provisioner.cli.commands.fleet.drift_fleet import drift
from provisioner.cli.commands.fleet.plan_fleet import plan
from provisioner.cli.commands.fleet.runs_fleet import runs
from provisioner.cli.parsing import Group


@click.group(
    cls=Group,
    examples=["provisioner fleet plan", "provisioner fleet apply fleet.yaml --only tag/emea"],
)
def fleet() -> None:
    """Plan, apply and compare the accounts of a fleet together (fleet plan FILE)."""


fleet.add_command(plan)
fleet.add_command(apply)
fleet.add_command(drift)
fleet.add_command(access)
fleet.add_command(runs)
