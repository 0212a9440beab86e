"""Everything that reads or writes the sandbox's tables: plain SQL, one module per resource."""
