"""Keeps the claim of a shared lock as a row of an SQLite file.

For runs on one machine, or in containers that mount one disk. SQLite relies on the locks of the
file system, which many network file systems do not have.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from provisioner.runs.shared_lock import UNREADABLE, LockClaim, PlaceError, claim_of

APPLICATION_ID = 0x50524C4B  # "PRLK"

BUSY_SECONDS = 10.0
"""How long to wait for another process that is writing; each of them takes milliseconds."""


class LockDatabase:
    """The claim of one account; a `LockPlace`. The file has one row for each account."""

    def __init__(self, file: Path, name: str) -> None:
        """Use a file, which is created if it is missing; its folder must exist."""
        self._file, self._name = file, name

    def read(self) -> tuple[LockClaim, ...]:
        """Return the claim, if there is one."""
        with self._changing() as database:
            return self._claims(database)

    def take(self, ended: Sequence[LockClaim], own: LockClaim) -> bool:
        """Write the claim in place of an ended one, or of none; see `LockPlace`."""
        with self._changing() as database:
            if any(claim not in ended for claim in self._claims(database)):
                return False
            self._write(database, own)
        return True

    def renew(self, own: LockClaim, renewed: LockClaim) -> bool:
        """Replace the own claim; see `LockPlace`."""
        with self._changing() as database:
            if self._claims(database) != (own,):
                return False
            self._write(database, renewed)
        return True

    def release(self, own: LockClaim) -> None:
        """Remove the own claim, if it is still there."""
        with self._changing() as database:
            if self._claims(database) == (own,):
                database.execute("DELETE FROM claims WHERE name = ?", (self._name,))

    def _claims(self, database: sqlite3.Connection) -> tuple[LockClaim, ...]:
        found = database.execute("SELECT claim FROM claims WHERE name = ?", (self._name,))
        try:
            return tuple(claim_of(str(text).encode()) for (text,) in found)
        except ValueError:
            return (UNREADABLE,)

    def _write(self, database: sqlite3.Connection, claim: LockClaim) -> None:
        values = self._name, json.dumps(claim.as_data())
        database.execute("INSERT OR REPLACE INTO claims (name, claim) VALUES (?, ?)", values)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Open the file alone, and close it with all changes made or none."""
        try:
            # Opened each time, so several threads and forks can use this object.
            with closing(
                sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
            ) as database:
                database.execute("PRAGMA trusted_schema = OFF")
                database.execute("BEGIN IMMEDIATE")
                self._prepare(database)
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise PlaceError(f"{self._file}: {error}") from error

    @staticmethod
    def _prepare(database: sqlite3.Connection) -> None:
        (owner,) = database.execute("PRAGMA application_id").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if owner != APPLICATION_ID:
            if owner or tables:
                raise sqlite3.DatabaseError("it is a database of another program")
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute("CREATE TABLE claims (name TEXT PRIMARY KEY, claim TEXT NOT NULL)")
