"""Access of an account that the files own, do not own, or own no more."""
