"""Passes requests to the application and answers back, with faults and delays."""
