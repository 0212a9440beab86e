"""The option `--allow` of the commands that a guard, a confirmation or a freeze can refuse.

It stands apart from the other options, since it imports what such a plan needs.
"""

from collections.abc import Iterable

import click

from provisioner.cli.run.freeze_check import Allowances
from provisioner.cli.shell import candidates
from provisioner.planning.consent.confirmations import ALLOWANCES, CONFIRMATIONS

_FREEZE = "freeze"
_SPELLINGS = {one.word: one.allowance for one in CONFIRMATIONS}
"""Effects as `confirm` names them, such as `owner`, are allowances, too."""

_ALLOWANCES = ", ".join((*(f"{allowance}=N" for allowance in ALLOWANCES), f"{_FREEZE}=REASON"))


def _allowances(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> Allowances:
    return parsed_allowances(given)


def parsed_allowances(given: Iterable[str]) -> Allowances:
    """Return what words such as `deletes=3` permit.

    Raises:
        BadParameter: a word is none, or is there twice.
    """
    allowed: dict[str, int] = {}
    reason = ""
    for word in given:
        name, _, value = word.partition("=")
        name, value = _SPELLINGS.get(name, name), value.strip()
        is_number = name in ALLOWANCES and value.isascii() and value.isdecimal()
        if not (is_number or (name == _FREEZE and value)):
            raise click.BadParameter(f"{word!r} is none of {_ALLOWANCES}")
        if name in allowed or (name == _FREEZE and reason):
            raise click.BadParameter(f"{name} can be given only once")
        if is_number:
            allowed[name] = int(value)
        else:
            reason = value
    return Allowances(allowed, reason)


allow_option = click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="KIND=N",
    callback=_allowances,
    shell_complete=candidates.allowances,
    help=f"Let this run go past a guard, a confirmation or a freeze: {_ALLOWANCES}.",
)
