"""The option `--allow` of a fleet: each allowance names its account."""

from collections.abc import Iterable, Mapping
from datetime import date

import click

from provisioner.cli.run.allowing import parsed_allowances
from provisioner.cli.run.freeze_check import Allowances
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.planning.consent.confirmations import ALLOWANCES
from provisioner.suggestions import did_you_mean

FREEZE = "freeze"

ByAccount = Mapping[str, Mapping[str, int | str]]
"""Mapping from an account to what its run may do."""


def _by_account(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> ByAccount:
    words: dict[str, list[str]] = {}
    for word in given:
        account, colon, allowance = word.partition(":")
        if not colon or "=" in account:
            raise click.BadParameter(f"{word!r} names no account: write ACCOUNT:{word}")
        words.setdefault(account, []).append(allowance)
    return {account: parsed_allowances(given).as_data() for account, given in words.items()}


allow_option = click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="ACCOUNT:KIND=N",
    callback=_by_account,
    help="Let one account go past a guard, a confirmation or a freeze: "
    + ", ".join((*(f"ACCOUNT:{allowance}=N" for allowance in ALLOWANCES), "ACCOUNT:freeze=REASON"))
    + ".",
)


def check_accounts(allowed: ByAccount, accounts: Iterable[FleetAccount]) -> None:
    """Check that each allowance is for an account that is applied.

    Raises:
        UsageError: it is not.
    """
    names = [account.name for account in accounts]
    for name in allowed:
        if name not in names:
            summary = f'--allow: "{name}" is no account of this run'
            raise UsageError(
                Diagnostic(code="usage", summary=summary, hint=did_you_mean(name, names))
            )


def allowances_of(allowed: Mapping[str, int | str], day: date | None) -> Allowances:
    """Return the allowances of a task, for the run of one account on a day."""
    numbers = {name: int(number) for name, number in allowed.items() if name != FREEZE}
    return Allowances(numbers, str(allowed.get(FREEZE, "")), day)
