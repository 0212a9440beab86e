"""The documentation as a site: `make site` writes build/site."""

from pathlib import Path

FILES = Path(__file__).parent
ROOT = FILES.parents[1]

SHIM = "iframe-worker.js"
"""The script of the search in pages that are opened as files, without a server."""

STYLE = "site.css"
