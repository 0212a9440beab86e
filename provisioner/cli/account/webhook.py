"""Posts one line to a webhook, in the form that Slack and compatible services read.

The address is a secret: it comes from the environment, and no message shows it. A failure is a
warning only, so that a chat that is down never hides drift or changes the exit code.
"""

import os
from urllib.parse import urlsplit

from provisioner.cli.console.output import Console
from provisioner.diagnostics import Diagnostic, Severity

WEBHOOK_VARIABLE = "PROVISIONER_WEBHOOK"
"""The environment variable with the https address of the webhook."""

SECONDS = 10
"""Time limit to connect and for each part of the answer; see also `liveagent.http.bounds`."""

FIRST_REFUSAL = 300
"""The lowest status of an answer that is no success."""

LONGEST = 3_000
"""Most characters of the line; Slack cuts longer texts at 4,000 (D)."""


def post_headline(console: Console, text: str) -> None:
    """Post a line to the webhook; print a warning if that fails."""
    problem = _post(os.environ.get(WEBHOOK_VARIABLE, ""), _escaped(text[:LONGEST]))
    if problem:
        console.print_diagnostics(
            (
                Diagnostic(
                    code="webhook",
                    summary=f"the webhook got no message: {problem}",
                    hint=f"put the https address of the webhook into {WEBHOOK_VARIABLE}",
                    severity=Severity.WARNING,
                ),
            )
        )


def _post(url: str, text: str) -> str:
    """Post the line and return the problem, or ""."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme == "https" and bool(parts.hostname) and url.isprintable()
    except ValueError:
        is_usable = False
    if not is_usable:
        return f"{WEBHOOK_VARIABLE} is not set" if not url else "its address is no https address"
    # Imported here: only this option needs them.
    import requests  # noqa: PLC0415

    from provisioner.liveagent.http.bounded_connections import (  # noqa: PLC0415
        BoundedAdapter,
        bounded_call,
    )

    try:
        with requests.Session() as session, bounded_call():
            session.mount("https://", BoundedAdapter())
            answer = session.post(
                url, json={"text": text}, timeout=SECONDS, allow_redirects=False, stream=True
            )
            return "" if answer.status_code < FIRST_REFUSAL else f"it answered {answer.status_code}"
    except (requests.RequestException, ValueError, OSError) as error:
        return type(error).__name__  # the text of the error has the address


def _escaped(text: str) -> str:
    """Return a text in which Slack sees no links, mentions and commands (D)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
