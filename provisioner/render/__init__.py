"""Plans, reports and findings as text: functions from data to strings."""
