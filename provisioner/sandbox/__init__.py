"""A LiveAgent-compatible server to plan and apply against: no account, no key, no risk.

It is written from what is known of the vendor's API v3 and shares no code with the client, so
that a mistake of the one side cannot hide behind the same mistake of the other.
"""
