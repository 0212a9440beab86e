"""Measures time and memory of the tool; `make bench` writes docs/performance.md."""
