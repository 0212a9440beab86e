"""The drawing of how files become requests."""

from html import escape

WIDTH, HEIGHT = 870, 290
BOX_WIDTH, BOX_HEIGHT = 150, 56

BOXES = (
    (10, 20, "YAML files", "in git"),
    (190, 20, "Declared", "profiles merged"),
    (10, 210, "Account", "LiveAgent"),
    (190, 210, "Live", "read in pages"),
    (370, 115, "Plan", "compared, checked"),
    (540, 115, "Steps", "in order"),
    (710, 115, "Requests", "look, then write"),
)
"""Left and top edge of each box, its name and a note."""

ARROWS = (
    "160,48 188,48",
    "160,238 188,238",
    "340,48 445,48 445,113",
    "340,238 445,238 445,173",
    "520,143 538,143",
    "690,143 708,143",
    "785,171 785,279 85,279 85,268",
)
"""The corners of each arrow."""

NOTES = ((600, 271, "write, and read back"),)
"""The place of each note outside of a box, and its text."""

HEADS = {(1, 0): "-8,-4 -8,4", (0, 1): "-4,-8 4,-8", (0, -1): "-4,8 4,8"}
"""The corners of an arrow's head, from its tip, by its direction."""

STYLE = """
  text { font: 15px system-ui, sans-serif; fill: #24292f; text-anchor: middle; }
  .note { font-size: 12px; fill: #57606a; }
  rect { fill: #f6f8fa; stroke: #8c959f; }
  polyline { fill: none; stroke: #0b62a8; stroke-width: 1.8; }
  polygon { fill: #0b62a8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    rect { fill: #161b22; stroke: #6e7681; }
    polyline { stroke: #6cb6ff; }
    polygon { fill: #6cb6ff; }
  }
"""


def drawing() -> str:
    """Return the drawing as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>How files become requests</title>",
        f"<style>{STYLE}</style>",
    ]
    notes = [f'<text class="note" x="{x}" y="{y}">{text}</text>' for x, y, text in NOTES]
    return "\n".join([*parts, *map(_box, BOXES), *map(_arrow, ARROWS), *notes, "</svg>", ""])


def _box(box: tuple[int, int, str, str]) -> str:
    left, top, name, note = box
    middle = left + BOX_WIDTH // 2
    return (
        f'<rect x="{left}" y="{top}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text x="{middle}" y="{top + 25}">{escape(name)}</text>'
        f'<text class="note" x="{middle}" y="{top + 44}">{escape(note)}</text>'
    )


def _arrow(corners: str) -> str:
    (left, top), (x, y) = (map(int, corner.split(",")) for corner in corners.split()[-2:])
    direction = ((x > left) - (x < left), (y > top) - (y < top))
    head = f'<polygon transform="translate({x} {y})" points="0,0 {HEADS[direction]}"/>'
    return f'<polyline points="{corners}"/>{head}'
