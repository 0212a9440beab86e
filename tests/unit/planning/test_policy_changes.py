"""Every setting of provisioner.yaml counts as policy, and its order does not."""

from pathlib import Path

import pytest

from provisioner.app.open_project import open_project_root
from provisioner.documents.schema.json_schema import schemas
from provisioner.model.settings import Settings
from provisioner.planning.plans.policy_changes import policy_changes
from tests.support import write_project

TARGET = "{url: 'https://acme.example', api_key: {env: KEY}%s}"
PANEL_URL = ', panel_url: "https://acme.example/{id}"'
ONE = f"targets: {{one: {TARGET % ''}}}"

RULE = "rules: [{id: two, for: agent, assert: 'true'}]"

KEY = ("targets.one.api_key", "env KEY")
URL = ("targets.one.url", "https://acme.example")
LIMIT = ("targets.one.requests_per_minute", 180)


def settings(folder: Path, text: str) -> Settings:
    return open_project_root(write_project(folder, provisioner=text)).settings


def setting_changes(tmp_path: Path, before: str, after: str) -> list[tuple[str, object, object]]:
    old, new = settings(tmp_path / "old", before), settings(tmp_path / "new", after)
    return [(change.path, change.before, change.after) for change in policy_changes(old, new)]


CHANGES = {
    "targets": ("", ONE, [(KEY[0], None, KEY[1]), (LIMIT[0], None, 180), (URL[0], None, URL[1])]),
    "targets.url": (
        ONE,
        ONE.replace("acme.example", "evil.example"),
        [(*URL, "https://evil.example")],
    ),
    "targets.api_key": (
        ONE,
        ONE.replace("env: KEY", "command: send key"),
        [(*KEY, "command send key")],
    ),
    "targets.insecure": (
        ONE,
        f"targets: {{one: {TARGET % ', insecure: true'}}}",
        [("targets.one.insecure", None, True)],
    ),
    "targets.hours": (
        ONE,
        f"targets: {{one: {TARGET % ', hours: {first_day: mon, first_number: 1}'}}}",
        [("targets.one.hours.first_day", None, "mon"), ("targets.one.hours.first_number", None, 1)],
    ),
    "targets.account_name": (
        ONE,
        f"targets: {{one: {TARGET % ', account_name: Acme'}}}",
        [("targets.one.account_name", None, "Acme")],
    ),
    "targets.panel_url": (
        ONE,
        f"targets: {{one: {TARGET % PANEL_URL}}}",
        [("targets.one.panel_url", None, "https://acme.example/{id}")],
    ),
    "targets.requests_per_minute": (
        ONE,
        f"targets: {{one: {TARGET % ', requests_per_minute: 9'}}}",
        [(*LIMIT, 9)],
    ),
    "targets.new_agent_defaults": (
        ONE,
        f"targets: {{one: {TARGET % ', new_agent_defaults: {level: Senior}'}}}",
        [("targets.one.new_agent_defaults.level", None, "Senior")],
    ),
    "targets.role_ids": (
        ONE,
        f"targets: {{one: {TARGET % ', role_ids: {Lead: a}'}}}",
        [("targets.one.role_ids.lead", None, "a")],
    ),
    "waivers": (
        RULE,
        f"{RULE}\nwaivers: [{{rule: two, object: agents, reason: a, until: 2027-01-31, who: b}}]",
        [("waivers.two of agents", None, "until 2027-01-31 by b: a")],
    ),
    "min_cover": (
        "min_cover: {chats: 2, Support: {calls: [{min: 1, days: [tue, mon], from: '09:00'}]}}",
        "min_cover: {chats: 1}",
        [
            ("min_cover.Support.calls", ["1 on mon tue 09:00 to 24:00"], None),
            ("min_cover.chats", 2, 1),
        ],
    ),
    "required": (
        "required: {owner: [B@acme.example, a@acme.example], admin: {min: 2}}",
        "required: {admin: {min: 1}}",
        [
            ("required.admin.min", 2, 1),
            ("required.owner.agents", ["a@acme.example", "b@acme.example"], None),
        ],
    ),
    "default_target": ("", "default_target: sandbox", [("default_target", None, "sandbox")]),
    "guards": (
        "guards: {max_delete: 9, agents: {max_delete: 1}}",
        "guards: {by_department: {Support: {max_delete: 0}}}",
        [
            ("guards.agents.max_delete", 1, None),
            ("guards.by_department.Support.max_delete", None, 0),
            ("guards.max_delete", 9, 5),
        ],
    ),
    "targets.guards": (
        ONE,
        f"targets: {{one: {TARGET % ', guards: {agents: {max_delete: 1}}'}}}",
        [("targets.one.guards.agents.max_delete", None, 1)],
    ),
    "manage": (
        "",
        "manage: {agents: {undeclared: delete}}",
        [("manage.agents.undeclared", "report", "delete")],
    ),
    "protect": (
        "protect: {agents: [B@acme.example, a@acme.example]}",
        "protect: {agents: [a@acme.example]}",
        [("protect.agents", ["a@acme.example", "b@acme.example"], ["a@acme.example"])],
    ),
    "scope": (
        "",
        "scope: {agents: ['*@B.example', a@acme.example]}",
        [("scope.agents", None, ["*@b.example", "a@acme.example"])],
    ),
    "takeover": ("", "takeover: [A@acme.example]", [("takeover", None, ["a@acme.example"])]),
    "ignore": (
        "ignore: [{field: agents.level, reason: x, objects: [b@acme.example]}]",
        "ignore: [{field: agents.level, reason: y}]",
        [("ignore", ["agents.level of b@acme.example"], ["agents.level"])],
    ),
    "initial": ("", "initial: [agents.level]", [("initial", None, ["agents.level"])]),
    "lock": (
        "lock: {folder: /mnt/locks}",
        "lock: {git: 'https://git.acme.example/locks.git', expires_minutes: 9}",
        [
            ("lock.expires_minutes", 30, 9),
            ("lock.folder", "/mnt/locks", ""),
            ("lock.git", "", "https://git.acme.example/locks.git"),
        ],
    ),
    "moves": (
        "",
        "moves: [{from: '@old.example', to: '@acme.example'}]",
        [("moves", None, ["@old.example -> @acme.example"])],
    ),
    "role_ids": ("role_ids: {Lead: a}", "role_ids: {Lead: b}", [("role_ids.lead", "a", "b")]),
    "acknowledged": (
        "",
        "acknowledged: [{step: a, by: mia, on: '2026-01-02', target: sandbox}]",
        [("acknowledged.a on sandbox", None, "by mia on 2026-01-02")],
    ),
    "confirm": ("confirm: [owner]", "", [("confirm", ["owner"], None)]),
    "freeze": (
        "freeze: [{days: [fri], reason: a}]",
        "freeze: [{from: 2026-12-24, until: 2026-12-26, reason: b, except: [undo]}]",
        [
            (
                "freeze",
                ["deny fri 00:00 to 24:00: a"],
                ["deny 2026-12-24 to 2026-12-26, except undo: b"],
            )
        ],
    ),
    "approvals": (
        "approvals: {points: {owner: 5, raise: 0}}",
        (
            "approvals: {points: {owner: 1}, need: [{from: 9, approvals: 1}], owners: [{"
            "departments: [Support], roles: [owner], fields: [agents.hours], reviewers: ['@mia']}]}"
        ),
        [
            ("approvals.need.1", 1, None),
            ("approvals.need.9", None, 1),
            (
                "approvals.owners",
                [],
                ["departments Support; roles owner; fields agents.hours: @mia"],
            ),
            ("approvals.points.owner", 5, 1),
        ],
    ),
    "include": ("", "include: [b, 'a/**']", [("include", None, ["a/**", "b"])]),
    "exclude": ("exclude: [mkdocs.yml]", "", [("exclude", ["mkdocs.yml"], None)]),
    "rules": (
        "rules: [{id: two, for: plan, assert: 'true', only: [roles, agents]}]",
        "rules: [{id: two, for: plan, assert: 'false', level: warn, only: [agents, roles]}]",
        [("rules.two.assert", "true", "false"), ("rules.two.level", "error", "warn")],
    ),
    "data": (
        "data: {people: people.csv}",
        "data: {people: {file: people.csv, key: email}}",
        [("data.people", "people.csv", "people.csv by email")],
    ),
    "prove": (
        "prove: {must_stop: [role-owner, half-absent]}",
        "prove: {must_stop: []}",
        [("prove.must_stop", ["half-absent", "role-owner"], [])],
    ),
    "account": (
        "",
        "account: {features: {chats: false}}",
        [("account.features.chats", None, False)],
    ),
}


