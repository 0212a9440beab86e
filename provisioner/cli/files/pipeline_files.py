"""The ready-made pipelines as files of a new project."""

import json
import re
from importlib.resources import files

_PACKAGE = "provisioner.pipelines"

_TARGET = re.compile(r"^( +(?:PROVISIONER_)?TARGET:) production$", re.MULTILINE)
"""The line of a pipeline that names the target."""

_KEY_VARIABLE = "LIVEAGENT_V3_API_KEY"
"""The variable and secret with the API key in the pipelines."""

PLATFORMS = {"github": ".github/workflows/", "gitlab": ""}
"""Mapping from platform to the folder of its pipelines in a repository."""


def pipeline_files(platform: str, target: str, key_variable: str) -> dict[str, bytes]:
    """Return the pipelines of a platform: path from the top of the repository to content.

    Args:
        platform: a key of `PLATFORMS`.
        target: the target that they plan and apply.
        key_variable: the environment variable, and secret, with its API key.
    """
    contents = {}
    named = json.dumps(target)
    for file in sorted((files(_PACKAGE) / platform).iterdir(), key=lambda file: file.name):
        text = file.read_text("utf-8").replace(_KEY_VARIABLE, key_variable)
        if target != "production":
            text = _TARGET.sub(lambda line: f"{line[1]} {named}", text)
        contents[PLATFORMS[platform] + file.name] = text.encode()
    return contents
