"""Proofs that the guards of a project stop known mistakes, and that its plan can be applied."""
