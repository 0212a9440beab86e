"""The JSON Schemas of a project, as package data.

The folder is `schemas/` at the top of the repository and `provisioner.schemas` when installed.
This file makes an editable install find it, too.
"""
