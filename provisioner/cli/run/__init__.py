"""Applying a plan: alone on its target, with a record of who did what, and stopped by signals."""
