"""Plans, drift, reports and records as text for a terminal; most also have a JSON form."""
