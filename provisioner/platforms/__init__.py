"""Platforms that host repositories: the comment that pipelines keep on a pull request.

Nothing here knows plans or accounts of LiveAgent. The platform is detected by the variables that it
sets in its jobs.
"""
