"""What is true on the target: one immutable snapshot, in the vocabulary of the YAML."""
