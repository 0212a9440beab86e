"""Reading of project files: YAML with the position of every value, checked against the schemas.

No other package uses the YAML and JSON Schema libraries.
"""

from provisioner.documents.document import Document, DocumentPath
from provisioner.documents.files.boundary import IsShared, nothing_shared
from provisioner.documents.files.file_selection import FileSelection
from provisioner.documents.files.project_files import source_texts
from provisioner.documents.loading import LoadedProject, file_names, load_config, load_project

__all__ = [
    "Document",
    "DocumentPath",
    "FileSelection",
    "IsShared",
    "LoadedProject",
    "file_names",
    "load_config",
    "load_project",
    "nothing_shared",
    "source_texts",
]
