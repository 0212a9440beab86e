"""Translates between rows of the API and objects in the YAML's words, in both directions."""
