"""Diagnostics as text, SARIF, JUnit XML and GitHub annotations."""
