"""Learns from the answers to writes what the lists of API v3 do not show.

No list of API v3 has the built-in roles with their ids (U). The answer to a creation with
`role: agent` has the id of the default role.
"""

import threading
from collections.abc import Collection, Mapping
from typing import Any

from provisioner.address import fold
from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.live.recorded_facts import DEFAULT_ROLE, RecordedFacts
from provisioner.liveagent.rows.codecs import role_of
from provisioner.model.kinds import BUILT_IN_ROLES

NOT_OFFERED = frozenset({404, 405})
"""Statuses of `POST /agents` where the account creates no agents through its API (I)."""


class Learning:
    """Collects facts about one account, from several threads at once."""

    def __init__(self, known_role_ids: Collection[str]) -> None:
        """Begin without facts.

        Args:
            known_role_ids: the ids of roles with a known name; no answer gives them another name.
        """
        self._known = {*known_role_ids, *BUILT_IN_ROLES}
        self._default_role_ids: set[str] = set()
        self._creates_agents: bool | None = None
        self._new: dict[str, str] = {}
        self._restored: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def facts(self) -> RecordedFacts:
        """The facts so far. Answers that contradict each other give no fact."""
        with self._lock:
            ids = [*self._default_role_ids]
            return RecordedFacts(
                ids[0] if len(ids) == 1 else "",
                self._creates_agents,
                new_agents={email: {"id": id_, "steps": []} for email, id_ in self._new.items()},
            )

    @property
    def restored(self) -> Mapping[str, str]:
        """Folded email to id of the deleted agents whom creations restored."""
        with self._lock:
            return dict(self._restored)

    def learn_role(self, sent: Mapping[str, Any], answer: object, before: object = None) -> None:
        """Learn the id of the default role from the answer to a write with `role: agent`.

        Args:
            sent: the fields of the request. With a `roleId`, they show nothing.
            answer: the content of the answer.
            before: the `roleId` before the write. An unchanged one may be that of another role.
        """
        if not isinstance(answer, dict):
            return
        role_id = answer.get("roleId")
        if not role_id or not isinstance(role_id, str) or role_id == before:
            return
        asked = sent.get("role") == DEFAULT_ROLE and not sent.get("roleId")
        if asked and role_of(answer) == DEFAULT_ROLE and role_id not in self._known:
            with self._lock:
                self._default_role_ids.add(role_id)

    def creation_succeeded(self, email: str, agent_id: str) -> None:
        """Learn that the account creates agents, and that it has created this one."""
        with self._lock:
            self._creates_agents = True
            self._new[fold(email)] = agent_id

    def creation_restored(self, email: str, agent_id: str) -> None:
        """Learn that a creation was refused, and restored the deleted account with the email."""
        with self._lock:
            self._restored[fold(email)] = agent_id

    def creation_refused(self, refusal: RejectedError) -> RejectedError:
        """Return the error for a refused creation, and learn it if no creation can succeed."""
        if refusal.status not in NOT_OFFERED:
            return refusal
        with self._lock:
            self._creates_agents = False
        return RejectedError(
            Diagnostic(
                code="creation-refused",
                summary=f"{refusal}; this account creates no agents through its API",
                hint="create the agent in the panel; the next plan has a manual step for it, and "
                "apply does the rest. For other machines, add creates_agents: false to the facts "
                "of the target in capabilities.yaml",
            ),
            refusal.status,
        )

    def check_creation(self) -> None:
        """Check that no creation of this run was refused for good.

        Raises:
            RejectedError: one was; a further request would be refused, too.
        """
        if self.facts.creates_agents is False:
            raise self.creation_refused(_REFUSED_BEFORE)


_REFUSED_BEFORE = RejectedError(
    Diagnostic(code="creation-refused", summary="POST /agents was refused before"), 405
)
