"""The SQLite file of the sandbox, with one transaction per request."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from provisioner.sandbox.errors import SandboxError

Row = dict[str, Any]
Parameters = Sequence[str | int | bytes | None]

# Written into the file's header, so that a database of another program is never changed.
APPLICATION_ID = 0x4C415342  # "LASB"


class Database:
    """One open sandbox database. Only one thread may use it at a time."""

    def __init__(
        self, path: Path, schema: str, version: int, fill: Callable[["Database"], None]
    ) -> None:
        """Open the file, and create and fill the tables if it is new.

        `version` is the number of the schema, and `fill` inserts the first rows.

        Raises:
            SandboxError: it cannot be opened or is not a sandbox database of this version.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _restrict_to_owner(path)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(f"Cannot open the sandbox database {path}: {error}.") from error
        self._connection.row_factory = _row
        try:
            self._prepare(path, schema, version, fill)
        except sqlite3.Error as error:
            self._connection.close()
            raise SandboxError(f"{path} cannot be used as a database: {error}.") from error
        except SandboxError:
            self._connection.close()
            raise

    def _prepare(
        self, path: Path, schema: str, version: int, fill: Callable[["Database"], None]
    ) -> None:
        # journal_mode rewrites the header, so the owner of the file is checked first.
        self._is_new(path, version)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction(write=True):
            # Another sandbox may have created the tables in the meantime.
            if self._is_new(path, version):
                for statement in schema.split(";"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {version}")
                fill(self)

    def _is_new(self, path: Path, version: int) -> bool:
        owner = self.value("PRAGMA application_id")
        if not owner and not self.value("SELECT count(*) FROM sqlite_master"):
            return True
        if owner != APPLICATION_ID:
            raise SandboxError(f"{path} is a database of another program.")
        if self.value("PRAGMA user_version") != version:
            raise SandboxError(f"{path} was made by another version of the sandbox; remove it.")
        return False

    @contextmanager
    def transaction(self, *, write: bool, keep: bool = True) -> Iterator[None]:
        """Run the block in one transaction; an exception undoes it.

        Args:
            write: whether the block writes.
            keep: False to undo it without an exception.
        """
        self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT" if keep else "ROLLBACK")

    def all(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows."""
        return self._connection.execute(statement, parameters).fetchall()

    def one(self, statement: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row, if there is one."""
        row: Row | None = self._connection.execute(statement, parameters).fetchone()
        return row

    def value(self, statement: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row; None if there is none."""
        row = self.one(statement, parameters)
        return None if row is None else next(iter(row.values()))

    def run(self, statement: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Execute one statement that writes."""
        return self._connection.execute(statement, parameters)

    def close(self) -> None:
        """Write the log back into the file and close it."""
        self._connection.execute("PRAGMA busy_timeout = 0")  # a reader elsewhere keeps the log
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


class Snapshot(Database):
    """The database as it was when the snapshot was taken; it can only be read."""

    def __init__(self, path: Path) -> None:
        """Take a snapshot of a file that is open elsewhere."""
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = _row
        self._connection.execute("BEGIN")
        # The first statement that reads fixes the state.
        self._connection.execute("SELECT count(*) FROM agents")

    @contextmanager
    def transaction(self, *, write: bool, keep: bool = True) -> Iterator[None]:
        """Run the block in the one transaction that the snapshot is."""
        del write, keep
        yield

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _restrict_to_owner(path: Path) -> None:
    """Create the file if it is missing, and let only its owner use it.

    SQLite gives its log and its journal the same mode.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        # Windows has no modes, and elsewhere the file can belong to another user.
        with suppress(PermissionError, AttributeError):
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}
