import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from provisioner.codes import CODES
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.render.diagnostics.text import as_json, as_text
from provisioner.render.readable import harmless

TEXT = "agents:\n  - email: mia@acme.example\n    rolle: agent\n"


def diagnostic(
    line: int = 3, column: int = 5, *, file: str = "agents.yaml", summary: str = "it is wrong"
) -> Diagnostic:
    return Diagnostic(code="unknown-key", summary=summary, span=Span(file, line, column))


def shown(
    diagnostics: Sequence[Diagnostic],
    *,
    text: str | None = TEXT,
    prefix: str = "team",
    color: bool = False,
    width: int = 100,
) -> str:
    return as_text(diagnostics, prefix=prefix, sources=lambda _: text, color=color, width=width)


def excerpt(diagnostics: Sequence[Diagnostic], **options: object) -> list[str]:
    return shown(diagnostics, **options).split("\n")[1:3]  # type: ignore[arg-type]


class TestText:
    def test_shows_place_source_hint_reason_and_related_places(self) -> None:
        one = Diagnostic(
            code="unknown-key",
            summary='agent "mia@acme.example": unknown key "rolle"',
            span=Span("agents.yaml", 3, 5),
            hint='did you mean "role"?',
            related=(("the agent", Span("agents.yaml", 2, 5)),),
        )
        expected = (
            'team/agents.yaml:3:5: error: agent "mia@acme.example": unknown key "rolle" '
            "[unknown-key]\n"
            "    3 |     rolle: agent\n"
            "      |     ^\n"
            '  hint: did you mean "role"?\n'
            f"  why: {CODES['unknown-key']}\n"
            "  see: team/agents.yaml:2:5: the agent\n"
            "\n"
            "1 error in 1 file\n"
        )
        assert shown([one]) == expected

    def test_a_hint_about_the_account_is_there_once_and_one_about_a_line_each_time(self) -> None:
        hint = "look at it again"
        stale = [Diagnostic(code="stale-plan", summary=name, hint=hint) for name in "abc"]
        assert shown(stale).count(f"hint: {hint}\n") == 1
        assert shown([replace(diagnostic(line), hint=hint) for line in (2, 3)]).count(hint) == 2

    def test_without_findings_is_empty(self) -> None:
        assert shown([]) == ""

    def test_sorts_by_file_line_and_column_and_shows_the_reason_once(self) -> None:
        places = [("b", 1, 1), ("a", 10, 1), ("a", 2, 9), ("a", 2, 1)]
        text = shown([diagnostic(line, column, file=file) for file, line, column in places])
        heads = [line.split(": ")[0] for line in text.split("\n") if ": error: " in line]
        assert heads == ["team/a:2:1", "team/a:2:9", "team/a:10:1", "team/b:1:1"]
        assert text.count("why: ") == 1

    def test_shows_a_finding_without_a_place(self) -> None:
        one = Diagnostic(code="empty-project", summary="nothing")
        assert shown([one]).startswith("error: nothing [empty-project]\n  why: ")
        assert shown([one]).endswith("\n1 error\n")

    def test_counts_errors_warnings_and_files(self) -> None:
        warning = Diagnostic(code="usage", summary="w", severity=Severity.WARNING)
        diagnostics = [diagnostic(1), diagnostic(2), diagnostic(3, file="b.yaml"), warning]
        assert shown(diagnostics).endswith("\n3 errors, 1 warning in 2 files\n")
        assert shown([warning]).endswith("\n1 warning\n")

    def test_counts_what_is_not_shown_and_has_its_number_after_the_others(self) -> None:
        many = [Diagnostic(code="usage", summary=f"the {number}th") for number in range(150)]
        text = shown(many)
        assert text.endswith("\nerror: and 50 more of this kind [usage]\n\n150 errors\n")
        assert json.loads(as_json(many, "team"))["summary"] == {"errors": 150, "warnings": 0}

    def test_wraps_what_is_long(self) -> None:
        one = Diagnostic(code="unknown-key", summary="s", hint="many words " * 20)
        text = shown([one], width=60)
        assert max(map(len, text.split("\n"))) <= 60
        assert "\n        words" in text or "\n        many" in text

    def test_has_colours_where_they_are_wanted(self) -> None:
        assert "\x1b[1;31merror\x1b[0m: " in shown([diagnostic()], color=True)
        assert "\x1b" not in shown([diagnostic()])


