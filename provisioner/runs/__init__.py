"""What runs leave behind: one record each, and a lock, so that there is one at a time."""
