"""The order of the keys of a mapping: that of the properties in its JSON Schema."""

from typing import Any, NamedTuple

from provisioner.documents.schema.json_schema import ENDING, SchemaName, schemas


class KeyOrder(NamedTuple):
    """The known order of keys of one value and of the values in it.

    Attributes:
        schema: the part of a schema that describes the value; empty for an unknown value.
        root: the whole schema, to which references without a file name refer.
    """

    schema: dict[str, Any]
    root: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        """The known keys in their order."""
        return [*self.schema.get("properties", {})]

    def of_key(self, name: str | None) -> "KeyOrder":
        """Return the order of the value of a key."""
        known = self.schema.get("properties", {})
        return self._resolved(known.get(name, self.schema.get("additionalProperties")))

    def of_item(self) -> "KeyOrder":
        """Return the order of the items of a list."""
        return self._resolved(self.schema.get("items"))

    def _resolved(self, part: Any) -> "KeyOrder":
        root = self.root
        while isinstance(part, dict) and "$ref" in part:
            file, _, pointer = part["$ref"].partition("#")
            root = schemas()[file.removesuffix(ENDING)] if file else root
            part = root
            for step in filter(None, pointer.split("/")):
                part = part[step]
        return KeyOrder(part if isinstance(part, dict) else {}, root)


def order_of(name: SchemaName) -> KeyOrder:
    """Return the order of a document."""
    schema = schemas()[name]
    return KeyOrder(schema, schema)
