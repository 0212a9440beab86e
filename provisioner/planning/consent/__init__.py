"""Consent to a plan: freeze windows, approvals, and confirmations."""
