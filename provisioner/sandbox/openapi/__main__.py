"""Writes the OpenAPI documents: `python -m provisioner.sandbox.openapi schemas/openapi`."""

import sys
from pathlib import Path

from provisioner.sandbox.openapi.document import write

write(Path(sys.argv[1]))
