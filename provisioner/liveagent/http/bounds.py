"""How long a call to an account may take and how much it may bring.

An account, or whatever answers in its place, must not be able to keep a run waiting or to fill the
memory. All limits stand here; `docs/recovery.md` lists them.
"""

CONNECT_SECONDS = 10
"""To connect to one address of the account's host."""

READ_SECONDS = 60
"""Between two bytes of an answer."""

CALL_SECONDS = 120
"""From the start of a request to the last byte of its answer. The look-up of the host's name comes
on top: it is bounded by the resolver of the system."""

ANSWER_BYTES = 64 * 1024 * 1024
"""Of an answer, on the wire and decompressed. A page of 500 agents has about 1 MiB."""

ANSWER_DEPTH = 32
"""Arrays and objects within each other in an answer. API v3 has 5 (D: the models)."""

PAGES = 10_000
"""Of one list. At 10 rows a page, the smallest documented size, these are 100,000 rows (D)."""

ROWS = 500_000
"""Of one list."""

LIMIT_WAIT_SECONDS = 900
"""How long one request waits in total because the account answers 429."""

ONE_WAIT_SECONDS = 60.0
"""The longest wait that a Retry-After is granted at a time; then the account is asked again."""

DEFAULT_WAIT_SECONDS = 10.0
"""How long to wait after a 429 without a usable Retry-After (U: what LiveAgent sends)."""

REASON_LENGTH = 300
"""Characters of the account's own words in a message."""
