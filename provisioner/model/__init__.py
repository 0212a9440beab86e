"""What a project declares: the kinds and their fields, and the desired state built from files."""
