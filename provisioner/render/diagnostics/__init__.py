"""Diagnostics as text, SARIF, JUnit XML, GitHub annotations and GitLab Code Quality."""
