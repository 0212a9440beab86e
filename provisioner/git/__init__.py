"""Reads a project's git repository: commits of a branch, and tracked files.

A branch from a stranger is treated as data. No program that a repository names is ever started:
`command` shows how git is started, and `clone` why no configuration of a repository is used.
The modules are imported one by one: most commands need only `checkout`.
"""
