"""Finds creations that are probably renames: nothing in the files connects the two names."""
