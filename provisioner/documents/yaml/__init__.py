"""YAML with a position for every value, read and written."""
