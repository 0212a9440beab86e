"""The plan as data, and plan files: how a plan is saved, read back and checked."""
