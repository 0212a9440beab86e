"""Draws cost against size, with logarithmic axes, so that linear growth is a straight line.

It is SVG that takes its colours from the reader's light or dark scheme.
"""

import math
from collections.abc import Mapping

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 24, 56
COLORS = (("#0b62a8", "#6cb6ff"), ("#a83e0b", "#ffa657"), ("#1a7f37", "#56d364"))
STYLE = """\
  <style>
    text {{ font: 13px system-ui, sans-serif; fill: #24292f; }}
    .grid {{ stroke: #d0d7de; }}
{light}
    @media (prefers-color-scheme: dark) {{
      text {{ fill: #e6edf3; }}
      .grid {{ stroke: #30363d; }}
{dark}
    }}
  </style>
"""

Series = Mapping[str, Mapping[int, float]]


def plot(title: str, series: Series) -> str:
    """Return a plot.

    Args:
        title: describes the picture; screen readers read it out.
        series: the legend's words to agents to value.
    """
    sizes = sorted({size for values in series.values() for size in values})
    values = [value for line in series.values() for value in line.values()]
    low, high = _decade(min(values), math.floor), _decade(max(values), math.ceil)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"  <title>{title}</title>",
        style(len(series)).rstrip(),
    ]
    for power in range(low, high + 1):
        y = _y(10.0**power, low, high)
        parts.append(
            f'  <line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        label = f"{10.0**power:,.{max(0, -power)}f}"
        parts.append(f'  <text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for size in sizes:
        x = _x(size, sizes)
        parts.append(
            f'  <text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
        )
    for number, (name, line) in enumerate(series.items()):
        points = [(_x(size, sizes), _y(value, low, high)) for size, value in sorted(line.items())]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'  <polyline class="line{number}" points="{way}"/>')
        parts += [
            f'  <circle class="dot{number}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points
        ]
        x = LEFT + number * (WIDTH - LEFT) // len(series)
        parts.append(f'  <circle class="dot{number}" cx="{x}" cy="{HEIGHT - 14}" r="4"/>')
        parts.append(f'  <text x="{x + 10}" y="{HEIGHT - 10}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def style(lines: int) -> str:
    """Return the colours of a number of lines or bars, and of the text."""

    def rules(scheme: int) -> str:
        return "\n".join(
            f"      .line{number} {{ fill: none; stroke-width: 2; stroke: {color[scheme]}; }}"
            f" .dot{number} {{ fill: {color[scheme]}; }}"
            for number, color in enumerate(COLORS[:lines])
        )

    return STYLE.format(light=rules(0), dark=rules(1))


def _decade(value: float, to: object) -> int:
    return int(to(math.log10(value)))  # type: ignore[operator]


def _x(size: int, sizes: list[int]) -> float:
    share = math.log10(size / sizes[0]) / math.log10(sizes[-1] / sizes[0]) if sizes[1:] else 0.5
    return LEFT + 24 + share * (WIDTH - LEFT - RIGHT - 48)


def _y(value: float, low: int, high: int) -> float:
    share = (math.log10(value) - low) / (high - low or 1)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
