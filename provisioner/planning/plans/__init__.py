"""The plan as data: what it holds, how it is saved in a file and read back."""
