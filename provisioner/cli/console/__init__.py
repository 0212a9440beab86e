"""Output and questions: the console of a run, the progress of an apply, plans, confirmations."""
