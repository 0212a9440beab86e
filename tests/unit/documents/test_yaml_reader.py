from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from provisioner.diagnostics import Diagnostic, in_order
from provisioner.documents import Document
from provisioner.documents.yaml.yaml_reader import LOADER, PureLoader, read_yaml

Read = Callable[[str], tuple[list[Document], list[Diagnostic]]]


@pytest.fixture(params=[LOADER, PureLoader], ids=["libyaml", "pure"])
def read(request: pytest.FixtureRequest) -> Read:
    return lambda text: read_yaml(dedent(text).encode(), "a.yaml", loader=request.param)


def data(read: Read, text: str) -> Any:
    documents, findings = read(text)
    assert findings == []
    return documents[0].data


def problems(read: Read, text: str) -> list[str]:
    return [f"{finding.span} {finding.code}" for finding in read(text)[1]]


class TestDocuments:
    def test_a_file_may_hold_several(self, read: Read) -> None:
        documents, findings = read("a: 1\n---\nb: 2\n---\n# nothing\n---\n- c\n...\n")
        assert [document.data for document in documents] == [{"a": 1}, {"b": 2}, None, ["c"]]
        assert findings == []

    @pytest.mark.parametrize("text", ["", "# a comment\n", "\n\n"])
    def test_a_file_may_hold_none(self, read: Read, text: str) -> None:
        assert read(text) == ([], [])

    def test_a_mapping_is_a_plain_dict_and_its_equal_keys_are_one_object(self, read: Read) -> None:
        [first, second] = data(read, "- {email: a}\n- {email: b}\n")
        assert type(first) is dict
        assert next(iter(first)) is next(iter(second))

    def test_line_ends_and_a_byte_order_mark_do_not_matter(self) -> None:
        [document], findings = read_yaml(b"\xef\xbb\xbfa: 1\r\nb: 2\rc: 3\n", "a.yaml")
        assert document.data == {"a": 1, "b": 2, "c": 3}
        assert str(document.span(("c",), key=True)) == "a.yaml:3:1"
        assert findings == []


class TestKeys:
    def test_are_text_whatever_they_look_like(self, read: Read) -> None:
        text = 'true: 1\n12: 1\nnull: 1\n1.0: 1\n2026-11-22: 1\n"": 1\n!!str x: 1\n'
        assert list(data(read, text)) == ["true", "12", "null", "1.0", "2026-11-22", "", "x"]

    @pytest.mark.parametrize(
        "key", ["[a, b]", "{a: b}", "{{ a }}", "!!int 12", "!x a", "&anchor [a]", "*other"]
    )
    def test_must_be_plain(self, read: Read, key: str) -> None:
        documents, findings = read(f"{key} : {{x: 1}}\nb: 2\n")
        assert [finding.code for finding in findings][:1] == ["yaml-key"]
        assert {finding.code for finding in findings} == {"yaml-key"}
        assert documents[0].data == {"b": 2}

    def test_must_not_be_missing(self, read: Read) -> None:
        _, [finding] = read("{a: 1, ? : 2}")
        assert finding.summary == "the key before the colon is missing"

    def test_every_second_one_of_a_name_is_reported_with_the_first(self, read: Read) -> None:
        documents, findings = read("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\nb: {e: 1, e: 2}\n")
        assert documents[0].data == {"a": 1, "b": 2, "c": {"d": 1}}
        assert [
            (str(finding.span), str(finding.related[0][1]))
            for finding in findings
            if finding.code == "yaml-duplicate-key"
        ] == [
            ("a.yaml:3:1", "a.yaml:1:1"),
            ("a.yaml:4:11", "a.yaml:4:5"),
            ("a.yaml:5:11", "a.yaml:5:5"),
            ("a.yaml:5:1", "a.yaml:2:1"),
        ]


