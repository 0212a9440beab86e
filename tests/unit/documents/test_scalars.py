import pytest

from provisioner.documents.yaml.yaml_reader import LOADER, PureLoader, read_yaml

LOADERS = pytest.mark.parametrize("loader", [LOADER, PureLoader], ids=["libyaml", "pure"])


def value(text: str) -> object:
    documents, findings = read_yaml(f"- {text}\n".encode(), "a.yaml")
    assert findings == []
    [item] = documents[0].data
    return item


@pytest.mark.parametrize(
    "text",
    [
        *("NO", "no", "on", "off", "yes", "y", "True", "FALSE", "Null", "NULL"),
        *("22:30", "012", "0o14", "0x1F", "0b1", "1_000", "+1", "1.", ".5", "1e", "--1", "١٢"),
        *("2026-11-22", ".inf", "-.inf", ".nan", "tomorrow", "fine", "nothing", "~x"),
    ],
)
def test_what_json_does_not_know_is_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("-17", -17),
        ("999999999999999999", 999_999_999_999_999_999),
        ("1.5", 1.5),
        ("-0.25e-2", -0.0025),
        ("1E3", 1000.0),
    ],
)
def test_what_json_knows_has_its_type(text: str, expected: object) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize("text", ['"true"', "'12'", '""', "|-\n    null"])
def test_quoted_and_block_scalars_are_text(text: str) -> None:
    assert isinstance(value(text), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!str 12", "12"),
        ("!!str true", "true"),
        ('!!int "12"', 12),
        ("!!float 1", 1.0),
        ('!!bool "true"', True),
        ("!!null ~", None),
        ("!!null", None),
        ("!!map {a: 1}", {"a": 1}),
        ("!!seq [1]", [1]),
        ("!<tag:yaml.org,2002:str> 1", "1"),
    ],
)
def test_core_tags_are_honoured(text: str, expected: object) -> None:
    assert value(text) == expected


@LOADERS
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!!int abc", "wrong-type"),
        ("!!int 1.5", "wrong-type"),
        ("!!float abc", "wrong-type"),
        ("!!bool yes", "wrong-type"),
        ("!!null nothing", "wrong-type"),
        ("!!timestamp 2026-11-22", "yaml-unknown-tag"),
        ("!!binary aGk=", "yaml-unknown-tag"),
        ("!!python/name:os.system ''", "yaml-unknown-tag"),
        ("!secret x", "yaml-unknown-tag"),
        ("! x", "yaml-unknown-tag"),
        ("!!map [1]", "yaml-unknown-tag"),
        ("!!seq {a: 1}", "yaml-unknown-tag"),
        ("!!str [1]", "yaml-unknown-tag"),
        ("!!set {a, b}", "yaml-unknown-tag"),
        ("1000000000000000000", "yaml-number"),
        ("-1000000000000000000", "yaml-number"),
        ("9" * 10_000, "yaml-number"),
        ("1e999", "yaml-number"),
        ("!!int " + "9" * 19, "yaml-number"),
    ],
)
def test_what_can_not_be_represented_is_reported_at_its_place(
    text: str, code: str, loader: object
) -> None:
    _, [finding] = read_yaml(f"a:\n  - {text}\n".encode(), "a.yaml", loader=loader)  # type: ignore[arg-type]
    assert (finding.code, str(finding.span)) == (code, "a.yaml:2:5")
    assert finding.hint
