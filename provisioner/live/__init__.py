"""The live state of an account: its data, its file form, and the interfaces that read it."""
