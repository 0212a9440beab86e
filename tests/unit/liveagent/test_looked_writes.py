"""Writes that rely on a look, where tries of both fail."""

import math

import pytest

from provisioner.diagnostics import UnansweredError
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer, Slots
from provisioner.liveagent.http.sending import LookedAt
from tests.unit.liveagent.scripted import Reply, Request, scripted


def test_a_write_is_uncertain_if_the_run_stops_at_the_look_before_its_retry() -> None:
    """The first try may have taken effect; the look before the second gets no answer."""
    answers = {"GET": iter([200, 503]), "PUT": iter([503])}

    def answer(request: Request) -> Reply:
        return Reply({}, status=next(answers[request.method]))

    def sleep(_seconds: float) -> None:
        if len(seen) == len(("look", "write", "look")):
            pacer.stop()

    def prepare(_is_retry: bool) -> LookedAt:
        api.look("/agents/x", Slots())
        return LookedAt({}, math.inf, Slots())

    with scripted(answer) as (url, seen):
        pacer = Pacer(0, sleep=sleep)
        api = Client(url, "key", pacer=pacer)
        with pytest.raises(UnansweredError) as caught:
            api.write("PUT", "/agents/x", prepare)
        api.close()
    assert caught.value.uncertain
