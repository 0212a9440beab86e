"""Finds out how an account behaves, with a throwaway agent: the work of `provisioner probe`."""
