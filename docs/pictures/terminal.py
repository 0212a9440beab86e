"""Commands in a real terminal, and drawings of what they print."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

COLUMNS = 92
PROMPT = "\x1b[32m$\x1b[0m "
CHAR, LINE, SIZE, EDGE = 8.4, 19, 14, 20
"""Width of a character, height of a line, size of the font and the edge, in pixels."""

PALETTE = ("#6e7681", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#e6edf3")
"""The eight colours of a terminal, all readable on the dark ground."""

ERASED = re.compile(r"[^\n]*\n(?:\x1b\[\?\d+[hl])*\r?\x1b\[1A\x1b\[2K")
"""A line of progress that is erased at the end: back up by one line, and delete it."""

CONTROL = re.compile(r"\x1b\[\?\d+[hl]|\x1b\[\d*[A-K]")
"""Movements of the cursor, and whether it is visible."""

HASH = re.compile(r"\b[0-9a-f]{64}\b")
"""The hash of a record, which depends on the time of the run."""

STYLE = (
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "white-space:pre;fill:#e6edf3}.b{font-weight:bold}.d{fill:#9198a1}"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One state of the terminal, and how many seconds a recording shows it."""

    text: str
    seconds: float


def run(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return what a shell command shows in a terminal, with its colours.

    Progress that was erased is not in it, and hashes are cut, so that each run shows the same.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    with subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**environment, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    text = printed.decode().replace("\r\n", "\n")
    if process.returncode not in {0, 2}:
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{text}")
    text = CONTROL.sub("", ERASED.sub("", text))
    return HASH.sub("…", "\n".join(line.split("\r")[-1] for line in text.split("\n"))).strip("\n")


def _read(terminal: int) -> bytes:
    """Return the next output; Linux reports the end of a terminal as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def still(text: str, title: str) -> str:
    """Draw a terminal as SVG."""
    lines = _lines(text)
    return _window(_drawn(lines), len(lines), title, "")


def recording(frames: Sequence[Frame], title: str) -> str:
    """Draw an animated SVG that shows the frames in turn, again and again.

    Readers who want no motion see the last frame.
    """
    total = sum(frame.seconds for frame in frames)
    rules, groups, start, height = [], [], 0.0, 0
    for number, frame in enumerate(frames):
        lines = _lines(frame.text)
        height = max(height, len(lines))
        begin, end = 100 * start / total, 100 * (start + frame.seconds) / total
        start += frame.seconds
        rules.append(
            f"@keyframes k{number}{{0%{{opacity:{int(number == 0)}}}{begin:.2f}%{{opacity:1}}"
            f"{end:.2f}%,100%{{opacity:0}}}}#f{number}{{animation-name:k{number}}}"
        )
        groups.append(f'<g class="f" id="f{number}">{_drawn(lines)}</g>')
    motion = (
        f".f{{opacity:0;animation:{total:.1f}s step-end infinite}}{''.join(rules)}"
        "@media(prefers-reduced-motion:reduce){.f{animation:none!important}"
        f"#f{len(frames) - 1}{{opacity:1}}}}"
    )
    return _window("".join(groups), height, title, motion)


def _lines(text: str) -> list[list[Segment]]:
    """Return the lines of a terminal, wrapped at its width."""
    console = Console(width=COLUMNS, color_system="truecolor", force_terminal=True)
    return console.render_lines(Text.from_ansi(text), pad=False)


def _drawn(lines: Sequence[Sequence[Segment]]) -> str:
    """Return a text element for each line that is not empty."""
    drawn = []
    for number, line in enumerate(lines):
        parts, column = [], 0
        for segment in line:
            if segment.text.strip():
                x = EDGE + column * CHAR
                parts.append(f'<tspan x="{x:.1f}"{_look(segment)}>{escape(segment.text)}</tspan>')
            column += segment.cell_length
        if parts:
            drawn.append(f'<text y="{EDGE * 2 + LINE * (number + 1)}">{"".join(parts)}</text>')
    return "".join(drawn)


def _look(segment: Segment) -> str:
    """Return the attributes of a piece of text: bold, dimmed, coloured."""
    style = segment.style or Style.null()
    names = " ".join(name for name, on in (("b", style.bold), ("d", style.dim)) if on)
    look = f' class="{names}"' if names else ""
    return look + (f' style="fill:{_fill(style.color)}"' if style.color else "")


def _fill(color: Color) -> str:
    """Return the colour in the palette of the pictures."""
    number = color.number
    return PALETTE[number % 8] if number is not None and number < 16 else "#e6edf3"


def _window(content: str, lines: int, title: str, motion: str) -> str:
    """Return the SVG of a window with its title and three buttons."""
    width, height = round(COLUMNS * CHAR + 2 * EDGE), LINE * lines + 3 * EDGE
    buttons = "".join(
        f'<circle cx="{EDGE + 18 * number}" cy="18" r="6" fill="{fill}"/>'
        for number, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img"><title>{escape(title)}</title>'
        f"<style>{STYLE}{motion}</style>"
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>{buttons}{content}</svg>\n'
    )
