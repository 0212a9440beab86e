"""The limits of a request to an account: its time, and the size of its answer.

An account, or a server that answers in its place, must not be able to block a run or to fill the
memory. `docs/recovery.md` lists the same limits.
"""

CONNECT_SECONDS = 10
"""Time to connect to one address of the account's host."""

READ_SECONDS = 60
"""Time between two bytes of an answer."""

CALL_SECONDS = 120
"""Time from the start of a request to the last byte of its answer, without the look-up of the host
name, which the resolver of the system limits."""

ANSWER_BYTES = 64 * 1024 * 1024
"""Size of an answer, both compressed and decompressed. A page of 500 agents has about 1 MiB."""

ANSWER_DEPTH = 32
"""Levels of nested arrays and objects in an answer. API v3 has 5 (D: the models)."""

PAGES = 10_000
"""Pages of one list. With the smallest documented page, 10 rows, these are 100,000 rows (D)."""

ROWS = 500_000
"""Rows of one list."""

LIMIT_WAIT_SECONDS = 900
"""Total time that one request waits because the account answers 429."""

ONE_WAIT_SECONDS = 60.0
"""Longest single wait for a Retry-After; after it the request is sent again."""

DEFAULT_WAIT_SECONDS = 10.0
"""Wait after a 429 without a usable Retry-After (U: what LiveAgent sends)."""

REASON_LENGTH = 300
"""Characters of the account's own text that a message shows."""
