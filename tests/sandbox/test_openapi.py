"""The documents are current, and the server keeps to them."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from provisioner.sandbox.openapi import document as openapi
from provisioner.sandbox.routes import SURFACES, Surface, operations
from provisioner.sandbox.switches import Switches
from tests.effort import LONGEST_SECONDS, SOAK, examples
from tests.sandbox.api import Api, Start

FOLDER = Path(__file__).parents[2] / "schemas" / "openapi"
EXAMPLES = examples(12)


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


# The full surface holds the operations of v3 as they are. `make soak` tries them on both.
TRIED: tuple[Surface, ...] = ("v3", "full") if SOAK else ("full",)


# One shrunk finding names one operation; a run over all of them would hide the others behind it.
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("surface", "method", "path"),
    [
        (surface, operation.method, operation.path)
        for surface in TRIED
        for operation in operations(surface, Switches())
    ],
)
def test_the_server_answers_as_its_document_says(
    start: Start, surface: Surface, method: str, path: str
) -> None:
    api = start(surface=surface)
    known = _known_ids(api)
    operation = _schema(api)[path][method]
    cases = st.one_of(
        operation.as_strategy(),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @given(case=cases, on_known=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: schemathesis.Case[Any], *, on_known: bool) -> None:
        if on_known:
            case.path_parameters.update(
                {name: known[name] for name in case.path_parameters if name in known}
            )
        case.call_and_validate(timeout=LONGEST_SECONDS)

    run()


def _schema(api: Api) -> schemathesis.BaseSchema:
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"allow-extra-parameters": False},
            "auth": {"openapi": {"apikey": {"api_key": api.key}}},
            # LiveAgent answers 400 also where the state of the account forbids a valid request.
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )
    return schemathesis.openapi.from_url(f"{api.sandbox.url}/api/v3/openapi.json", config=config)


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
