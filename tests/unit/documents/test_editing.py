"""Edits of YAML text: the style of the neighbours, and what is refused."""

from pathlib import Path

import pytest

from provisioner.documents.editing import (
    AppendItem,
    Edit,
    EditError,
    FileChange,
    RemoveEntry,
    RenameKey,
    SetValue,
    edited,
    unified_diff,
    write_all,
)

MIA = ("agents", 0)

TEAM = """\
# The team.
agents:
  # Mia is new.
  - email: mia@acme.example  # work
    name: "Mia"
    departments:
      Support: {tickets: true}  # all day
      # not yet: Billing
      Sales: {}
    chat: {max_load: 3}

  - {email: bob@acme.example, name: Bob}

departments: [{name: Support}, {name: Sales}]
"""


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (SetValue((*MIA, "name"), "Mia Chen"), '    name: "Mia"\n', '    name: "Mia Chen"\n'),
        (
            SetValue((*MIA, "role"), "admin", ("email", "name", "role", "departments")),
            '    name: "Mia"\n',
            '    name: "Mia"\n    role: admin\n',
        ),
        (
            SetValue((*MIA, "departments", "Support", "chats"), value=True),
            "{tickets: true}  # all day",
            "{tickets: true, chats: true}  # all day",
        ),
        (
            SetValue((*MIA, "departments", "Billing"), {"tickets": True}),
            "      Sales: {}\n",
            "      Sales: {}\n      Billing: {tickets: true}\n",
        ),
        (SetValue((*MIA, "chat", "max_load"), None), "{max_load: 3}", "{max_load: null}"),
        (
            RemoveEntry((*MIA, "departments", "Support")),
            "      Support: {tickets: true}  # all day\n",
            "",
        ),
        (RemoveEntry((*MIA, "chat", "max_load")), "{max_load: 3}", "{}"),
        (
            RemoveEntry((*MIA, "email")),
            '- email: mia@acme.example  # work\n    name: "Mia"',
            '- name: "Mia"',
        ),
        (RenameKey((*MIA, "departments", "Sales"), "Sales EU"), "      Sales:", "      Sales EU:"),
        (
            AppendItem(("departments",), {"name": "Q: A"}),
            "{name: Sales}]",
            "{name: Sales}, {name: 'Q: A'}]",
        ),
        (
            AppendItem(("agents",), {"email": "eve@acme.example", "chat": {"max_load": 1}}),
            "name: Bob}\n",
            "name: Bob}\n\n  - email: eve@acme.example\n    chat: {max_load: 1}\n",
        ),
        (
            AppendItem(("departments",), {"name": "East"}, before=0),
            "[{name: Support}",
            "[{name: East}, {name: Support}",
        ),
        (
            SetValue((*MIA, "signature"), "Kind regards\nMia"),
            "    chat: {max_load: 3}\n",
            "    chat: {max_load: 3}\n    signature: |-\n      Kind regards\n      Mia\n",
        ),
        (
            SetValue(("profiles",), [{"name": "tier1"}]),
            "{name: Sales}]\n",
            "{name: Sales}]\n\nprofiles:\n  - name: tier1\n",
        ),
    ],
)
def test_an_edit_is_one_change_in_the_style_of_its_neighbours(
    edit: Edit, before: str, after: str
) -> None:
    assert TEAM.count(before) == 1
    assert edited(TEAM, [edit]) == TEAM.replace(before, after)


def test_edits_follow_each_other_in_a_document_of_several() -> None:
    text = "agents: []  # none\n---\n# two\nroles:\n"
    edits: list[Edit] = [
        AppendItem(("agents",), {"email": "a@acme.example"}),
        SetValue((*MIA, "chat", "max_load"), 2),
    ]
    assert edited(text, edits) == (
        "agents:  # none\n  - email: a@acme.example\n    chat: {max_load: 2}\n---\n# two\nroles:\n"
    )
    assert edited(text, [AppendItem(("roles",), {"name": "Lead"})], document=1) == (
        "agents: []  # none\n---\n# two\nroles:\n  - name: Lead\n"
    )
    assert edited("# head\n- b  # b\n- d\n", [AppendItem((), "c", 1), AppendItem((), "a", 0)]) == (
        "# head\n- a\n- b  # b\n- c\n- d\n"
    )
    assert edited("# nothing yet\n", [AppendItem((), {"a": ["b"]})]) == (
        "# nothing yet\n- a:\n    - b\n"
    )
    assert edited("# nothing yet\n", [SetValue(("agents",), [{"email": "a"}])]) == (
        "# nothing yet\nagents:\n  - email: a\n"
    )