class TestAliases:
    def test_share_what_they_stand_for(self, read: Read) -> None:
        found = data(read, "a: &x {k: [1]}\nb: *x\nc: &y text\nd: *y\ne: &z 12\nf: *z\n")
        assert found["b"] is found["a"]
        assert (found["d"], found["f"]) == ("text", 12)

    def test_have_their_own_place_and_the_anchor_s_inside(self, read: Read) -> None:
        [document], _ = read("a: &x {k: [1]}\nb: *x\nc: &y 1\nd: *y\n")
        assert str(document.span(("b",))) == "a.yaml:2:4"
        assert str(document.span(("b", "k", 0))) == "a.yaml:1:12"
        assert str(document.span(("d",))) == "a.yaml:4:4"

    def test_may_stand_for_a_key(self, read: Read) -> None:
        assert data(read, "&k name: 1\nb: *k\n") == {"name": 1, "b": "name"}

    def test_refer_to_the_latest_anchor_of_a_name(self, read: Read) -> None:
        assert data(read, "a: &x 1\nb: *x\nc: &x 2\nd: *x\n")["d"] == 2

    def test_do_not_reach_into_other_documents(self, read: Read) -> None:
        assert problems(read, "a: &x 1\n---\nb: *x\n") == ["a.yaml:3:4 yaml-alias"]

    def test_need_an_anchor_before_them(self, read: Read) -> None:
        documents, [finding] = read("a: &daytime 1\nb: *dytime\n")
        assert in_order([finding])[0].hint == 'did you mean "daytime"?'
        assert documents[0].data["b"] == "*dytime"

    def test_are_no_text(self, read: Read) -> None:
        _, [finding] = read("a: *urgent\n")
        assert finding.hint == 'if this is text, put it in quotes: "*urgent"'

    def test_must_not_stand_inside_their_anchor(self, read: Read) -> None:
        assert problems(read, "a: &x\n  b: *x\n") == ["a.yaml:2:6 yaml-alias"]


class TestMergeKeys:
    def test_explicit_keys_win_wherever_they_stand(self, read: Read) -> None:
        text = """\
            base: &base {a: 1, b: 1, c: 1}
            more: &more {c: 2, d: 2}
            own:
              b: 3
              <<: [*base, *more]
              d: 3
            """
        assert data(read, text)["own"] == {"b": 3, "d": 3, "a": 1, "c": 1}

    def test_take_a_mapping_written_in_place(self, read: Read) -> None:
        assert data(read, "<<: {a: 1}\nb: 2\n") == {"a": 1, "b": 2}

    def test_entries_keep_the_place_where_they_are_written(self, read: Read) -> None:
        [document], _ = read("x: &x {a: 1, b: [2]}\ny:\n  <<: *x\n  a: 3\n")
        assert str(document.span(("y", "a"))) == "a.yaml:4:6"
        assert str(document.span(("y", "b", 0))) == "a.yaml:1:18"
        assert str(document.span(("y", "b"), key=True)) == "a.yaml:1:14"

    @pytest.mark.parametrize("key", ['"<<"', "'<<'", "!!str <<"])
    def test_a_key_that_only_looks_so_is_plain(self, read: Read, key: str) -> None:
        assert data(read, f"{key}: {{a: 1}}\n") == {"<<": {"a": 1}}

    @pytest.mark.parametrize("value", ["12", "text", "[]", "[{a: 1}, b]", "", "[[{a: 1}]]"])
    def test_take_nothing_else(self, read: Read, value: str) -> None:
        assert [finding.code for finding in read(f"b: 1\n<<: {value}\n")[1]] == ["yaml-merge"]

    def test_a_missing_anchor_is_one_finding(self, read: Read) -> None:
        assert problems(read, "<<: *nowhere\n") == ["a.yaml:1:5 yaml-alias"]

    def test_merging_twice_is_a_duplicate(self, read: Read) -> None:
        assert problems(read, "<<: {a: 1}\n<<: {b: 1}\n") == ["a.yaml:2:1 yaml-duplicate-key"]


class TestLimits:
    def test_a_hundred_levels_are_enough(self, read: Read) -> None:
        assert problems(read, "[" * 100 + "]" * 100) == []
        assert problems(read, "[" * 101 + "]" * 101) == ["a.yaml:1:101 yaml-too-deep"]

    @pytest.mark.parametrize(
        "text", ["[" * 5000, "{a: " * 5000, "".join(f"{' ' * n}a:\n" for n in range(1200))]
    )
    def test_the_limit_of_libyaml_is_not_shown(self, read: Read, text: str) -> None:
        assert [finding.code for finding in read(text)[1]] == ["yaml-too-deep"]

    def test_aliases_count_as_deep_as_what_they_stand_for(self, read: Read) -> None:
        chain = "".join(f"- &a{n} [*a{n - 1}]\n" for n in range(1, 120))
        assert problems(read, f"- &a0 [x]\n{chain}") == ["a.yaml:100:9 yaml-too-deep"]

    def test_an_alias_of_text_is_not_deep(self, read: Read) -> None:
        assert problems(read, "- &x text\n- " + "[" * 99 + "*x" + "]" * 99) == []

    def test_aliases_that_multiply_are_stopped(self, read: Read) -> None:
        lines = ["- &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
        assert problems(read, "\n".join(lines)) == ["a.yaml:5:43 yaml-alias-bomb"]

    def test_nothing_of_the_file_is_used_then(self, read: Read) -> None:
        documents, findings = read("a: 1\na: 2\n---\n" + "[" * 101)
        assert documents == []
        assert [finding.code for finding in findings] == ["yaml-duplicate-key", "yaml-too-deep"]
