"""The scope of a project: what of an account it may write, and what belongs to other projects."""