@pytest.mark.parametrize(
    ("prefix", "place"),
    [
        ("", "a.yaml"),
        (".", "a.yaml"),
        ("./", "a.yaml"),
        ("team", "team/a.yaml"),
        ("./team/", "team/a.yaml"),
        ("/srv/team/", "/srv/team/a.yaml"),
        ("/", "/a.yaml"),
        ("../team", "../team/a.yaml"),
    ],
)
def test_places_start_with_the_path_that_was_typed(prefix: str, place: str) -> None:
    one = diagnostic(file="a.yaml")
    assert shown([one], prefix=prefix).startswith(f"{place}:3:5: ")
    assert json.loads(as_json([one], prefix))["findings"][0]["file"] == place


class TestExcerpt:
    @pytest.mark.parametrize("text", [None, "", "a: 1\n", "a: 1\nb: 2\n   \n", "\n\nx\0y"])
    def test_is_left_out_where_there_is_nothing_to_see(self, text: str | None) -> None:
        assert excerpt([diagnostic()], text=text)[0].startswith("  why: ")

    @pytest.mark.parametrize("name", ["provisioner.yaml", "a/Provisioner.YML"])
    def test_never_shows_the_configuration(self, name: str) -> None:
        assert "rolle" not in shown([diagnostic(file=name)])

    def test_counts_lines_as_yaml_does(self) -> None:
        assert excerpt([diagnostic()], text="a\r\nb\rcaret\nd")[0] == "    3 | caret"

    def test_expands_tabs(self) -> None:
        assert excerpt([diagnostic(1, 3)], text="\t\tx: 1\n") == [
            "    1 |         x: 1",
            "      |         ^",
        ]

    def test_makes_control_characters_harmless(self) -> None:
        assert excerpt([diagnostic(1, 6)], text="a\x1b[2Jb: 1\n")[0] == r"    1 | a\u001b[2Jb: 1"

    def test_puts_the_caret_under_wide_and_combined_characters(self) -> None:
        assert excerpt([diagnostic(1, 4)], text="佐e\u0301x")[1] == "      |    ^"

    def test_points_behind_the_end_of_a_line(self) -> None:
        assert excerpt([diagnostic(1, 3)], text="a:\n") == ["    1 | a:", "      |   ^"]

    @pytest.mark.parametrize("column", [1, 50, 150, 280, 300])
    def test_cuts_long_lines_around_the_place(self, column: int) -> None:
        text = "".join(chr(ord("a") + n % 26) for n in range(300))
        source, caret = excerpt([diagnostic(1, column)], text=text, width=80)
        assert len(source) < 80
        assert source[caret.index("^")] == text[column - 1]


class TestJson:
    def test_holds_all_that_is_known(self) -> None:
        one = Diagnostic(
            code="unknown-key",
            summary="wrong ä",
            span=Span("a.yaml", 3, 5),
            hint="do it",
            related=(("there", Span("b.yaml", 1, 2)),),
        )
        two = Diagnostic(code="usage", summary="hm", severity=Severity.WARNING)
        assert json.loads(as_json([two, one], "team")) == {
            "format_version": "1.0",
            "findings": [
                {
                    "code": "unknown-key",
                    "severity": "error",
                    "summary": "wrong ä",
                    "why": CODES["unknown-key"],
                    "hint": "do it",
                    "file": "team/a.yaml",
                    "line": 3,
                    "column": 5,
                    "related": [
                        {"summary": "there", "file": "team/b.yaml", "line": 1, "column": 2}
                    ],
                },
                {
                    "code": "usage",
                    "severity": "warning",
                    "summary": "hm",
                    "why": CODES["usage"],
                    "hint": "",
                    "file": None,
                    "line": None,
                    "column": None,
                    "related": [],
                },
            ],
            "summary": {"errors": 1, "warnings": 1},
        }

    def test_is_the_same_for_any_order(self) -> None:
        diagnostics = [diagnostic(n) for n in range(1, 5)]
        assert as_json(diagnostics, ".") == as_json(diagnostics[::-1], ".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("Größe 佐藤", "Größe 佐藤"),
        ("a\x1b]0;x\x07", r"a\u001b]0;x\u0007"),
        ("a\nb", r"a\u000ab"),
        ("\u202egnp", r"\u202egnp"),
        ("\udc80", r"\udc80"),
    ],
)
def test_harmless(text: str, expected: str) -> None:
    assert harmless(text) == expected
