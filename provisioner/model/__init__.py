"""Kinds of objects and their fields, and the desired state that a project declares."""
