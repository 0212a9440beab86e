"""Reads and writes accounts by LiveAgent's API v3. No other folder depends on its details."""
