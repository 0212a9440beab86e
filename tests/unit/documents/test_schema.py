import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provisioner.codes import CODES
from provisioner.diagnostics import Diagnostic, in_order
from provisioner.documents.document import Document
from provisioner.documents.schema import json_schema as schemas
from provisioner.documents.schema.json_schema import SchemaName, check
from provisioner.documents.schema.violation import KNOWN_RULES
from provisioner.documents.schema.wording import examples_in
from provisioner.documents.yaml.yaml_reader import read_yaml

STATE_HINT = (
    "write absent to delete the account, suspended to keep it without access, or remove the line"
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def checked(text: str, schema: SchemaName = "file") -> tuple[Document, list[str]]:
    [document], problems = read_yaml(text.encode(), "a.yaml")
    assert problems == []
    document, findings = check(document, schema)
    return document, [
        f"{one.span} {one.code}: {one.summary}" + (f" | {one.hint}" if one.hint else "")
        for finding in findings
        for one in in_order([finding])
    ]


def findings(text: str, schema: SchemaName = "file") -> list[str]:
    return checked(text, schema)[1]


CheckX = Callable[[dict[str, Any], object], Diagnostic]


@pytest.fixture
def check_x(monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckX]:
    """Check a value at the key `x` against rules of a made-up schema."""

    def check_value(rules: dict[str, Any], value: object) -> Diagnostic:
        identity = "https://provisioner.example/schemas/file.schema.json"
        schema = {"$schema": DIALECT, "$id": identity, "properties": {"x": rules}}
        monkeypatch.setattr(schemas, "schemas", lambda: {"file": schema})
        schemas._validator.cache_clear()
        [document], _ = read_yaml(json.dumps({"x": value}).encode(), "a.yaml")
        _, [finding] = check(document, "file")
        return finding

    yield check_value
    schemas._validator.cache_clear()


AGENT = "agents:\n- email: mia@acme.example\n  "


class TestFindings:
    def test_there_are_none_for_the_right_shape(self) -> None:
        document, found = checked(
            AGENT + "name: Mia\n  role: null\n  availability: {tickets: online, chats: null}\n"
            "  departments: {Support: {tickets: true}, Sales: {}}\nroles:\n"
        )
        assert found == []
        assert document.invalid == frozenset()

    def test_name_the_object_by_email_name_or_number(self) -> None:
        text = "agents: [{email: a@b.example, x: 1}, {name: Tom, email: [], x: 1}]\n"
        text += "roles: [{name: Lead, x: 1}, {name: [], x: 1}]\n"
        assert [line.split(":")[3].strip() for line in findings(text)] == [
            'agent "a@b.example"',
            'agent "Tom"',
            'agent "Tom"',
            'role "Lead"',
            "role 2",
            "role 2",
        ]

    def test_a_misspelt_key_is_not_missing_as_well(self) -> None:
        assert findings("roles: [{nmae: Lead}]\n") == [
            'a.yaml:1:10 unknown-key: role 1: unknown key "nmae" | did you mean "name"?'
        ]

    def test_a_missing_key_is_missing_beside_a_strange_one(self) -> None:
        assert [line.split()[1] for line in findings("roles: [{permission: {}}]\n")] == [
            "unknown-key:",
            "missing-key:",
        ]

    def test_one_value_has_one_finding(self) -> None:
        assert len(findings(AGENT + 'name: ""\n')) == 1
        assert len(findings(AGENT + "state: null\n")) == 1

    def test_a_mistake_behind_an_anchor_is_one_finding(self) -> None:
        text = "agents:\n- {email: a@b.example, availability: &x {tickets: on, mail: 1}}\n"
        text += "- {email: b@b.example, availability: *x}\n" * 3
        document, found = checked(text)
        assert [line.split()[:4] for line in found] == [
            ["a.yaml:2:55", "unknown-key:", "agent", '"a@b.example":'],
            ["a.yaml:2:51", "invalid-value:", "agent", '"a@b.example":'],
        ]
        assert len(document.invalid) == 4

    def test_each_missing_key_is_named(self) -> None:
        text = "targets: {a: {}, b: {url: 'https://acme.ladesk.com'}}\n"
        assert [line.split(" | ")[0] for line in findings(text, "provisioner")] == [
            'a.yaml:1:14 missing-key: target "a": the key "api_key" is missing',
            'a.yaml:1:14 missing-key: target "a": the key "url" is missing',
            'a.yaml:1:21 missing-key: target "b": the key "api_key" is missing',
        ]

    def test_mark_the_items_that_are_wrong(self) -> None:
        document, _ = checked("agents: [{email: a@b.example}, 1, {x: 1}]\nroles: text\n")
        assert document.invalid == {("agents", 1), ("agents", 2), ("roles",)}

    def test_an_unknown_top_level_key_marks_no_item(self) -> None:
        document, found = checked("agent: []\n")
        assert document.invalid == frozenset()
        assert found == ['a.yaml:1:1 unknown-key: unknown key "agent" | did you mean "agents"?']

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("name: 12", "name must be text, not a number | put it in quotes"),
            ("name: true", "name must be text, not true | put it in quotes"),
            ("role: {}", "role must be text, not a mapping | write one text after the colon"),
            (
                "departments: {Support: {tickets: maybe}}",
                "departments.Support.tickets must be true or false, not text | write true or false",
            ),
            (
                'departments: {"Level 2": {tickets: off}}',
                'departments."Level 2".tickets must be true or false, not text | write false',
            ),
            ("departments: {'': {}}", 'the key "" can\'t be used in departments'),
            ("state: [absent]", f"state can't be a list | {STATE_HINT}"),
        ],
    )
    def test_say_what_was_expected_and_what_to_write(self, field: str, expected: str) -> None:
        [finding] = findings(AGENT + field + "\n")
        assert finding.split(": ", 1)[1] == f'agent "mia@acme.example": {expected}'

    def test_point_at_the_key_where_there_is_no_value(self) -> None:
        [finding] = findings(AGENT + "departments:\n    Support:\n")
        assert finding.startswith("a.yaml:4:5 null-not-allowed: ")

    def test_keep_long_values_short(self) -> None:
        [finding] = findings(AGENT + f"availability: {{tickets: {'x' * 500}}}\n")
        assert len(finding) < 200


