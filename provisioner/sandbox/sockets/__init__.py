"""Connections of the server, and the limits of the process for them."""
