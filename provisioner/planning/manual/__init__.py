"""Manual steps: what the API of a target can't write, and what a person does instead."""