class TestSecrets:
    SECRET = "s3cr3t"  # noqa: S105 - what must not be shown

    @pytest.mark.parametrize(
        "target",
        [
            f"{{url: 'https://a.example', api_key: {SECRET}}}",
            f"{{url: 'https://a.example', api_key: {{{SECRET}: x}}}}",
            f"{{url: 'https://a.example', api_key: {{env: '{SECRET} {SECRET}'}}}}",
            f"{{url: 'https://user:{SECRET}@a.example', api_key: {{env: KEY}}}}",
        ],
    )
    def test_are_never_shown(self, target: str) -> None:
        found = findings(f"targets:\n  production: {target}\n", "provisioner")
        assert len(found) == 1
        assert self.SECRET not in found[0]

    def test_in_the_place_of_a_key_s_name_have_their_own_code(self) -> None:
        text = f"targets: {{p: {{url: 'https://a.example', api_key: {self.SECRET}}}}}\n"
        [finding] = findings(text, "provisioner")
        assert " secret-in-project: " in finding


@pytest.mark.parametrize(
    ("rule", "limit", "value", "expected"),
    [
        ("maximum", 10, 11, "x is 11, but must be at most 10"),
        ("minimum", 1, 0, "x is 0, but must be at least 1"),
        ("minLength", 3, "ab", "x needs at least 3 characters"),
        ("maxLength", 3, "abcd", "x has 4 characters, at most 3 are allowed"),
        ("const", True, False, "x can't be false"),
        ("pattern", "^a$", "b", 'x is not valid: "b"'),
        ("type", "number", "1", "x must be a number, not text"),
        ("type", "array", 1, "x must be a list, not a number"),
        ("minProperties", 1, {}, "x is empty"),
        ("maxProperties", 1, {"a": 1, "b": 2}, "x has 2 keys (a, b), at most 1 allowed"),
        ("type", "string", None, "x has no value"),
        ("enum", [1, 2], {}, "x can't be a mapping"),
        ("multipleOf", 2, 3, "x is not valid: 3"),
        ("uniqueItems", True, [1, 1], "x has a duplicate"),
    ],
)
def test_every_rule_has_words(
    rule: str, limit: object, value: object, expected: str, check_x: CheckX
) -> None:
    assert check_x({rule: limit}, value).summary == expected


