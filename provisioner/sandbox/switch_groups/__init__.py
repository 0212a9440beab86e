"""The switches of the sandbox, one module per area."""
