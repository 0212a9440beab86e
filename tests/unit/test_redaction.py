"""Keys in texts: redacted in every spelling, and cut where a name may be a key."""

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner import redaction
from provisioner.diagnostics import Diagnostic
from provisioner.redaction import MASK, cut_keys, hide, redact

KEY = 'k/9"&f0123456789abcdef'


@pytest.fixture(autouse=True)
def only_this_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_forms", set())
    hide(KEY)


@pytest.mark.parametrize(
    "spelling",
    [
        KEY,
        quote(KEY, safe=""),
        json.dumps(KEY)[1:-1],
        html.escape(KEY),
        base64.b64encode(KEY.encode()).decode(),
    ],
)
def test_every_spelling_of_a_key_is_replaced(spelling: str) -> None:
    assert redact(f"a{spelling}b{spelling}") == f"a{MASK}b{MASK}"


def test_a_diagnostic_never_holds_a_key() -> None:
    finding = Diagnostic(code="target-error", summary=f"answer {KEY}", hint=f"see {KEY}")
    assert (finding.summary, finding.hint) == (f"answer {MASK}", f"see {MASK}")


def test_a_key_as_short_as_a_word_is_not_replaced() -> None:
    hide("agent")
    assert redact("agent") == "agent"


@given(st.text())
def test_a_text_without_a_key_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("9f8e7d6c5b4a39281706f5e4d3c2b1a0", "9f8e…"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f25…"),
        ("SK_LIVE_1234ABCD5678EFGH9012", "SK_L…"),
        ("curl -H 'apikey: 9f8e7d6c5b4a39281706' x", "curl -H 'apikey: 9f8e…' x"),
    ],
)
def test_what_looks_like_a_key_is_cut(text: str, shown: str) -> None:
    assert cut_keys(text) == shown


@pytest.mark.parametrize(
    "text", ["LIVEAGENT_V3_API_KEY", "keys/the-production-account.txt", "op read op://it/key"]
)
def test_a_name_is_shown_whole(text: str) -> None:
    assert cut_keys(text) == text
