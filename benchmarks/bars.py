"""Draws numbers as horizontal bars in groups, in the colours of the plots."""

from collections.abc import Mapping

from benchmarks.plot import WIDTH, style

BAR, GAP, HEAD, TOP = 16, 14, 22, 12
LEFT, ROOM = 12, 96
"""Left margin, and room at the right for the numbers."""

RECTANGLE = '  <rect class="dot{}" x="{}" y="{}" width="{:.1f}" height="{}"/>'

Groups = Mapping[str, Mapping[str, float]]


def bars(title: str, unit: str, groups: Groups) -> str:
    """Return the picture.

    Args:
        title: describes the picture; screen readers read it out.
        unit: of the numbers.
        groups: the heading of a group to the legend's words to the numbers.
    """
    most = max(number for group in groups.values() for number in group.values()) or 1
    legend = list(next(iter(groups.values())))
    drawn, y = [], TOP
    for heading, group in groups.items():
        drawn.append(f'  <text x="{LEFT}" y="{y + 14}">{heading}</text>')
        y += HEAD
        for number, value in enumerate(group.values()):
            width = max(1.0, value / most * (WIDTH - LEFT - ROOM))
            drawn += [
                RECTANGLE.format(number, LEFT, y, width, BAR - 3),
                f'  <text x="{LEFT + width + 6:.1f}" y="{y + 11}">{value:,.0f} {unit}</text>',
            ]
            y += BAR
        y += GAP
    for number, words in enumerate(legend):
        x = LEFT + number * (WIDTH - LEFT) // len(legend)
        drawn += [
            RECTANGLE.format(number, x, y, 10, 10),
            f'  <text x="{x + 16}" y="{y + 10}">{words}</text>',
        ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 24}" role="img">'
    title_line = f"  <title>{title}</title>"
    return "\n".join([head, title_line, style(len(legend)).rstrip(), *drawn, "</svg>", ""])
