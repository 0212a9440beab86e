"""What a sandbox can't hold, and a real account might: exported all the same, with a remark."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner import address
from provisioner.app.exporting.account_export import Exported, export_account
from provisioner.app.exporting.file_names import Slugs
from provisioner.app.exporting.project_text import settings_file
from provisioner.app.open_project import validate
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.settings import Target

MIA = {"email": "mia@acme.example", "name": "Mia", "role": "agent", "departments": {}}


def agent(**attributes: Any) -> LiveObject:
    values = MIA | attributes
    return LiveObject(address.agent(values["email"]), "a", values)


def department(name: str, number: int = 1) -> LiveObject:
    return LiveObject(address.department(name), f"d{number}", {"name": name})


def exported(*objects: LiveObject) -> Exported:
    return export_account(LiveState.of(objects), lambda _agent: b"")


def text_of(found: Exported, file: str = "agents/no-department.yaml") -> str:
    return found.files[file].decode().partition("agents:\n")[2]


def test_what_shares_its_name_is_left_out_with_what_needs_it() -> None:
    found = exported(
        department("Support"), department("support", 2), agent(departments={"Support": {}})
    )
    assert b'  # more than one department is called "Support"\n' in found.files["departments.yaml"]
    assert text_of(found, "agents/support.yaml") == (
        '  # the membership can\'t be declared, because of ["Support"]\n'
        "  - email: mia@acme.example\n    name: Mia\n    role: agent\n"
    )
    assert found.remarks == 2


@pytest.mark.parametrize(
    ("attributes", "remark"),
    [
        ({"name": "\ud800"}, 'name can\'t be declared: "\\ud800"'),
        ({"sounds": {"a\u2028": "\udfff"}}, 'sounds / a\\u2028 can\'t be declared: "\\udfff"'),
        ({"chat": {"max_load": -1}}, "chat / max_load can't be declared: -1"),
        ({"signature": "x\r" * 10001}, "signature can't be declared: \"x\\rx\\rx"),
        ({"signature": "ü\n" * 30000}, "signature can't be declared: \"ü\\nü\\nü"),
        (
            {"hours": {"Gone": {"chats": {"mon": "09:00-10:00"}}}},
            'the hours can\'t be declared without the membership: [{"days": ["mon"],',
        ),
        ({"role": "Gone"}, 'has a role that can\'t be declared: "Gone"'),
        ({"role": "(role id x7)"}, 'a role that can\'t be declared: with the id "x7" and without'),
    ],
)
def test_what_can_not_be_declared_is_a_remark_on_one_line(
    attributes: dict[str, Any], remark: str, tmp_path: Path
) -> None:
    found = exported(agent(**attributes))
    assert found.remarks == 1
    line, _, declared = text_of(found).partition("\n")
    assert remark in line
    assert declared.startswith("  - email: mia@acme.example\n")
    for name, content in found.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert validate(tmp_path).findings == ()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Technical Support", "technical-support"),
        ("Türkçe", "turkce"),
        ("Großkunden & Øst", "grosskunden-ost"),
        ("日本", "unnamed"),
        ("CON", "con-2"),
        ("../../etc", "etc"),
        ("🙂", "unnamed"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_file_s_name_follows_the_name(name: str, slug: str) -> None:
    assert Slugs().of(name) == slug


def test_each_file_has_a_name_of_its_own() -> None:
    slugs = Slugs("a-b")
    assert [slugs.of(name) for name in ("A B", "a-b-2", "a/b", "a b")] == [
        "a-b-2",
        "a-b-2-2",
        "a-b-3",
        "a-b-4",
    ]


def test_a_target_keeps_its_consent_to_an_address_without_encryption() -> None:
    target = Target("old", "http://acme.example", ("env", "KEY"), insecure=True)
    assert b"insecure: true\n" in settings_file(target, {}, {})
    assert b"insecure" not in settings_file(replace(target, insecure=False), {}, {})
