"""Creating what must not be created twice.

A creation whose answer never came is looked up by identity before it is sent again: it may have
taken effect. No call may be repeated here without that look.
"""

from collections.abc import Callable, Mapping
from typing import Any

from provisioner.address import fold
from provisioner.diagnostics import (
    Diagnostic,
    RejectedError,
    RunStoppedError,
    TargetError,
    UnansweredError,
)
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.lists import Row, read_pages
from provisioner.liveagent.rows.row_parts import Part

CONFLICT_STATUSES = {200, 400, 409, 422}
"""What a creation is declined with where a deleted account holds the email (I)."""

TAKEN = ("email", "exist", "delet")
"""One of these words is in the message then (I); another refusal must not bring an account back."""


class Creation:
    """Creates objects in one account, from several threads at once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def role(self, values: Mapping[str, Any]) -> Row:
        """Create a custom role."""
        return self._once(
            "/roles",
            "id",
            values,
            lambda: self._named("/roles", "id", values["name"], row_shapes.ROLE),
        )

    def department(self, values: Mapping[str, Any]) -> Row:
        """Create a department."""
        path, identity = "/departments", "department_id"
        shape = row_shapes.WHOLE_DEPARTMENT
        return self._once(
            path, identity, values, lambda: self._named(path, identity, values["name"], shape)
        )

    def agent(self, fields: Mapping[str, Any]) -> Row:
        """Create an agent, or restore the deleted account that holds the email."""
        try:
            return self._once("/agents", "id", fields, lambda: self._agent(fields["email"]))
        except RejectedError as refusal:
            said = str(refusal).lower()
            if refusal.status not in CONFLICT_STATUSES or not any(word in said for word in TAKEN):
                raise
            try:
                return self.restored({"email": fields["email"]}, fields)
            except RejectedError:
                raise refusal from None

    def restored(self, key: Mapping[str, Any], fields: Mapping[str, Any]) -> Row:
        """Undelete an account and update it: there is one account per email.

        Args:
            key: the `id`, the `email` or both of the deleted account.
            fields: of Agent, that are to be set.
        """
        row = self._once("/agents/undelete", "id", key, lambda: self._agent(fields["email"]))
        path = f"/agents/{quoted(row['id'])}"
        try:
            self._client.call("PUT", path, body={**row, **fields})
        except TargetError as error:
            error.uncertain = True  # the account has come back, whatever it holds
            raise
        return row

    def _once(
        self, path: str, identity: str, body: Mapping[str, Any], find: Callable[[], Row | None]
    ) -> Row:
        """Make a POST take effect once.

        Args:
            path: where to.
            identity: the field of the answer that holds the id.
            body: what to send.
            find: returns what the call makes, where that exists.

        Raises:
            TargetError: it did not take effect, or nobody knows.
        """
        maybe_done = False

        def attempt() -> Row:
            nonlocal maybe_done
            if maybe_done and (found := self._look(path, find)):
                return found
            try:
                row = self._client.call("POST", path, body=body).content
            except UnansweredError as error:
                maybe_done = maybe_done or error.sent
                raise
            except RejectedError:
                if maybe_done and (found := self._look(path, find)):
                    return found
                raise
            if has_id(row, identity):
                made: Row = row
                return made
            # The account says that it was done, and not which id it gave.
            try:
                found = self._look(path, find)
            except RunStoppedError:
                found = None
            if found is None:
                raise TargetError(_without_id(path, identity), uncertain=True)
            return found

        return self._client.retries.run(attempt, lambda error: error.sent)

    def _look(self, path: str, find: Callable[[], Row | None]) -> Row | None:
        try:
            return self._client.retries.until(
                f"what POST {path} may have made", find, lambda row: row is not None
            )
        except UnansweredError as error:
            finding = Diagnostic(
                code="maybe-created",
                summary=f"POST {path}: no answer came, and looking whether it took effect "
                f"failed: {error}",
                hint="run apply again: it looks before it creates anything",
            )
            raise TargetError(finding, uncertain=True) from error
        except TargetError as error:
            error.uncertain = True
            raise

    def _named(self, path: str, identity: str, name: str, shape: Part) -> Row | None:
        rows = read_pages(self._client, path, identity, shape)
        return next((row for row in rows if fold(str(row["name"])) == fold(name)), None)

    def _agent(self, email: str) -> Row | None:
        rows = read_pages(self._client, "/agents", "id", row_shapes.AGENT)
        return next(
            (
                row
                for row in rows
                if row.get("status") != codecs.DELETED
                and fold(str(row.get("email"))) == fold(email)
            ),
            None,
        )


def has_id(row: object, identity: str) -> bool:
    """Tell whether the answer to a creation holds the id of what was created."""
    return isinstance(row, dict) and row.get(identity) not in (None, "")


def _without_id(path: str, identity: str) -> Diagnostic:
    return Diagnostic(
        code="maybe-created",
        summary=f"POST {path}: the answer has no {identity}, and what it should have created is "
        "not in the account",
        hint="run apply again: it looks before it creates anything",
    )
