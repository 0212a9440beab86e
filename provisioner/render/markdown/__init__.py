"""Plans as a Markdown comment on a pull request."""
