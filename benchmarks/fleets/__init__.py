"""Measures fleets: `python -m benchmarks.fleets`."""
