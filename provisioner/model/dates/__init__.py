"""Agents with a beginning, an end or temporary values: the dates, and the state on a day."""