@pytest.mark.parametrize(
    ("rules", "hint"),
    [
        ({"type": "integer", "examples": [4]}, "write a value such as 4, or remove the line"),
        ({"type": "string"}, "write a value, or remove the line"),
        ({"type": "string", "x-hint": "write a name"}, "write a name"),
    ],
)
def test_null_is_explained_with_an_example(
    rules: dict[str, Any], hint: str, check_x: CheckX
) -> None:
    finding = check_x(rules, None)
    assert (finding.code, finding.hint) == ("null-not-allowed", hint)


def test_nested_lists_and_long_texts_can_be_named(check_x: CheckX) -> None:
    rules = {"items": {"properties": {"from": {"enum": ["a"]}}}}
    assert check_x(rules, [{}, {"from": "b" * 99}]).summary == f'x[1].from can\'t be "{"b" * 59}…"'


def test_missing_keys_show_how_to_write_them(check_x: CheckX) -> None:
    example = {"env": "KEY"}
    rules = {"required": ["key"], "properties": {"key": {"examples": [example]}}}
    assert check_x(rules, {}).hint == 'add a line such as "key: {env: KEY}"'


class TestSchemas:
    """The schema files themselves."""

    @staticmethod
    def subschemas(schema: Any) -> Any:
        if isinstance(schema, dict):
            yield schema
        children = [*schema.values()] if isinstance(schema, dict) else schema
        if isinstance(schema, dict) and "properties" in schema:
            children.remove(properties := schema["properties"])  # any key may be one of a schema
            children += properties.values()
        for child in children if isinstance(schema, dict | list) else ():
            yield from TestSchemas.subschemas(child)

    @pytest.fixture(params=sorted(schemas.schemas()))
    def schema(self, request: pytest.FixtureRequest) -> Any:
        return schemas.schemas()[request.param]

    def test_are_valid_and_so_are_their_examples(self, schema: Any) -> None:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - as in the program

        Draft202012Validator.check_schema(schema)
        name = next(name for name, other in schemas.schemas().items() if other is schema)
        validator = schemas._validator(name)
        for example in examples_in(schema):
            validator.validate(example)
        for part in self.subschemas(schema):
            for example in examples_in(part) if "title" in part else ():
                validator.evolve(schema=part).validate(example)

    def test_use_only_rules_that_have_words(self, schema: Any) -> None:
        structure = {"properties", "items", "propertyNames", "additionalProperties", "required"}
        structure |= {"$schema", "$id", "$defs", "$ref", "title", "description", "examples"}
        structure |= {"errorMessage", "patternErrorMessage", "doNotSuggest", "defaultSnippets"}
        structure |= {"label", "body"}  # of snippets
        structure |= {"x-default", "x-examples", "x-names"}
        structure |= {"not", "x-hint", "x-time", "x-code", "x-secret", "x-elsewhere", "x-foreign"}
        structure |= {"x-surface", "x-panel", "x-since", "x-shape", "x-each", "x-personal"}
        structure |= {"x-mark", "x-source", "x-switch", "x-when-wrong"}
        for part in self.subschemas(schema):
            if "description" in part and isinstance(part["description"], str):
                assert part.keys() <= structure | KNOWN_RULES

    def test_use_codes_that_exist(self, schema: Any) -> None:
        assert {part["x-code"] for part in self.subschemas(schema) if "x-code" in part} <= set(
            CODES
        )

    def test_forbid_what_they_do_not_know(self, schema: Any) -> None:
        for part in self.subschemas(schema):
            if part.get("type") == "object" and "$ref" not in part:
                assert "additionalProperties" in part

    def test_have_an_example_for_each_key_that_is_needed(self, schema: Any) -> None:
        for part in self.subschemas(schema):
            for key in part.get("required", ()):
                assert examples_in(part["properties"][key])
