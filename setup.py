"""Finds the packages, and adds where a release comes from; the rest is in setup.cfg.

A release has the addresses of the repository that builds it: `PROJECT_URL`, which the release
workflow sets. Without it, there are none, because a copy of the source does not know its home.
"""

import os
import re
from pathlib import Path

from setuptools import find_packages, setup

DATA = ["provisioner.schemas", "provisioner.pipelines"]
ROOT = Path(__file__).parent


def release(home: str) -> dict[str, object]:
    """Return the addresses, and the README with links that also work on the package index."""
    version = re.search(r'__version__ = "(.+)"', (ROOT / "provisioner/__init__.py").read_text())[1]
    files = f"{home}/blob/v{version}"
    urls = {
        "Source": home,
        "Documentation": f"{files}/README.md",
        "Changelog": f"{files}/CHANGELOG.md",
        "Issues": f"{home}/issues",
    }
    readme = (ROOT / "README.md").read_text("utf-8")
    readme = re.sub(r"(!\[[^]]*\]\()(?!\w+:)", rf"\1{home}/raw/v{version}/", readme)
    readme = re.sub(r"(\]\()(?!\w+:|#)", rf"\1{files}/", readme)
    return {"project_urls": urls, "long_description": readme}


home = os.environ.get("PROJECT_URL", "")
setup(
    packages=[*find_packages(include=["provisioner", "provisioner.*"]), *DATA],
    **(release(home) if home else {}),
)
