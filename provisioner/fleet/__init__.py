"""Fleets: several accounts that are planned and applied together, each as if alone."""
