"""Lists of who has access, in each format but HTML."""
