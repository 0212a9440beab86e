"""Plans and lists of access as HTML reports."""
