from textwrap import dedent

import pytest

from provisioner.documents import Document, DocumentPath
from provisioner.documents.yaml.yaml_reader import read_yaml

TEXT = """\
    agents:
      - email: mia.chen@acme.example
        departments:
          Support: {tickets: true}
        role:
      - just text
    """


@pytest.fixture(scope="module")
def document() -> Document:
    [document], _ = read_yaml(dedent(TEXT).encode(), "team/agents.yaml")
    return document


@pytest.mark.parametrize(
    ("path", "place", "key_place"),
    [
        ((), "1:1", "1:1"),
        (("agents",), "2:3", "1:1"),
        (("agents", 0), "2:5", "2:5"),
        (("agents", 0, "email"), "2:12", "2:5"),
        (("agents", 0, "departments", "Support", "tickets"), "4:26", "4:17"),
        (("agents", 0, "role"), "5:10", "5:5"),
        (("agents", 1), "6:5", "6:5"),
    ],
)
def test_every_value_and_key_has_a_place(
    document: Document, path: DocumentPath, place: str, key_place: str
) -> None:
    assert str(document.span(path)) == f"team/agents.yaml:{place}"
    assert str(document.span(path, key=True)) == f"team/agents.yaml:{key_place}"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("roles",), "1:1"),
        (("agents", 7), "2:3"),
        (("agents", -1), "2:3"),
        (("agents", "email"), "2:3"),
        (("agents", 0, "name"), "2:5"),
        (("agents", 0, "departments", "Sales", "tickets"), "4:7"),
        (("agents", 0, "email", 0), "2:12"),
        (("agents", 0, "role", "x", "y"), "5:10"),
    ],
)
def test_what_is_missing_has_the_place_of_its_nearest_parent(
    document: Document, path: DocumentPath, place: str
) -> None:
    assert str(document.span(path)) == f"team/agents.yaml:{place}"
    assert str(document.span(path, key=True)) == f"team/agents.yaml:{place}"
