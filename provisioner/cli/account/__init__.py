"""Accounts: the target of a run, its API key, the connection to it, and sources of live state."""
