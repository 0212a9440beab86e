"""Reads answers of an account: the JSON, the reason for an error, and the wait that it asks for."""

import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.bounded_connections import AnswerTooLargeError
from provisioner.liveagent.http.limits import MARGIN_SECONDS
from provisioner.redaction import redact, shown

_SEARCHED_LENGTH = 10_000
"""Characters of an answer that are searched for a reason."""

_REASONS = ("message", "errormessage", "error", "errors", "detail", "response")
"""Names of the reason in an error: API v3 has `message` (D), API v1 `response.errormessage` (C);
the other names are common."""

_TAGS = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>")


class UnreadableError(ValueError):
    """A body can't be decompressed; the message completes 'the answer …'."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete answer.

    Attributes:
        status: the HTTP status.
        phrase: the words that follow the status.
        headers: by name, in any letter case.
        body: decompressed.
    """

    status: int
    phrase: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether the status reports success."""
        return 200 <= self.status < 300

    def content(self) -> Any:
        """Return the decoded JSON of the body.

        Raises:
            ValueError: it is not JSON, is nested deeper than answers of the API, or has numbers
                that JSON does not allow.
        """
        try:
            content = json.loads(self.body, parse_constant=_number, parse_float=_number)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        _check_depth(content)
        return content

    def reason(self) -> str:
        """Return the account's reason for an error, cut to one line, or ""."""
        try:
            return shown(reason_in(self.content()))
        except ValueError:
            text = redact(self.body.decode(errors="replace"))[:_SEARCHED_LENGTH]
            return shown(_TAGS.sub(" ", text))

    def is_of_the_api(self) -> bool:
        """Return whether an error has the form of errors of API v3 or API v1."""
        try:
            return bool(reason_in(self.content()))
        except ValueError:
            return False

    def is_page(self) -> bool:
        """Return whether the body is an HTML page, which is no answer of the API."""
        return self.body.lstrip().startswith(b"<")

    def asked_wait(self, otherwise: float) -> float:
        """Return the seconds to wait before a retry, from either form of Retry-After.

        A date is compared with the answer's own Date, so the two clocks need not agree.

        Args:
            otherwise: the seconds for an answer without a usable Retry-After.
        """
        asked = self.headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdecimal():
            seconds = float(asked)
        else:
            until = _date(asked)
            if until is None:
                return otherwise
            now = _date(self.headers.get("Date", "")) or datetime.now(UTC)
            seconds = max(0.0, (until - now).total_seconds())
        return min(seconds, bounded_connections.ONE_WAIT_SECONDS) + MARGIN_SECONDS


def is_error(content: Any) -> bool:
    """Return whether the content of an answer is an error; API v1 sends some with a 200 (C)."""
    if not isinstance(content, dict):
        return False
    inner = content.get("response")
    return content.get("status") == "ERROR" or (isinstance(inner, dict) and is_error(inner))


def reason_in(content: Any) -> str:
    """Return the reason in the content of an error, or ""."""
    if not isinstance(content, dict):
        return ""
    for name in _REASONS:
        if reason := ", ".join(_texts(content.get(name)))[:_SEARCHED_LENGTH]:
            return reason
    return ""


def _texts(content: Any) -> Iterator[str]:
    match content:
        case str() if content.strip():
            yield content
        case dict() if reason := reason_in(content):
            yield reason
        case dict():
            # The values of these names have no text. Searching them again would double the time
            # with each level.
            others = {name: value for name, value in content.items() if name not in _REASONS}
            for name, value in others.items():
                if texts := ", ".join(_texts(value)):
                    yield f"{name}: {texts}"
        case list():
            for value in content:
                yield from _texts(value)
        case _:
            pass


def decompressed(chunks: Iterable[bytes], encoding: str) -> bytes:
    """Return a decompressed body.

    Raises:
        AnswerTooLargeError: the body is larger than `bounded_connections.ANSWER_BYTES`.
        UnreadableError: the compression is not the requested one, or is broken.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return b"".join(chunks)
        case "gzip" | "x-gzip" | "deflate":
            return b"".join(_inflated(chunks))
        case _:
            raise UnreadableError(f'is compressed as "{shown(encoding, 40)}", not as gzip')


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    bytes_left = bounded_connections.ANSWER_BYTES
    either = zlib.MAX_WBITS | 32  # detect gzip or zlib by the first bytes
    stream = zlib.decompressobj(either)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if stream.eof:  # a gzip file may have several members
                    stream = zlib.decompressobj(either)
                content = stream.decompress(rest, bytes_left + 1)
                bytes_left -= len(content)
                if bytes_left < 0:
                    raise AnswerTooLargeError
                yield content
                rest = stream.unused_data or stream.unconsumed_tail
    except zlib.error as error:
        raise UnreadableError("has a broken compression") from error
    if not stream.eof:
        raise UnreadableError("ends in the middle of its compressed content")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is not a JSON number")
    return number


def _check_depth(content: Any) -> None:
    level = _containers([content])
    for _ in range(bounded_connections.ANSWER_DEPTH):
        level = [
            inner
            for outer in level
            for inner in _containers(outer.values() if isinstance(outer, dict) else outer)
        ]
    if level:
        raise ValueError("nested too deeply")


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
