"""Rows of the API and the objects that they describe, in both directions."""
