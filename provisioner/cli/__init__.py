"""The command line: wiring, printing and exit codes. Nothing is decided here."""
