"""The documents are current, and the server keeps to them."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from provisioner.sandbox.call import Operation
from provisioner.sandbox.openapi import document as openapi
from provisioner.sandbox.routes import SURFACES, Surface, operations
from provisioner.sandbox.switches import Switches
from tests.effort import LONGEST_SECONDS, SOAK
from tests.sandbox.api import KEY, Api, Start

FOLDER = Path(__file__).parents[2] / "schemas" / "openapi"


@pytest.mark.parametrize("surface", SURFACES)
def test_the_written_documents_are_current(surface: Surface, tmp_path: Path) -> None:
    openapi.write(tmp_path)
    written = (FOLDER / f"{surface}.json").read_text(encoding="utf-8")
    assert written == (tmp_path / f"{surface}.json").read_text(encoding="utf-8"), (
        "run: python -m provisioner.sandbox.openapi schemas/openapi"
    )


def test_a_sandbox_serves_the_document_of_its_surface(start: Start) -> None:
    for surface in SURFACES:
        api = start(surface=surface)
        assert api.get("/openapi.json") == openapi.document(surface, Switches())


def test_a_switched_operation_is_described_only_where_it_is_on() -> None:
    path = "/agents/_by_email"
    assert path not in openapi.document("v3", Switches())["paths"]
    assert path in openapi.document("v3", Switches(agents_by_email=True))["paths"]


def test_an_operation_of_both_surfaces_is_described_alike() -> None:
    v3, full = (openapi.document(surface, Switches()) for surface in ("v3", "full"))
    for path, described in v3["paths"].items():
        assert {**full["paths"][path], **described} == full["paths"][path]
    for kind, parts in v3.get("components", {}).items():
        assert {**full["components"][kind], **parts} == full["components"][kind]


def test_every_operation_but_the_public_ones_needs_a_valid_key(api: Api) -> None:
    with requests.Session() as session:
        for operation in operations("full", Switches()):
            url = f"{api.sandbox.url}/api/v3" + re.sub(r"{\w+}", "1", operation.path)
            for headers in ({}, {"apikey": "wrong"}):
                response = session.request(
                    operation.method, url, headers=headers, timeout=LONGEST_SECONDS
                )
                assert (response.status_code == 403) is not operation.public, operation.path


# The full surface holds the operations of v3 as they are. `make soak` tries them on both.
TRIED: tuple[Surface, ...] = ("v3", "full") if SOAK else ("full",)

# Random ids seldom exist, and invalid requests seldom get beyond the check of their values. So most
# examples are valid requests for objects that exist. `make soak` tries a hundred times as many.
TIMES = 100 if SOAK else 1
VALID, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


# One shrunk finding names one operation; a run over all of them would hide the others behind it.
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("surface", "operation"),
    [
        pytest.param(surface, operation, id=f"{surface}-{operation.method}-{operation.path}")
        for surface in TRIED
        for operation in operations(surface, Switches())
    ],
)
def test_the_server_answers_as_its_document_says(
    start: Start, surface: Surface, operation: Operation
) -> None:
    api = start(surface=surface)
    known = _known_ids(api)
    with requests.Session() as session:
        session.trust_env = False  # else requests looks for proxies before each request

        def run(mode: GenerationMode, number: int, ids: Mapping[str, str | int]) -> None:
            described = _schema(surface)[operation.path][operation.method]

            @given(case=described.as_strategy(generation_mode=mode))
            @settings(
                max_examples=number * TIMES,
                phases=[Phase.explicit, Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )
            def send(case: schemathesis.Case[Any]) -> None:
                case.path_parameters.update(
                    {name: ids[name] for name in case.path_parameters if name in ids}
                )
                url = f"{api.sandbox.url}/api/v3"
                case.call_and_validate(url, session=session, timeout=LONGEST_SECONDS)

            send()

        if operation.body or operation.form:
            run(VALID, 7, known)
            run(INVALID, 3, known)
        elif operation.query:
            run(VALID, 2, known)
            run(INVALID, 2, known)
        else:
            run(VALID, 1, known)
        if "{" in operation.path:
            run(VALID, 1, {})
            run(INVALID, 1, {})


@functools.cache
def _schema(surface: Surface) -> schemathesis.BaseSchema:
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"allow-extra-parameters": False},
            "auth": {"openapi": {"apikey": {"api_key": KEY}}},
            "checks": {
                # LiveAgent answers 400 also where the state of the account forbids a valid request.
                "positive_data_acceptance": {"enabled": False},
                # It repeats each request without a key; the test of keys does so once.
                "ignored_auth": {"enabled": False},
            },
        }
    )
    return schemathesis.openapi.from_dict(openapi.document(surface, Switches()), config=config)


def _known_ids(api: Api) -> dict[str, str | int]:
    """Find ids that exist, so that not every request ends in 404."""
    agent = api.agent("Mia Chen")
    file = {"file": ("mia.png", b"\x89PNG", "image/png")}
    return {
        "agentId": agent["id"],
        "departmentId": "default",
        "deviceId": api.get("/devices")[0]["id"],
        "apikeyId": api.get("/apikeys")[0]["id"],
        "userId": agent["id"],
        "phoneId": api.get("/phones")[0]["id"],
        "fileId": api.send("POST", "/files", files=file).json()["id"],
        "extensionId": api.get("/extensions")[0]["id"],
    }
