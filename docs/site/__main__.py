"""`make site`: build the documentation as a site, and check it."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from docs.site import FILES, ROOT, SHIM
from docs.site.checks import problems
from docs.site.staging import DeadLinkError, Staging, settings

OUTSIDE_SHIM = "https://unpkg.com/iframe-worker/shim"
"""Where the generator's offline search gets its script, if nothing replaces the address."""


def main() -> None:
    """Write build/site, and end with 1 if it has a problem."""
    found = build(ROOT / "build")
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    sys.exit(1 if found else 0)


def build(folder: Path) -> list[str]:
    """Build the site in the folder `site` of a folder, and return its problems."""
    work = folder / "docs"
    for old in (work, folder / "site"):
        shutil.rmtree(old, ignore_errors=True)
    try:
        others = Staging(ROOT, work / "pages").stage()
    except DeadLinkError as error:
        return [f"dead link: {error}"]
    configuration = settings(others)
    file = work / "mkdocs.yml"
    file.write_text(yaml.safe_dump(configuration, sort_keys=False), encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict", "--config-file", file],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        return [done.stdout]
    site = (work / "site").rename(folder / "site")
    (site / "404.html").unlink()  # It only works at the top of a host.
    shutil.copy(FILES / SHIM, site / SHIM)
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(page.relative_to(site).parts) - 1)
        page.write_text(text.replace(OUTSIDE_SHIM, up + SHIM), encoding="utf-8")
    return problems(site, configuration["nav"])


if __name__ == "__main__":
    main()
