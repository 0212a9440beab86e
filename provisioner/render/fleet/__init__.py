"""The report of a fleet in each format."""
