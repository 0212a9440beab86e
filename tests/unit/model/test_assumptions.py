"""`capabilities.yaml`: how it is read, refused, and looked up by the client."""

from pathlib import Path

import pytest

from provisioner.app.open_project import open_project_root, validate
from provisioner.model.assumptions import ASSUMPTIONS, AccountCapabilities

AGENTS = "agents: [{email: mia@acme.example}]\n"
CONFIG = """\
targets:
  production: {url: https://acme.example, api_key: {env: KEY}}
  other: {url: https://other.example, api_key: {env: KEY}}
"""


def write(root: Path, capabilities: str, **more: str) -> Path:
    files = {"agents": AGENTS, "provisioner": CONFIG, "capabilities": capabilities, **more}
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text, "utf-8")
    return root


def problems(root: Path) -> list[str]:
    return [f"{one.span}: {one.code}: {one.hint}" for one in validate(root).findings]


def test_facts_are_those_of_their_target(tmp_path: Path) -> None:
    root = write(tmp_path, "targets: {production: {facts: {plan_day_base: 1}}}\n")
    for settings in (validate(root).settings, open_project_root(root).settings):
        known = settings.capabilities_of("production")
        assert (known["plan_day_base"], known.confirms("plan_day_base")) == (1, True)
        assert (known["plan_first_day"], known.confirms("plan_first_day")) == ("mon", False)
        assert settings.capabilities_of("other") == AccountCapabilities()


@pytest.mark.parametrize(
    ("url", "day"),
    [("https://acme.example", 1), ("https://acme.example/api/v3", 1), ("https://b.example", 0)],
)
def test_facts_of_another_account_are_not_used(tmp_path: Path, url: str, day: int) -> None:
    text = f"targets: {{production: {{url: {url}, facts: {{plan_day_base: 1}}}}}}\n"
    known = validate(write(tmp_path, text)).settings.capabilities_of("production")
    assert known["plan_day_base"] == day


def test_wrong_keys_and_values_are_errors_with_their_position(tmp_path: Path) -> None:
    text = "targets:\n  production:\n    facts:\n      page_sise: 1\n      end_of_pages: 404\n"
    assert problems(write(tmp_path, text)) == [
        'capabilities.yaml:4:7: unknown-key: did you mean "page_size"?',
        'capabilities.yaml:5:21: invalid-value: known: "empty", "not_found"',
    ]


def test_facts_that_violate_the_schema_are_not_used(tmp_path: Path) -> None:
    root = write(tmp_path, "targets: {production: {facts: {plan_day_base: 1, x: 1}}}\n")
    assert not validate(root).settings.capabilities_of("production").confirms("plan_day_base")


def test_a_reserved_name_holds_no_objects(tmp_path: Path) -> None:
    root = write(tmp_path, "", fleet="accounts: []\n")
    assert problems(root) == []


def test_a_folder_may_have_a_file_with_a_reserved_name(tmp_path: Path) -> None:
    write(tmp_path, "").joinpath("a").mkdir()
    (tmp_path / "a/capabilities.yaml").write_text("roles: [{name: Lead}]\n", "utf-8")
    assert problems(tmp_path) == []


def test_another_spelling_is_not_ignored_silently(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "Capabilities.yml").write_text("targets: {}\n", "utf-8")
    hint = "rename it to capabilities.yaml, or merge it into that file"
    assert problems(tmp_path) == [f"Capabilities.yml:1:1: misplaced-config: {hint}"]


def test_an_unknown_name_is_a_fault_of_the_code() -> None:
    for look_up in (AccountCapabilities().__getitem__, AccountCapabilities().confirms):
        with pytest.raises(KeyError):
            look_up("plan_day")


@pytest.mark.parametrize("name", ASSUMPTIONS)
def test_a_row_is_complete(name: str) -> None:
    one = ASSUMPTIONS[name]
    assert one.mark in {"I", "U"}
    assert one.text.endswith(".")
    assert one.when_wrong.endswith(".")
    assert one.source
