"""The content of successful answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import TargetError, UnansweredError
from provisioner.liveagent.http.answers import Answer, is_error
from provisioner.liveagent.http.refusals import not_liveagent, rejected

API_ROOT = "/api/v3"


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a successful answer.

    Attributes:
        content: the decoded JSON; None if a write was answered without any.
        headers: by name, in any letter case.
    """

    content: Any
    headers: Mapping[str, str]


def decoded(method: str, path: str, answer: Answer) -> Content:
    """Return the JSON of a successful answer; a write may be answered without any.

    The answers of writes are documented as objects, but nothing depends on that: what was written
    is read back (U).

    Raises:
        RejectedError: the content is an error.
        TargetError: it is not JSON, or an HTML page as the answer to a write. Then its effect is
            uncertain.
    """
    call = f"{method} {API_ROOT}{path}"
    try:
        content = answer.content()
    except ValueError as error:
        if method != "GET" and not answer.is_page():
            return Content(None, answer.headers)
        diagnostic = not_liveagent(call, "the answer is not JSON")
        if method == "GET":
            raise TargetError(diagnostic) from error
        # Something between us and the account may have answered after the account did the work.
        failure = UnansweredError(diagnostic, status=answer.status)
        failure.uncertain = True
        raise failure from error
    if is_error(content):
        raise rejected(call, answer)
    return Content(content, answer.headers)
