"""Platforms that host repositories: comments, issues and approvals that pipelines keep there.

Nothing here connects to an account of LiveAgent. The platform is detected by the variables that it
sets in its jobs.
"""
