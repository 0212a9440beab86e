"""Manual steps: work in the panel for changes that the API of a target can't make."""
