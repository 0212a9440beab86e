"""A LiveAgent-compatible server to plan and apply against, without an account or a real key.

It is written from the documentation of the vendor's API v3 and other evidence. It shares no code
with the client, so that a mistake on one side is not hidden by the same mistake on the other.
"""
