"""Facts about an account from the answers to writes."""

from typing import Any

import pytest

from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.liveagent.learning import Learning

AGENT = {"id": "a1", "role": "agent", "roleId": "x1"}


@pytest.mark.parametrize(
    ("sent", "answer", "before", "learned"),
    [
        ({"role": "agent"}, AGENT, None, "x1"),
        ({"role": "agent", "roleId": ""}, AGENT, None, "x1"),
        ({"role": "agent"}, {"id": "a1", "roleId": "x1"}, None, "x1"),  # the model's default
        ({"role": "agent"}, AGENT, "x9", "x1"),
        ({"role": "agent"}, AGENT, "x1", ""),  # unchanged: it may be that of a custom role
        ({"role": "agent", "roleId": "x1"}, AGENT, None, ""),
        ({"role": "admin"}, AGENT, None, ""),
        ({}, AGENT, None, ""),
        ({"role": "agent"}, AGENT | {"role": "admin"}, None, ""),
        ({"role": "agent"}, AGENT | {"roleId": "agent"}, None, ""),  # the name needs no learning
        ({"role": "agent"}, AGENT | {"roleId": "lead1"}, None, ""),  # known as a custom role
        ({"role": "agent"}, AGENT | {"roleId": None}, None, ""),
        ({"role": "agent"}, AGENT | {"roleId": 5}, None, ""),
        ({"role": "agent"}, {"role": "agent"}, None, ""),
        ({"role": "agent"}, None, None, ""),
        ({"role": "agent"}, "OK", None, ""),
    ],
)
def test_the_default_role(
    sent: dict[str, Any], answer: object, before: object, learned: str
) -> None:
    learning = Learning(["lead1"])
    learning.learn_role(sent, answer, before)
    assert learning.facts.default_role_id == learned


def test_answers_that_contradict_each_other_give_no_fact() -> None:
    learning = Learning([])
    for role_id in ("x1", "x1", "x2", "x1"):
        learning.learn_role({"role": "agent"}, AGENT | {"roleId": role_id})
    assert learning.facts.default_role_id == ""


@pytest.mark.parametrize(
    ("status", "creates"), [(404, False), (405, False), (400, None), (403, None), (409, None)]
)
def test_only_a_missing_path_or_method_refuses_creations_for_good(
    status: int, creates: bool | None
) -> None:
    learning = Learning([])
    refusal = RejectedError(Diagnostic(code="target-error", summary="no"), status)
    error = learning.creation_refused(refusal)
    assert learning.facts.creates_agents is creates
    assert (error is refusal) is (creates is None)
    if creates is False:
        with pytest.raises(RejectedError, match="refused before"):
            learning.check_creation()
    else:
        learning.check_creation()
