"""What all commands have in common: an option that takes one value is given once."""

from collections import Counter

import click


class Command(click.Command):
    """A command that refuses an option with one value where it is given twice.

    click lets the last one win, so that `-t production -t sandbox` would silently leave one
    account out. A flag that is given twice says the same twice, and is accepted.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; see `click.Command`."""
        if args and not ctx.resilient_parsing:
            _, _, given = self.make_parser(ctx).parse_args(args=[*args])
            for parameter, times in Counter(given).items():
                if times > 1 and is_single(parameter):
                    name = max(parameter.opts, key=len)
                    raise click.UsageError(f"{name} can be given only once, not {times} times", ctx)
        return super().parse_args(ctx, args)


def is_single(parameter: click.Parameter) -> bool:
    """Tell whether a parameter is an option with one value."""
    return (
        isinstance(parameter, click.Option)
        and not parameter.multiple
        and not parameter.is_flag
        and not parameter.count
    )
