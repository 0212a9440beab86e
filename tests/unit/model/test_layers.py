"""Profiles, overlays and what wins, from real files."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.address import Kind
from provisioner.app.open_project import validate
from tests.support import write_project

AGENT = "agents: [{email: mia@acme.example, name: Mia, extends: [%s]%s}]"


def fields(folder: Path, target: str = "sandbox") -> dict[str, Any]:
    project = validate(folder)
    assert not project.findings, project.findings
    resource = project.desired_for(target).find(Kind.AGENT, "mia@acme.example")
    assert resource is not None
    return {**resource.attributes}


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in validate(folder).findings]


@pytest.mark.parametrize(
    ("profiles", "extends", "own", "expected"),
    [
        # maps merge, scalars replace, from left to right, the own value last
        (
            "[{name: a, chat: {max_load: 1, priority: 9}}, {name: b, chat: {max_load: 2}}]",
            "a, b",
            "",
            {"chat": {"max_load": 2, "priority": 9}},
        ),
        ("[{name: a, role: admin}]", "a", ", role: agent", {"role": "agent"}),
        # null replaces what was inherited, and a map on top of it starts afresh
        ("[{name: a, chat: {max_load: 1}}]", "a", ", chat: null", {"chat": None}),
        (
            "[{name: a, chat: {max_load: 1}}, {name: b, chat: null}]",
            "a, b",
            ", chat: {priority: 3}",
            {"chat": {"priority": 3}},
        ),
        # the values of a nested profile are weaker than those of the outer one
        (
            "[{name: a, extends: [c], level: A}, {name: c, level: C, signature: C}]",
            "a",
            "",
            {"level": "A", "signature": "C"},
        ),
        # a profile that is reached twice keeps its first, weakest place
        (
            "[{name: a, extends: [c], level: A}, {name: b, extends: [c]}, {name: c, level: C}]",
            "a, b",
            "",
            {"level": "A"},
        ),
        (
            "[{name: a, each_service: offline}]",
            "a",
            ", availability: {chats: online}",
            {"availability": {"tickets": "offline", "chats": "online", "calls": "offline"}},
        ),
        (
            "[{name: a, each_department: {role: reader, chats: true}}]",
            "a",
            ", departments: {General: {chats: false}}",
            {"departments": {"General": {"role": "reader", "chats": False}}},
        ),
    ],
)
def test_what_layers_make_together(
    tmp_path: Path, profiles: str, extends: str, own: str, expected: dict[str, Any]
) -> None:
    folder = write_project(
        tmp_path,
        a=f"profiles: {profiles}\ndepartments: [{{name: General}}]",
        b=AGENT % (extends, own),
    )
    declared = fields(folder)
    assert {name: declared[name] for name in declared if name not in {"email", "name"}} == expected


def test_lists_replace_each_other(tmp_path: Path) -> None:
    block = "{days: [%s], from: '08:00', to: '09:00', departments: [General]}"
    folder = write_project(
        tmp_path,
        a=f"profiles: [{{name: a, hours: [{block % 'mon'}]}}]\ndepartments: [{{name: General}}]",
        b=AGENT % ("a", f", departments: {{General: {{}}}}, hours: [{block % 'tue'}]"),
    )
    resource = validate(folder).desired.find(Kind.AGENT, "mia@acme.example")
    assert resource is not None
    assert resource.hours is not None
    assert len(resource.hours) == 1


class TestOverlays:
    def test_are_laid_over_the_files_of_all_targets(self, tmp_path: Path) -> None:
        folder = write_project(
            tmp_path,
            a="profiles: [{name: a, chat: {max_load: 1, priority: 9}}]",
            b=AGENT % ("a", ", level: A"),
        )
        write_project(
            folder / "targets/sandbox",
            a="profiles: [{name: a, chat: {max_load: 7}}]",
            b="agents: [{email: MIA@acme.example, level: B}, {email: new@acme.example, name: N}]",
        )
        assert fields(folder)["chat"] == {"max_load": 7, "priority": 9}
        assert fields(folder)["level"] == "B"
        project = validate(folder)
        assert project.desired_for("sandbox").find(Kind.AGENT, "new@acme.example")
        assert project.desired.find(Kind.AGENT, "new@acme.example") is None

    def test_can_make_an_object_absent_on_a_target(self, tmp_path: Path) -> None:
        folder = write_project(tmp_path, b="agents: [{email: mia@acme.example, name: Mia}]")
        write_project(
            folder / "targets/sandbox", b="agents: [{email: mia@acme.example, state: absent}]"
        )
        resource = validate(folder).desired_for("sandbox").find(Kind.AGENT, "mia@acme.example")
        assert resource is not None
        assert resource.absent

    def test_of_unknown_targets_are_found(self, tmp_path: Path) -> None:
        folder = write_project(tmp_path, b="agents: [{email: mia@acme.example, name: Mia}]")
        write_project(folder / "targets/sandbx", b="departments: [{name: X}]")
        assert codes(folder) == ["unknown-target"]

    def test_are_validated_too(self, tmp_path: Path) -> None:
        folder = write_project(tmp_path, b="agents: [{email: mia@acme.example, name: Mia}]")
        write_project(
            folder / "targets/sandbox", b="agents: [{email: mia@acme.example, role: nobody}]"
        )
        assert codes(folder) == ["unknown-role"]


class TestFindings:
    def test_an_unknown_profile(self, tmp_path: Path) -> None:
        folder = write_project(tmp_path, a="profiles: [{name: tier1}]", b=AGENT % ("tier2", ""))
        (finding,) = validate(folder).findings
        assert (finding.code, finding.hint) == ("unknown-profile", 'did you mean "tier1"?')

    def test_a_circle_is_reported_once(self, tmp_path: Path) -> None:
        profiles = (
            "profiles: [{name: a, extends: [b]}, {name: b, extends: [c]}, {name: c, extends: [a]}]"
        )
        folder = write_project(tmp_path, a=profiles, b=AGENT % ("a", ""))
        (finding,) = validate(folder).findings
        assert finding.summary == "profiles extend each other in a circle: a -> b -> c -> a"

    def test_a_profile_twice(self, tmp_path: Path) -> None:
        folder = write_project(tmp_path, a="profiles: [{name: a}, {name: a}]", b=AGENT % ("a", ""))
        assert codes(folder) == ["duplicate-profile"]

    def test_what_a_profile_says_wrong_is_said_once(self, tmp_path: Path) -> None:
        agents = ", ".join(f"{{email: a{n}@acme.example, name: A, extends: [a]}}" for n in range(5))
        folder = write_project(
            tmp_path, a="profiles: [{name: a, role: nobody}]", b=f"agents: [{agents}]"
        )
        (finding,) = validate(folder).findings
        assert finding.summary == 'profile "a": role "nobody" is not declared'

    @pytest.mark.parametrize(
        ("hours", "code"),
        [
            ("timezone: Europe/Prag, departments: [General]", "unknown-timezone"),
            ("departments: [Genral]", "hours-without-membership"),
        ],
    )
    def test_hours_that_can_not_be(self, tmp_path: Path, hours: str, code: str) -> None:
        block = f"{{days: [mon], from: '08:00', to: '09:00', {hours}}}"
        own = f", departments: {{General: {{}}}}, hours: [{block}]"
        folder = write_project(
            tmp_path,
            a="departments: [{name: General}]\nprofiles: [{name: a}]",
            b=AGENT % ("a", own),
        )
        assert codes(folder) == [code]

    def test_hours_without_any_department(self, tmp_path: Path) -> None:
        own = ", hours: [{days: [mon], from: '08:00', to: '09:00'}]"
        folder = write_project(tmp_path, a="profiles: [{name: a}]", b=AGENT % ("a", own))
        assert codes(folder) == ["hours-without-department"]


class TestAttachments:
    @pytest.mark.parametrize(
        ("value", "content", "code"),
        [
            ("signature: {file: sig.txt}", None, "attachment-unreadable"),
            ("signature: {file: ../sig.txt}", b"x", "attachment-outside"),
            ("signature: {file: sig.txt}", b"\xff", "attachment-type"),
            ("signature: {file: sig.txt}", b"x" * 70_000, "attachment-too-large"),
            ("photo: sig.txt", b"no image", "attachment-type"),
        ],
    )
    def test_that_can_not_be_used(
        self, tmp_path: Path, value: str, content: bytes | None, code: str
    ) -> None:
        folder = write_project(
            tmp_path / "p", a=f"agents: [{{email: mia@acme.example, name: Mia, {value}}}]"
        )
        if content is not None:
            (folder / "sig.txt").write_bytes(content)
            (tmp_path / "sig.txt").write_bytes(content)
        assert codes(folder) == [code]

    def test_are_read_beside_the_file_that_names_them(self, tmp_path: Path) -> None:
        folder = write_project(
            tmp_path / "p/teams",
            a="""
                departments: [{name: General}, {name: Other}]
                agents:
                  - email: mia@acme.example
                    name: Mia
                    signature: {file: sig.txt}
                    photo: mia.png
                    departments: {General: {signature: {file: sig.txt}}, Other: {}}
                    each_department: {signature: {file: sig.txt}}
            """,
        )
        (folder / "sig.txt").write_text("Kind regards,\r\nMia {$agentSignature}\n")
        (folder / "mia.png").write_bytes(b"\x89PNG\r\n\x1a\n...")
        declared = fields(folder.parent)
        assert declared["signature"] == "Kind regards,\nMia {$agentSignature}"
        assert declared["departments"]["General"]["signature"] == declared["signature"]
        assert declared["departments"]["Other"]["signature"] == declared["signature"]
        assert declared["photo"].startswith("sha256:")
