"""Checks of documents against JSON Schemas, with messages for people."""