def test_of_a_mapping_and_a_list_only_the_difference_is_written() -> None:
    text = "a: {x: 1, y: 2}  # c\nb: [p, q, r]  # d\n"
    assert (
        edited(text, [SetValue(("a",), {"x": 1, "z": 3})])
        == "a: {x: 1, z: 3}  # c\nb: [p, q, r]  # d\n"
    )
    assert edited(text, [SetValue(("b",), ["p", "r"])]) == "a: {x: 1, y: 2}  # c\nb: [p, r]  # d\n"
    assert edited(text, [SetValue(("b",), ["p", "q", "r"])]) == text


def test_a_value_from_an_alias_gets_an_own_copy() -> None:
    text = "a: &base {x: 1}\nb: *base\nc: {<<: *base, y: 2}\n"
    assert (
        edited(text, [SetValue(("b", "x"), 5)])
        == "a: &base {x: 1}\nb: {x: 5}\nc: {<<: *base, y: 2}\n"
    )
    assert edited(text, [SetValue(("c", "x"), 5)]) == (
        "a: &base {x: 1}\nb: *base\nc: {<<: *base, y: 2, x: 5}\n"
    )


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: &base {x: 1}\nb: *base\n", SetValue(("a", "x"), 2)),  # b would change, too
        ("a: &base {x: 1}\nb: *base\n", RemoveEntry(("a",))),
        ("a: &base {x: 1}\nc: {<<: *base}\n", RemoveEntry(("c", "x"))),
        ("a: {x: 1}\n", RemoveEntry(("a", "y"))),
        ("a: {x: 1, y: 2}\n", RenameKey(("a", "x"), "y")),
        ("a: text\n", SetValue(("a", "x"), 1)),
        ("a: text\n", AppendItem(("a",), 1)),
        ("a: [1]\n", SetValue(("a", 1), 2)),
        ("a: [1\n", SetValue(("a",), 2)),
        ("a: 1\na: 2\n", SetValue(("a",), 2)),
    ],
)
def test_an_edit_that_would_change_something_else_is_refused(text: str, edit: Edit) -> None:
    with pytest.raises(EditError):
        edited(text, [edit])


def test_files_are_written_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a\n")
    (tmp_path / "a.yaml").chmod(0o640)
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    write_all(
        tmp_path,
        [FileChange("link.yaml", b"a\n", b"b\n"), FileChange("new/b.yaml", None, b"new\n")],
    )
    assert (tmp_path / "a.yaml").read_text() == "b\n"
    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new/b.yaml").stat().st_mode & 0o777 == 0o644
    with pytest.raises(OSError, match="meanwhile"):
        write_all(tmp_path, [FileChange("c.yaml", None, b"c"), FileChange("a.yaml", b"a\n", b"")])
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_all(
            tmp_path, [FileChange("a.yaml", b"b\n", b"x"), FileChange("folder.yaml", None, b"c")]
        )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a.yaml", "folder.yaml", "link.yaml", "new"]
    assert (tmp_path / "a.yaml").read_text() == "b\n"


def test_a_file_gets_its_old_content_back_if_a_later_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text("a\n")
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == "b.yaml":
            raise OSError(28, "no space left")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="no space"):
        write_all(tmp_path, [FileChange("a.yaml", b"a\n", b"x"), FileChange("b.yaml", None, b"y")])
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.yaml": "a\n"}


def test_the_difference_is_readable() -> None:
    assert unified_diff(
        [FileChange("b.yaml", b"x: 1\r\n", b"x: \x1b[2J"), FileChange("a.yaml", None, b"a\n")]
    ) == (
        "--- /dev/null\n+++ b/a.yaml\n@@ -0,0 +1 @@\n+a\n"
        "--- a/b.yaml\n+++ b/b.yaml\n@@ -1 +1 @@\n-x: 1\n+x: \\u001b[2J\n"
        "\\ No newline at end of file\n"
    )
