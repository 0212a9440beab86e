import pytest

from provisioner.documents.yaml.yaml_reader import read_yaml


@pytest.mark.parametrize(
    ("content", "code", "place", "summary"),
    [
        ("a: 1\n".encode("utf-16"), "encoding", "1:1", "the file is UTF-16, not UTF-8"),
        ("a: 1\n".encode("utf-16-be"), "encoding", "1:1", "the file is UTF-16, not UTF-8"),
        ("a: 11\n".encode("utf-16-le"), "encoding", "1:1", "the file is UTF-16, not UTF-8"),
        ("a: 1\n".encode("utf-32"), "encoding", "1:1", "the file is UTF-32, not UTF-8"),
        (b"a: 1\nname: Jos\xe9\n", "encoding", "2:10", "the byte 0xE9 is not UTF-8"),
        (b"\xef\xbb\xbf\xff: 1", "encoding", "1:1", "the byte 0xFF is not UTF-8"),
        ("é\r\né\rüü".encode() + b"\xc3", "encoding", "3:3", "the byte 0xC3 is not UTF-8"),
        (b"a: \xed\xa0\x80", "encoding", "1:4", "the byte 0xED is not UTF-8"),
        (b"\x7fELF\n\x02\x01\x00\x00 \xff", "encoding", "2:3", "the file is binary, not YAML text"),
        (
            b"a: x\ny: \x1b[2J\n",
            "invisible-character",
            "2:4",
            "the invisible character U+001B is not allowed in YAML",
        ),
        (
            "ä: \x85\n".encode(),
            "invisible-character",
            "1:4",
            "the invisible character U+0085 is not allowed in YAML",
        ),
        (
            "a: x\u2028\n".encode(),
            "invisible-character",
            "1:5",
            "the invisible character U+2028 is not allowed in YAML",
        ),
        (
            "a: 1\n\ufeffb: 2\n".encode(),
            "invisible-character",
            "2:1",
            "the invisible character U+FEFF is not allowed in YAML",
        ),
    ],
)
def test_what_is_no_readable_text_is_named_with_its_place(
    content: bytes, code: str, place: str, summary: str
) -> None:
    documents, [finding] = read_yaml(content, "a.yaml")
    assert documents == []
    assert (finding.code, str(finding.span), finding.summary) == (code, f"a.yaml:{place}", summary)


def test_all_letters_of_the_world_can_be_used() -> None:
    text = "name: 佐藤結衣 Ægir 😀 עברית\u00a0\n"
    [document], findings = read_yaml(text.encode(), "a.yaml")
    assert document.data["name"].startswith("佐藤結衣 Ægir 😀")
    assert findings == []
