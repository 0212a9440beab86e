"""A run of a plan: alone on its target, recorded, ended by signals."""
