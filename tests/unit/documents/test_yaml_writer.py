"""What is written is read as the same values, and looks as a person would write it."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from provisioner.characters import composed
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.documents.yaml.yaml_writer import write_yaml

NASTY = [
    *("", " ", "~", "null", "NO", "on", "y", "=", "<<", "012", "1_000", "0x1F", "1e5", "-1", ".5"),
    *("22:30", "2026-11-22", "true", "- a", "? a", "a: b", "a #b", "#", "@a", "%a", "`a", "!a"),
    *(
        "&a",
        "*a",
        "---",
        "...",
        "a\n",
        "\na",
        "a\n\nb",
        "  a\n b",
        "a \nb",
        "a\r\nb",
        "\t",
        "a\tb\nc",
    ),
    *("\x00", "\x07", "\x7f", "\x85", "a\u2028b\nc", "\ufeffa\nb", "\u200b", "'", '"', "\\", "\\n"),
    *("🙂", "e\u0301", "{a}", "[a]", "a, b", "|", ">", "x" * 300, "a b " * 60, "1" * 19),
]
TEXTS = st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8"), max_size=30).map(composed)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, DATA, max_size=4) | st.lists(DATA, max_size=4))
@example({text: [text, {text: text}] for text in NASTY})
@example({"a": [{"b": {text: text}, "c": [[text]]} for text in NASTY]})
def test_what_is_written_is_read(data: object) -> None:
    [document], findings = read_yaml(write_yaml(data).encode(), "a.yaml")
    assert findings == []
    expected = composed(data)
    assert document.data == expected
    assert json.dumps(document.data) == json.dumps(expected)  # 1, 1.0 and true are equal


def test_it_looks_as_a_person_would_write_it() -> None:
    agent = {
        "email": "mia@acme.example",
        "departments": {"Support": {"tickets": True, "role": "manager"}, "NO": {}},
        "signature": "Kind regards\nMia",
        "hours": [{"days": ["mon", "tue"], "from": "09:00"}],
        "sounds": {f"alert_{number}": "muted" for number in range(6)},
    }
    assert write_yaml({"agents": [agent]}) == (
        """\
agents:
  - email: mia@acme.example
    departments:
      Support: {tickets: true, role: manager}
      'NO': {}
    signature: |-
      Kind regards
      Mia
    hours:
      - days: [mon, tue]
        from: "09:00"
    sounds:
      alert_0: muted
      alert_1: muted
      alert_2: muted
      alert_3: muted
      alert_4: muted
      alert_5: muted
"""
    )
