"""Commands that read files and git, and never an account."""
