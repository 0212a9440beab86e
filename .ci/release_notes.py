"""Prints the notes of a release from the changelog, if its tag, version and section agree.

Usage: release_notes.py TAG [URL]. With the URL of the repository, links to files lead to the tag.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def release_notes(tag: str, version: str, changelog: str, url: str = "") -> str:
    """Return the section of the changelog for a tag.

    Raises:
        ValueError: the tag is not that of the version, the section is missing, not the newest or
            empty, or lines are still unreleased.
    """
    if tag != f"v{version}":
        raise ValueError(f"the tag {tag} is not that of version {version}")
    _, *parts = re.split(r"^## (.+)\n", changelog, flags=re.MULTILINE)
    sections = [(title, text.strip()) for title, text in zip(parts[::2], parts[1::2], strict=True)]
    if sections[0] != ("Unreleased", ""):
        raise ValueError("CHANGELOG.md does not begin with an empty section Unreleased")
    title, text = sections[1] if len(sections) > 1 else ("", "")
    if not re.fullmatch(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d", title) or not text:
        raise ValueError(f"CHANGELOG.md has no newest section with lines: ## {version} - DATE")
    return re.sub(r"\]\((?!\w+:)", f"]({url}/blob/{tag}/", text) if url else text


def main(tag: str, url: str = "") -> None:
    """Print the notes, or end with the reason why this is no release."""
    code = (ROOT / "provisioner/__init__.py").read_text("utf-8")
    [version] = re.findall(r'^__version__ = "(.+)"$', code, re.MULTILINE)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    try:
        sys.stdout.write(release_notes(tag, version, changelog, url) + "\n")
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
