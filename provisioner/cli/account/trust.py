"""Which addresses get the API key: checked before the key is looked for.

The files of a project may be a stranger's, such as those of a branch that nobody has reviewed.
"""

import os
from dataclasses import replace

from provisioner.diagnostics import Diagnostic, RefusedError, TargetError
from provisioner.model.hosts import is_pinned, is_unencrypted
from provisioner.model.settings import Settings, Target, unencrypted

HOSTS_VARIABLE = "PROVISIONER_HOSTS"
"""The hosts that commands may talk to; unset or blank allows every host."""


def check_address(target: Target) -> None:
    """Check that an address may get the API key.

    Raises:
        TargetError: it has no encryption, and the project does not accept that.
        RefusedError: its host is not among the pinned ones.
    """
    if is_unencrypted(target.url) and not target.insecure:
        raise TargetError(unencrypted(f'target "{target.name}"'))
    pins = os.environ.get(HOSTS_VARIABLE, "")
    if pins.strip() and not is_pinned(target.url, pins):
        raise RefusedError(
            Diagnostic(
                code="host-not-pinned",
                summary=f'target "{target.name}": {HOSTS_VARIABLE} does not allow the host of '
                f"{target.url}",
                hint=f"if the account has moved, add its host to {HOSTS_VARIABLE}; it allows "
                f"{pins.strip()}",
            )
        )


def as_at_base(target: Target, base: Settings) -> Target:
    """Return a target with the address and the source of the key that the base gives it.

    Args:
        target: as the branch declares it.
        base: settings of the base.

    Raises:
        RefusedError: the base has no such target, and nothing else vouches for it.
    """
    if reviewed := base.targets.get(target.name):
        return replace(
            target, url=reviewed.url, api_key=reviewed.api_key, insecure=reviewed.insecure
        )
    pins = os.environ.get(HOSTS_VARIABLE, "")
    if pins.strip() and target.api_key[0] != "command":
        return target  # `check_address` refuses a host that is not pinned
    raise RefusedError(
        Diagnostic(
            code="target-not-in-base",
            summary=f'target "{target.name}" is new on this branch, so its address and the source '
            "of its key are not reviewed yet",
            hint="merge the target first and plan with it then; or allow its host with "
            f"{HOSTS_VARIABLE} outside of the project, which is no way for a key from a command",
        )
    )
