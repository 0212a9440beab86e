"""Generates docs/assumptions.md: what the client assumes about an account."""

from provisioner.model.assumptions import ASSUMPTIONS, Assumption

_INTRO = """\
<!-- Made from schemas/capabilities.schema.json by `make reference`. -->
# Assumptions about an account

LiveAgent's documents leave parts of API v3 open. This page lists everything that provisioner
assumes there, and what it does if an account behaves differently. No assumption is used in silence
where it could change access: the plan, the report or an error names it.

`provisioner probe` finds out how an account behaves and writes `capabilities.yaml`. provisioner
reads that file and stops assuming. A fact can also be written by hand:

```yaml
# capabilities.yaml
targets:
  production:
    facts: {plan_day_base: 1}
```

| Column | Meaning |
|---|---|
| Name | the key in `capabilities.yaml`; its values are in the [reference](reference.md) |
| Mark | I: inferred from other facts; U: unknown |
| Switch | the [switch of the sandbox](sandbox.md#switches) that makes the assumption wrong |

"""

_HEADS = ("Name", "Assumed", "Value", "Mark", "Source", "Switch", "If it is wrong")


def assumptions_page() -> str:
    """Return the page as Markdown."""
    lines = [_HEADS, ["---"] * len(_HEADS), *map(_cells, ASSUMPTIONS.values())]
    return _INTRO + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(one: Assumption) -> tuple[str, ...]:
    value = str(one.default).lower() if isinstance(one.default, bool) else str(one.default)
    name = f"`{one.name}`"
    return (name, one.text, f"`{value}`", one.mark, one.source, f"`{one.switch}`", one.when_wrong)
