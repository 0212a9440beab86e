"""The use cases: functions over protocols, wired by the command line."""
