"""Injects known mistakes into a project, and finds the guard or rule that stops each."""
