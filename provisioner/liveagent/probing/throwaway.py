"""Creates and removes the throwaway agent of a probe; no account of a person is ever touched."""

from collections.abc import Mapping
from typing import Any

from provisioner.address import fold
from provisioner.diagnostics import (
    Diagnostic,
    RefusedError,
    RejectedError,
    TargetError,
    UnansweredError,
)
from provisioner.liveagent.creation import TAKEN
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.probing.findings import PROBE_NAME, ProbedAgent, RawLists, new_agent
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.row_checks import Row

NO_CREATION = frozenset({404, 405})
"""The statuses of an account without `POST /agents` (I)."""


class NoCreationError(TargetError):
    """The account does not create agents."""


class LeftoverError(TargetError):
    """The throwaway agent may still exist."""

    exit_code = 4


class ThrowawayAgents:
    """The throwaway agents of an account, all of them with the same email.

    Attributes:
        email: the email.
        lists: reads the lists of the account.
        may_exist: whether there may be an agent to remove.
    """

    def __init__(self, client: Client, email: str, known_id: str) -> None:
        """Prepare an agent.

        `known_id` is the id that an earlier probe has recorded for this email; "" for none.
        """
        self._client = client
        self.email = email
        self.lists = RawLists(client)
        self.may_exist = False
        self._known_id = known_id

    def obtain(self) -> ProbedAgent:
        """Return the agent: left by an earlier probe, restored, or created.

        Raises:
            RefusedError: the email belongs to an account that no probe has made.
            NoCreationError: the account does not create agents.
        """
        row = self.find()
        if row is not None and row.get("name") != PROBE_NAME:
            raise RefusedError(_of_a_person(self.email))
        if row is not None and row.get("status") != codecs.DELETED:
            self.may_exist = True
            return ProbedAgent(str(row["id"]), self.email, is_new=False)
        known_id = str(row["id"]) if row else self._known_id
        return self._restored(known_id) if known_id else self._created()

    def find(self) -> Row | None:
        """Return the row of the email in the list of agents, or None."""
        rows = self.lists.rows("/agents")
        return next((row for row in rows if fold(str(row.get("email"))) == fold(self.email)), None)

    def await_listed(self) -> Row | None:
        """Return the row of the email once the list of agents shows it, or None."""
        return self._client.retries.poll(
            "the agent of the probe", self.find, lambda row: row is not None
        )

    def undelete(self, body: Mapping[str, Any]) -> None:
        """Undelete the agent.

        Raises:
            TargetError: the account refused it.
        """
        self.may_exist = True
        self._client.call("POST", "/agents/undelete", body=body)

    def remove(self, agent_id: str | None) -> None:
        """Delete the agent; without an id, the one that the list shows under email and name.

        A 404 alone is no proof: an account may show a new agent late, and then delete it nowhere.

        Raises:
            TargetError: it may still exist.
        """
        if agent_id is None:
            row = self.await_listed()
            if row is None or not _is_living_probe(row):
                self.may_exist = False
                return
            agent_id = str(row["id"])
        path = f"/agents/{quoted(agent_id)}"
        is_deleted = self._client.retries.poll(
            "the removal of the agent", lambda: self._deletes(path), lambda done: done
        )
        if not is_deleted and (row := self.find()) and _is_living_probe(row):
            raise TargetError(_not_removed(self.email))
        self.may_exist = False

    def _deletes(self, path: str) -> bool:
        """Delete an agent and return whether the account had it."""
        try:
            self._client.call("DELETE", path)
        except RejectedError as error:
            if error.status not in GONE:
                raise
            return False
        return True

    def _restored(self, agent_id: str) -> ProbedAgent:
        agent = ProbedAgent(agent_id, self.email, is_new=False)
        self.undelete(agent.body())
        try:
            row = self._client.call("GET", f"/agents/{quoted(agent_id)}").content
        except BaseException:
            self.remove(agent_id)
            raise
        if not isinstance(row, dict) or row.get("name") != PROBE_NAME:
            self.remove(agent_id)
            raise RefusedError(_of_a_person(self.email))
        return agent

    def _created(self) -> ProbedAgent:
        body = new_agent(self.email)
        answer: object = None
        self.may_exist = True
        try:
            answer = self._client.call("POST", "/agents", body=body).content
        except UnansweredError as error:
            if not error.sent:
                raise
        except TargetError as error:
            if error.status in NO_CREATION:
                self.may_exist = False
                raise NoCreationError(*error.diagnostics) from error
            if not isinstance(error, RejectedError):
                raise
            self.may_exist = False
            if any(word in str(error).lower() for word in TAKEN):
                raise RefusedError(_of_a_person(self.email)) from error
            raise
        agent_id = answer.get("id") if isinstance(answer, dict) else None
        if not agent_id:
            row = self.await_listed()
            if row is None:
                raise TargetError(_not_found(self.email))
            agent_id = row["id"]
        await_shown(self._client, f"/agents/{quoted(agent_id)}")
        return ProbedAgent(str(agent_id), self.email, is_new=True)


def _is_living_probe(row: Row) -> bool:
    return row.get("name") == PROBE_NAME and row.get("status") != codecs.DELETED


def _not_removed(email: str) -> Diagnostic:
    return Diagnostic(
        code="target-error",
        summary=f"the account does not delete the agent {email}, but lists it",
    )


def _of_a_person(email: str) -> Diagnostic:
    return Diagnostic(
        code="probe-agent",
        summary=f"the email {email} belongs to an account that no probe has made, perhaps to a "
        "deleted one",
        hint="name an email with --agent that no account has ever had",
    )


def await_shown(client: Client, path: str) -> None:
    """Wait until the account shows a new object; it may answer 404 for a while."""

    def is_shown() -> bool:
        try:
            client.call("GET", path)
        except RejectedError as error:
            if error.status not in GONE:
                raise
            return False
        return True

    client.retries.poll(f"the new object at {path}", is_shown, lambda shown: shown)


def leftover(email: str, reason: str) -> Diagnostic:
    """Return the error that the throwaway agent may still exist."""
    return Diagnostic(
        code="probe-leftover",
        summary=f"the throwaway agent {email} may still exist: {reason}",
        hint=f'run the probe again, or delete "{PROBE_NAME}" in the panel',
    )


def _not_found(email: str) -> Diagnostic:
    return Diagnostic(
        code="maybe-created",
        summary=f"POST /agents: no usable answer came, and no list shows an agent {email}",
        hint="run the probe again: it looks before it creates anything",
    )
