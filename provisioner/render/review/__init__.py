"""A plan as reviewers read it, computed once for all formats."""
