"""The use cases of the commands: functions that get readers and writers as protocols."""
