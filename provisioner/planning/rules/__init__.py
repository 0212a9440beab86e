"""Rules of the team: conditions in CEL about the account after a plan, and their findings."""
