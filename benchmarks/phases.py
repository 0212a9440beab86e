"""Times the phases of one plan: `python -m benchmarks.phases PROJECT SNAPSHOT` prints JSON.

It calls the same functions as the command does, one layer after the other.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.accounts import TARGET
from provisioner.app.make_plan import PlanOptions, make_plan
from provisioner.app.open_project import Project
from provisioner.documents.document import Document
from provisioner.documents.files.project_files import discover
from provisioner.documents.loading import LoadedProject, collector_paused
from provisioner.documents.schema.json_schema import check
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.live.snapshot_file import load
from provisioner.liveagent.costs import apply_cost
from provisioner.model.build import build
from provisioner.model.settings import read_settings
from provisioner.planning.diff import diff
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text

PHASES = ("start", "parse", "validate", "build", "read", "diff", "plan", "render")


class Clock:
    """Measures the processor seconds of consecutive phases."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.process_time()

    def lap(self, phase: str) -> None:
        """End a phase."""
        now = time.process_time()
        self.seconds[phase] = now - self._last
        self._last = now


def main(folder: Path, snapshot: Path) -> dict[str, float]:
    """Plan a project against a snapshot and return the seconds of each phase."""
    import_module("deepdiff")  # belongs to the start
    clock = Clock()
    with collector_paused():
        documents = _parse(folder)
        clock.lap("parse")
        for document in documents:
            check(document, "provisioner" if document.file == "provisioner.yaml" else "file")
        clock.lap("validate")
        config = next(one for one in documents if one.file == "provisioner.yaml")
        others = tuple(one for one in documents if one is not config)
        desired, _ = build(
            LoadedProject(folder, config, None, None, others, (), incomplete=False), None
        )
        settings, _ = read_settings(config)
        project = Project(folder, settings, desired, {}, ())
        clock.lap("build")
        stored = load(snapshot.read_bytes())
        clock.lap("read")
        diff(desired, stored.live)
        clock.lap("diff")
        options = PlanOptions(
            TARGET,
            apply_cost,
            per_minute=180,
            url=stored.url,
            snapshot_time=stored.taken,
        )
        planned = make_plan(project, stored, options)
        clock.lap("plan")
        plan_text.draw(review_of(planned.plan))
        clock.lap("render")
    # A plan includes the comparison, so only the rest is reported for it.
    clock.seconds["plan"] -= clock.seconds["diff"]
    return clock.seconds


def _parse(folder: Path) -> list[Document]:
    files, _ = discover(folder)
    documents = []
    for file in files:
        content = file.read()
        if isinstance(content, bytes):
            documents += read_yaml(content, file.name)[0]
    return documents


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201  read by the caller
