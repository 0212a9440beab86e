"""Plans as JSON for machines."""
