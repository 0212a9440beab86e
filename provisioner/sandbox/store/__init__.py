"""Reads and writes the sandbox's tables in plain SQL, one module per resource."""
