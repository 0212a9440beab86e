"""Edits of a project's files: of fields, of agents, and of values that drift has in the account."""
