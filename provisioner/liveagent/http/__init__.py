"""HTTP with an account: one client with bounds, retries, pacing and a message for each fault."""
