"""The records of runs, and a lock that allows one run at a time on a target."""
