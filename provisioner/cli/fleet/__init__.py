"""Runs of a fleet: the work for one account in a worker, and the report of all."""
