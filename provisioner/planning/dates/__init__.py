"""What the day does to a plan: its day, what has lapsed, and the forecast."""
