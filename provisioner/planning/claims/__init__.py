"""Finds the live object of each declared object, by id, former name or own name."""
