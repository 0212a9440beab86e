"""Plans as an HTML report."""
