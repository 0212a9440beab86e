"""`acknowledged.yaml`: its two forms, entries for several agents, and what is wrong with it."""

from pathlib import Path

import pytest

from provisioner.app.open_project import open_project_root, validate
from tests.support import write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"
ENTRIES = """\
    - step: agent/*#chat@eab20fee
      for: [Mia@acme.example, ben@acme.example]
      by: Priya
      on: 2026-11-22
      target: production
    - {step: "role/Lead#permissions@3f2a9c01", by: Priya, on: 2026-11-22}
"""
CONFIG = "targets: {production: {url: 'https://acme.example', api_key: {env: KEY}}}"


def findings(folder: Path, acknowledged: str, config: str = CONFIG) -> list[str]:
    root = write_project(folder, team=TEAM, provisioner=config, acknowledged=acknowledged)
    return [
        f"{one.severity} {one.span}: {one.code}: {one.summary}" for one in validate(root).findings
    ]


@pytest.mark.parametrize("head", ["", "version: 1\nacknowledged:\n"])
def test_an_entry_for_several_agents_is_one_for_each_with_its_position(
    tmp_path: Path, head: str
) -> None:
    text = head + "".join(line[4:] for line in ENTRIES.splitlines(keepends=True))
    assert findings(tmp_path, text) == []
    lines = head.count("\n")
    for settings in (validate(tmp_path).settings, open_project_root(tmp_path).settings):
        assert [(one.step, one.target, str(one.span)) for one in settings.acknowledged] == [
            (
                "agent/mia@acme.example#chat@eab20fee",
                "production",
                f"acknowledged.yaml:{lines + 2}:9",
            ),
            (
                "agent/ben@acme.example#chat@eab20fee",
                "production",
                f"acknowledged.yaml:{lines + 2}:27",
            ),
            ("role/Lead#permissions@3f2a9c01", "", f"acknowledged.yaml:{lines + 6}:3"),
        ]
        assert [one.email for one in settings.acknowledged] == [
            "mia@acme.example",
            "ben@acme.example",
            "",
        ]


def test_provisioner_yaml_may_have_the_same_entries(tmp_path: Path) -> None:
    config = "acknowledged: [{step: 'agent/*#a@1', for: [x@acme.example], by: me, on: 2026-01-02}]"
    assert findings(tmp_path, "- {step: b, by: me, on: 2026-01-02}", config) == []
    steps = [one.step for one in validate(tmp_path).settings.acknowledged]
    assert steps == ["b", "agent/x@acme.example#a@1"]


@pytest.mark.parametrize("text", ["", "[]", "# nothing yet\n", "acknowledged: []"])
def test_it_may_be_empty(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, text) == []
    assert validate(tmp_path).settings.acknowledged == ()


@pytest.mark.parametrize(
    ("text", "place", "code", "summary"),
    [
        (
            '- {step: "agent/*#chat@1", by: me, on: 2026-01-02}',
            *("error 1:10", "acknowledgement-agents"),
            '"agent/*#chat@1" does not list its agents',
        ),
        (
            "- {step: role/Lead#permissions@1, for: [mia@acme.example], by: me, on: 2026-01-02}",
            *("error 1:35", "acknowledgement-agents"),
            '"role/Lead#permissions@1" is the step of one object, and has a list of agents',
        ),
        (
            "- {step: a, by: me, on: 2026-01-02, target: producton}",
            *("warning 1:45", "stale-acknowledgement"),
            '"a" is acknowledged for the target "producton", which does not exist',
        ),
        (
            "- {step: a, by: me, on: 22.11.2026}",
            *("error 1:25", "invalid-value", '[0].on is not valid: "22.11.2026"'),
        ),
        (
            "- {step: a, by: me}",
            *("error 1:3", "missing-key", 'the key "on" is missing in [0]'),
        ),
        (
            "- {step: 'agent/*#a@1', for: [], by: me, on: 2026-01-02}",
            *("error 1:30", "invalid-value", "[0].for is empty"),
        ),
        (
            "done",
            *("error 1:1", "wrong-type", "the file must be a list or a mapping, not text"),
        ),
        ("steps: []", "error 1:1", "unknown-key", 'unknown key "steps"'),
        (
            "[]\n---\n[]",
            *("error 3:1", "misplaced-config", "acknowledged.yaml has more than one document"),
        ),
    ],
)
def test_a_mistake_has_its_line(
    tmp_path: Path, text: str, place: str, code: str, summary: str
) -> None:
    severity, _, position = place.partition(" ")
    expected = f"{severity} acknowledged.yaml:{position}: {code}: {summary}"
    assert findings(tmp_path, text) == [expected]
