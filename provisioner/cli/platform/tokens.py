"""The token of a job, for commands that can't do anything without it."""

from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.platforms.build_facts import TOKEN_VARIABLE, TOKENS, BuildFacts
from provisioner.platforms.platform_api import CODE


def check_token(facts: BuildFacts, purpose: str) -> None:
    """Check that a job has a token; `purpose` completes 'there is no token to'.

    Raises:
        ProvisionerError: it has none.
    """
    if not facts.token:
        names = ", ".join((TOKEN_VARIABLE, *TOKENS[facts.platform]))
        raise ProvisionerError(
            Diagnostic(
                code=CODE,
                summary=f"there is no token to {purpose}",
                hint=f"set one of {names}; docs/commands.md lists what the token needs",
            )
        )
