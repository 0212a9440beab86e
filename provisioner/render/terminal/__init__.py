"""Plans, drift, reports and records as text for a terminal."""
