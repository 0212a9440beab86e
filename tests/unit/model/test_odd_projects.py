"""Whatever the files hold, checking them ends with findings, never with an exception."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.app.open_project import validate
from provisioner.diagnostics import has_errors
from provisioner.documents.schema.json_schema import schemas
from provisioner.documents.schema.wording import examples_in
from tests.effort import examples

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, "", " ", "x", "tier1", "Support", "owner", "\u0000", "a" * 300),
        *([], {}, [1], [[]], ["x"], {"x": None}, {"file": 1}, {"file": ".."}, {"file": "x\u0000"}),
    ]
)
NAMES = st.sampled_from(["tier1", "Tier1", "tier2", "Support", "support", "Sales", "Lead", "agent"])


def near(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a schema means, and now and then something else in their place."""
    if "$ref" in schema:
        file, _, pointer = schema["$ref"].partition("#")
        root = schemas()[file.removesuffix(".schema.json")] if file else root
        target: Any = root
        for step in filter(None, pointer.split("/")):
            target = target[step]
        return near({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, root)
    good = [st.just(value) for value in examples_in(schema)]
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if "object" in kinds:
        parts = {name: near(part, root) for name, part in schema.get("properties", {}).items()}
        good.append(st.fixed_dictionaries({}, optional=parts))
        if isinstance(entry := schema.get("additionalProperties"), dict):
            good.append(st.dictionaries(NAMES, near(entry, root), max_size=3))
    if "array" in kinds:
        good.append(st.lists(near(schema["items"], root), max_size=3))
    if "string" in kinds:
        good.append(NAMES)
    if "enum" in schema:
        good.append(st.sampled_from(schema["enum"]))
    return st.one_of(*good, *good, ODD) if good else ODD


def items(kind: str) -> st.SearchStrategy[Any]:
    schema = schemas()[kind]
    parts = {name: near(part, schema) for name, part in schema["properties"].items()}
    identity = "email" if kind == "agent" else "name"
    del parts[identity]
    names = NAMES.map(lambda name: f"{name}@acme.example") if kind == "agent" else NAMES
    return st.fixed_dictionaries({identity: names | ODD}, optional=parts) | ODD


FILES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        f"{kind}s": st.lists(items(kind), max_size=4) | ODD
        for kind in ("agent", "role", "department", "profile")
    },
)
CONFIGS = near(schemas()["provisioner"], schemas()["provisioner"])
# Deferred, since the text of such large strategies is costly.
DEFERRED_FILES: st.SearchStrategy[Any] = st.deferred(lambda: FILES)
DEFERRED_CONFIGS: st.SearchStrategy[Any] = st.deferred(lambda: CONFIGS)


@settings(max_examples=examples(75), deadline=None, suppress_health_check=list(HealthCheck))
@given(DEFERRED_FILES, DEFERRED_FILES, DEFERRED_CONFIGS)
def test_checking_never_fails(base: Any, overlay: Any, config: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "targets/production").mkdir(parents=True)
        for name, content in (
            ("a.yaml", base),
            ("targets/production/b.yaml", overlay),
            ("provisioner.yaml", config),
        ):
            (root / name).write_text(json.dumps(content), "utf-8")
        project = validate(root)
        assert all(str(finding.summary) for finding in project.findings)
        if not has_errors(project.findings):
            assert project.desired_for("production") is not None


SHAPES: dict[str, list[Any]] = {
    "each_service": ["offline", None, {"x": 1}, [], 1],
    "each_department": [{"chats": True}, None, "x", [], {"chats": "x"}],
    "availability": ["online", None, {"tickets": "online"}, [], {"tickets": {}}],
    "departments": ["Support", None, {"Support": None}, ["Support"], {"Support": "x"}],
    "notifications": ["x", None, {"email": "x"}, {"slack": []}, {"slack": {"user": {}}}],
    "hours": ["x", None, {}, [{}], [{"days": "mon"}]],
    "chat": [3, None, {"max_load": {}}, []],
    "extends": ["other", None, {"other": 1}, [1, None, ["x"]]],
    "signature": [1, None, {"file": None}, ["x"], {"file": {"x": 1}}],
    "photo": [1, None, {"file": "x"}, ["x"]],
    "role": [1, None, {"x": 1}, ["admin"]],
    "to_solve_only": ["yes", None, {}, 1],
    "sounds": ["muted", None, {"a": {}}, ["x"]],
    "level": [1, None, {}, []],
}


@pytest.mark.parametrize("field", SHAPES)
def test_layers_of_different_shapes_are_findings(tmp_path: Path, field: str) -> None:
    """A profile, an agent and an overlay that each give a field in another shape."""
    for number, lower in enumerate(SHAPES[field]):
        for upper in SHAPES[field]:
            base = {
                "profiles": [{"name": "other"}, {"name": "p", field: lower}],
                "agents": [{"email": "a@acme.example", "extends": ["p"], field: upper}],
                "departments": [{"name": "Support"}],
            }
            over = {"agents": [{"email": "a@acme.example", field: lower}]}
            folder = tmp_path / str(number)
            (folder / "targets/sandbox").mkdir(parents=True, exist_ok=True)
            (folder / "a.yaml").write_text(json.dumps(base), "utf-8")
            (folder / "targets/sandbox/b.yaml").write_text(json.dumps(over), "utf-8")
            assert validate(folder).findings is not None


def test_each_service_beside_a_text_names_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "profiles: [{name: p, each_service: offline}]\n"
        "agents: [{email: a@acme.example, extends: [p], availability: online}]\n",
        "utf-8",
    )
    [finding] = validate(tmp_path).findings
    assert (str(finding.span), finding.code) == ("a.yaml:2:62", "wrong-type")
