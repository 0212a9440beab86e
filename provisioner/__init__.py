"""Keep LiveAgent agent accounts in git: declare them in YAML, review the plan, apply it."""

__version__ = "0.2.0"