@pytest.mark.parametrize("section", CHANGES)
def test_a_changed_setting_is_listed(section: str, tmp_path: Path) -> None:
    before, after, expected = CHANGES[section]
    assert setting_changes(tmp_path, before, after) == expected
    assert setting_changes(tmp_path, after, after) == []


def test_every_section_and_every_key_of_a_target_is_compared() -> None:
    """A new one in the schema needs a row above."""
    schema = schemas()["provisioner"]
    sections = {*schema["properties"]} - {"version"}
    of_a_target = {f"targets.{name}" for name in schema["$defs"]["target"]["properties"]}
    assert CHANGES.keys() == sections | of_a_target


def test_neither_order_nor_spelt_out_defaults_change_anything(tmp_path: Path) -> None:
    before = "guards: {max_delete: 5}\nprotect: {agents: [a@acme.example, b@acme.example]}"
    after = "version: 1\nprotect: {agents: [B@acme.example, a@acme.example]}"
    assert setting_changes(tmp_path, before, after) == []


def test_a_change_names_its_line_or_that_of_the_key_above(tmp_path: Path) -> None:
    old = settings(tmp_path / "old", "guards:\n  max_delete: 9\n  min_owners: 2\n")
    new = settings(tmp_path / "new", "guards:\n\n  min_owners: 1\n")
    lines = {
        change.path: change.source and change.source.line for change in policy_changes(old, new)
    }
    assert lines == {"guards.max_delete": 3, "guards.min_owners": 3}
    assert [change.source for change in policy_changes(old, Settings())] == [None, None]


def test_an_entry_for_several_agents_is_one_change_at_its_place(tmp_path: Path) -> None:
    """Another agent in an entry that is reviewed is a change of it."""
    entry = "- {step: 'agent/*#chat@1', for: [%s], by: mia, on: 2026-01-02}\n"
    before, after = (
        open_project_root(write_project(tmp_path / people, acknowledged=entry % people)).settings
        for people in ("a@acme.example", "a@acme.example, b@acme.example")
    )
    (change,) = policy_changes(before, after)
    assert (change.path, change.before, change.after, str(change.source)) == (
        "acknowledged.agent/*#chat@1",
        "by mia on 2026-01-02 for a@acme.example",
        "by mia on 2026-01-02 for a@acme.example, b@acme.example",
        "acknowledged.yaml:1:34",
    )
