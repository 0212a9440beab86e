"""The canonical order and layout of the project's files: `provisioner fmt`."""

from provisioner.documents.formatting.formatter import formatted, schema_of

__all__ = ["formatted", "schema_of"]
