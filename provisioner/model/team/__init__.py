"""What a team has agreed on: accepted exceptions from rules."""
