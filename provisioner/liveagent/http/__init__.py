"""HTTP with an account: one client with bounds, retries, pacing and named faults."""
