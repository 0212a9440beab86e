"""The terminal: results, messages, progress and questions."""
