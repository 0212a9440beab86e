"""`make pictures`: run real commands on the embedded sandbox, and draw what they show.

Pictures of terminals are SVG. Pictures of pages are taken in Chromium, so their fonts are those of
the machine.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import cmarkgfm
from playwright.sync_api import Browser, sync_playwright

from docs.pictures import PICTURES, stages, terminal
from docs.pictures.terminal import PROMPT, Frame

FOLDER = Path(__file__).parent
EXAMPLE = FOLDER.parents[1] / "examples" / "acme"

TOUR = (
    "provisioner init team",
    "provisioner plan team -t sandbox",
    "provisioner apply team -t sandbox --yes",
    "sed -i 's/role: agent/role: admin/; s/, chats: true/, chats: false/' team/agents.yaml",
    "provisioner plan team -t sandbox --summary",
)

EDITS = (
    "provisioner agent suspend lucas.martin@acme.example --no-plan",
    "provisioner set agent/jonas.weber@acme.example role=admin --no-plan",
    (
        "provisioner agent add zoe.lind@acme.example --name 'Zoe Lind'"
        " --like aiko.tanaka@acme.example --no-plan"
    ),
    "provisioner set agent/samuel.osei@acme.example departments.Returns.calls=false --no-plan",
    "provisioner set profile/tier1 chat.max_load=4 --no-plan",
)
"""Changes of the example team that a reviewer must see, and some that are routine."""

PLAN_LINES = 23
"""Lines of the plan in its picture: what a reviewer must see, and the first changes."""

COMMENT_STYLE = """
body{margin:0;padding:20px 28px;background:#fff;color:#1f2328;
  font:16px/1.5 -apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,"Liberation Sans",sans-serif}
h2,h3{margin:20px 0 12px;line-height:1.25} h2{margin-top:0} h3{font-size:20px}
h2{font-size:24px;padding-bottom:7px;border-bottom:1px solid #d1d9e0}
table{border-collapse:collapse;margin:0 0 14px;font-size:14px}
th,td{padding:6px 13px;border:1px solid #d1d9e0;text-align:left}
tr:nth-child(2n){background:#f6f8fa}
code{background:#818b981f;border-radius:6px;padding:.2em .4em;white-space:nowrap;
  font:85% ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace}
"""
"""How GitHub shows a comment; its parser makes the rest."""


def main() -> None:
    """Write all pictures next to this module."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as temporary:
        folder = Path(temporary)
        environment = {
            **{name: os.environ[name] for name in ("LANG", "HOME") if name in os.environ},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        _write("stages.svg", stages.drawing())
        _write("tour.svg", _tour(folder, environment))
        shutil.copytree(EXAMPLE, folder / "acme", ignore=shutil.ignore_patterns(".provisioner"))
        project = folder / "acme"
        for command in ("provisioner apply -t sandbox --yes", *EDITS):
            terminal.run(command, project, environment)
        command = "provisioner plan -t sandbox"
        shown = terminal.run(f"{command} --out {folder}/saved.plan", project, environment)
        lines = [f"{PROMPT}{command}", *shown.splitlines()[:PLAN_LINES], "…"]
        _write("plan.svg", terminal.still("\n".join(lines), "A plan in a terminal"))
        for ending in ("markdown", "html"):
            save = f"provisioner show saved.plan --format {ending} > plan.{ending}"
            terminal.run(save, folder, environment)
        _take_pages(folder)
    for name, most in PICTURES.items():
        sys.stdout.write(
            f"docs/pictures/{name}: {(FOLDER / name).stat().st_size} of {most} bytes\n"
        )


def _write(name: str, content: str) -> None:
    (FOLDER / name).write_text(content, encoding="utf-8")


def _tour(folder: Path, environment: dict[str, str]) -> str:
    """Return the recording of the tour: each command is typed, and then its output appears."""
    frames = []
    for command in TOUR:
        words = command.split(" ")
        frames += [
            Frame(PROMPT + " ".join(words[: count + 1]) + "█", 0.25) for count in range(len(words))
        ]
        output = terminal.run(command, folder, environment)
        seconds = 1.5 + 0.3 * len(output.splitlines())
        frames.append(Frame(f"{PROMPT}{command}\n{output}", seconds))
    return terminal.recording(frames, "A tour: init, plan, apply, and the plan of a change")


def _take_pages(folder: Path) -> None:
    """Take the pictures of pages: the comment, the report and its coverage."""
    comment = cmarkgfm.github_flavored_markdown_to_html(
        (folder / "plan.markdown").read_text(encoding="utf-8")
    )
    page = f'<!doctype html><meta charset="utf-8"><style>{COMMENT_STYLE}</style>{comment}'
    (folder / "comment.html").write_text(page, encoding="utf-8")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that containers don't give.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _take(browser, folder / "comment.html", "comment.png", 900)
        _take(browser, folder / "plan.html", "report.png", 810)
        _take(browser, folder / "plan.html", "coverage.png", 620, "#coverage")
        browser.close()


def _take(browser: Browser, page: Path, name: str, height: int, part: str = "") -> None:
    """Take the picture of a page from a part of it on, in light colours."""
    context = browser.new_context(
        viewport={"width": 1080, "height": height}, color_scheme="light", reduced_motion="reduce"
    )
    shown = context.new_page()
    shown.goto(page.as_uri())
    if part:
        shown.locator(part).evaluate("node => node.scrollIntoView()")
    shown.screenshot(path=FOLDER / name)
    context.close()


if __name__ == "__main__":
    main()
