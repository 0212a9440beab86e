"""Engines: they run the tasks of accounts, on this machine or on several."""
