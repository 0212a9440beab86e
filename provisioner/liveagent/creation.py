"""Creates objects exactly once.

A creation that got no answer may have taken effect, so the object is searched by its identity
before the creation is retried. No creation may be retried without that search.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
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
from provisioner.liveagent.learning import Learning
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.lists import read_pages
from provisioner.liveagent.rows.row_checks import Row, RowCheck

CONFLICT_STATUSES = {200, 400, 409, 422}
"""The statuses of a declined creation where a deleted account holds the email (I)."""

TAKEN = ("email", "exist", "delet")
"""One of these words is in the account's reason then (I). Any other reason must not restore an
account, unless the account is known to give none."""


class ObjectCreator:
    """Creates objects in one account, from several threads at once; returns their ids."""

    def __init__(self, client: Client, learning: Learning) -> None:
        self._client = client
        self._learning = learning

    def create_role(self, values: Mapping[str, Any]) -> str:
        """Create a custom role."""
        return self._create_named("/roles", "id", values, row_shapes.ROLE)

    def create_department(self, values: Mapping[str, Any]) -> str:
        """Create a department."""
        shape = row_shapes.WHOLE_DEPARTMENT
        return self._create_named("/departments", "department_id", values, shape)

    def create_agent(self, fields: Mapping[str, Any]) -> Row:
        """Create an agent, or restore the deleted account that holds the email.

        Returns:
            The agent as the account shows it.
        """
        self._learning.check_creation()
        find = partial(self._find_agent, fields["email"])
        try:
            row = self._post_once("/agents", "id", fields, find)
        except RejectedError as refusal:
            if not self._may_be_taken(refusal):
                raise self._learning.creation_refused(refusal) from refusal
            try:
                row = self.restore_agent(fields)
            except RejectedError as other:
                if other.uncertain:  # it was restored, and its fields were refused
                    raise
                raise _refused_twice(refusal, other) from other
            self._learning.creation_restored(fields["email"], str(row["id"]))
        else:
            self._learning.creation_succeeded(fields["email"], str(row["id"]))
            self._learning.learn_role(fields, row)
        return row

    def _may_be_taken(self, refusal: RejectedError) -> bool:
        """Return whether a creation may be refused because a deleted account has the email."""
        names_reason: bool = self._client.capabilities["email_conflict_reason"]
        reason = str(refusal).lower()
        is_named = any(word in reason for word in TAKEN)
        return refusal.status in CONFLICT_STATUSES and (is_named or not names_reason)

    def restore_agent(self, fields: Mapping[str, Any], agent_id: str = "") -> Row:
        """Undelete an account and update it: an email has one account (D).

        Args:
            fields: the fields of Agent to set.
            agent_id: the id of the deleted account; "" if it is not known.

        Returns:
            The agent as the account shows it.
        """
        find = partial(self._find_agent, fields["email"])
        key = codecs.undelete_body(fields, agent_id)
        row = self._post_once("/agents/undelete", "id", key, find)
        path = f"/agents/{quoted(row['id'])}"
        try:
            body = codecs.body({**row, **fields})
            answer = self._client.retries.until_found(
                path, lambda: self._client.call("PUT", path, body=body)
            )
        except TargetError as error:
            error.uncertain = True  # the account is restored, with or without the fields
            raise
        self._learning.learn_role(fields, answer.content, row.get("roleId"))
        return {**row, **answer.content} if isinstance(answer.content, dict) else row

    def _create_named(
        self, path: str, identity: str, values: Mapping[str, Any], shape: RowCheck
    ) -> str:
        find = partial(self._find_by_name, path, identity, values["name"], shape)
        return str(self._post_once(path, identity, values, find)[identity])

    def _post_once(
        self, path: str, identity: str, body: Mapping[str, Any], find: Callable[[], Row | None]
    ) -> Row:
        """Make a POST take effect exactly once, and return the row of the new object.

        Args:
            path: the path of the request.
            identity: the field of the answer that holds the id.
            body: the body of the request.
            find: returns the row of the new object, or None if it does not exist.

        Raises:
            TargetError: it did not take effect, or may not have.
        """
        maybe_created = False

        def attempt() -> Row:
            nonlocal maybe_created
            if maybe_created and (existing := self._find_repeatedly(path, find)):
                return existing
            try:
                row = self._client.call("POST", path, body=codecs.body(body)).content
            except UnansweredError as error:
                maybe_created = maybe_created or error.sent
                raise
            except RejectedError:
                if maybe_created and (existing := self._find_repeatedly(path, find)):
                    return existing
                raise
            if has_id(row, identity):
                created: Row = row
                return created
            # The account reports success without the id of the new object.
            try:
                existing = self._find_repeatedly(path, find)
            except RunStoppedError:
                existing = None
            if existing is None:
                raise TargetError(_without_id(path, identity), uncertain=True)
            return existing

        return self._client.retries.run(attempt, lambda error: error.sent)

    def _find_repeatedly(self, path: str, find: Callable[[], Row | None]) -> Row | None:
        try:
            return self._client.retries.poll(
                f"the new object of POST {path}", find, lambda row: row is not None
            )
        except UnansweredError as error:
            diagnostic = Diagnostic(
                code="maybe-created",
                summary=f"POST {path}: no answer came, and looking whether it took effect "
                f"failed: {error}",
                hint="running it again is safe: it looks before it creates anything",
            )
            raise TargetError(diagnostic, uncertain=True) from error
        except TargetError as error:
            error.uncertain = True
            raise

    def _find_by_name(self, path: str, identity: str, name: str, shape: RowCheck) -> Row | None:
        rows = read_pages(self._client, path, identity, shape)
        return next((row for row in rows if fold(str(row["name"])) == fold(name)), None)

    def _find_agent(self, email: str) -> Row | None:
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
    """Return whether the answer to a creation holds the id of the new object."""
    return isinstance(row, dict) and row.get(identity) not in (None, "")


def _refused_twice(creation: RejectedError, restore: RejectedError) -> RejectedError:
    """Return the error for an email that can be neither created nor restored."""
    diagnostic = replace(
        creation.diagnostics[0],
        summary=f"{creation}; restoring the deleted account was refused, too: {restore}",
        hint="look in the panel which account holds the email, and restore it there",
    )
    return RejectedError(diagnostic, creation.status)


def _without_id(path: str, identity: str) -> Diagnostic:
    return Diagnostic(
        code="maybe-created",
        summary=f"POST {path}: the answer has no {identity}, and what it should have created is "
        "not in the account",
        hint="running it again is safe: it looks before it creates anything",
    )
