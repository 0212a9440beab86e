"""What a reviewer needs to know of a plan: computed here for all formats."""
