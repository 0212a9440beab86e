"""Makes the schemas of the OpenAPI documents from models, fields and enumerations."""

from collections.abc import Iterable, Iterator

from provisioner.sandbox.call import Shape
from provisioner.sandbox.fields import Choices, Field, JsonObject, Model

Component = Model | Choices


def components(shapes: Iterable[Shape]) -> Iterator[Component]:
    """Yield every model and enumeration of some shapes, including those inside of others."""
    for shape in shapes:
        if isinstance(shape, Model):
            yield shape
            yield from components(shape.fields)
            continue
        if shape.choices:
            yield shape.choices
        if shape.items:
            yield from components([shape.items])


def component_schema(component: Component) -> JsonObject:
    """Return the schema that other schemas refer to by the component's name."""
    if isinstance(component, Choices):
        return {"type": "string", "enum": list(component.words)}
    schema: JsonObject = {
        "type": "object",
        "properties": {field.name: field_schema(field) for field in component.fields},
    }
    required = [field.name for field in component.fields if field.required]
    return schema | {"required": required} if required else schema


def reference(component: Component) -> JsonObject:
    """Return a schema that refers to a component."""
    return {"$ref": f"#/components/schemas/{component.name}"}


def shape_schema(shape: Shape) -> JsonObject:
    """Return the schema of a model or of a field."""
    return reference(shape) if isinstance(shape, Model) else field_schema(shape)


def field_schema(field: Field) -> JsonObject:
    """Return the schema of a field, without its name."""
    schema = _type(field)
    described = {
        "description": field.help or None,
        "default": field.default,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "maxLength": field.max_length or None,
        "pattern": f"^{field.pattern}$" if field.pattern else None,
    }
    present = {name: value for name, value in described.items() if value is not None}
    # Many generators ignore what is beside a reference.
    return {"allOf": [schema], **present} if present and "$ref" in schema else schema | present


def _type(field: Field) -> JsonObject:
    component = field.choices or (field.items if field.kind == "object" else None)
    if component and not isinstance(component, Field):
        referred = reference(component)
        return {"anyOf": [referred, {"type": "null"}]} if field.nullable else referred
    if field.kind == "file":
        return {"type": "string", "format": "binary"}
    schema: JsonObject = {"type": [field.kind, "null"] if field.nullable else field.kind}
    if field.items:
        inside = "items" if field.kind == "array" else "additionalProperties"
        schema[inside] = shape_schema(field.items)
    return schema
