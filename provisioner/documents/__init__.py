"""From files to documents: YAML with the place of every value, checked against the schemas.

The only door for YAML and JSON Schema into the program.
"""

from provisioner.documents.document import Document, DocumentPath
from provisioner.documents.files.boundary import IsShared, nothing_shared
from provisioner.documents.files.project_files import file_names, source_texts
from provisioner.documents.loading import LoadedProject, load_config, load_project

__all__ = [
    "Document",
    "DocumentPath",
    "IsShared",
    "LoadedProject",
    "file_names",
    "load_config",
    "load_project",
    "nothing_shared",
    "source_texts",
]
