"""The target of a run: which account, at which address, with the key from which source.

The files of a project may come from a branch that nobody has reviewed, so the address is checked
before the API key is read.
"""

import os
from dataclasses import replace

from provisioner.diagnostics import Diagnostic, RefusedError, Severity, TargetError, UsageError
from provisioner.model.account_urls import (
    address_problem,
    is_pinned,
    is_unencrypted,
    unencrypted,
)
from provisioner.model.settings import (
    ENVIRONMENT,
    REQUESTS_PER_MINUTE,
    SANDBOX,
    Settings,
    Target,
)
from provisioner.suggestions import did_you_mean

URL_VARIABLE = "LIVEAGENT_BASE_URL"
KEY_VARIABLE = "LIVEAGENT_V3_API_KEY"
"""The vendor's own names; they define a target where the project declares none."""

TARGET_VARIABLE = "PROVISIONER_TARGET"
"""The name of the target for commands without `-t`."""

LIMIT_VARIABLE = "PROVISIONER_REQUESTS_PER_MINUTE"
"""Requests a minute that runs may send to that target; 0 leaves the limit to the account."""

HOSTS_VARIABLE = "PROVISIONER_HOSTS"
"""The hosts that commands may send requests to; unset or blank allows every host."""


def default_target(settings: Settings) -> str:
    """Return the name of the target for a run without `-t`.

    Raises:
        TargetError: the project has several targets or none, and no default.
    """
    if settings.default_target:
        return settings.default_target
    if len(settings.targets) == 1:
        return next(iter(settings.targets))
    if not settings.targets and URL_VARIABLE in os.environ:
        return ENVIRONMENT
    raise TargetError(
        Diagnostic(
            code="no-target",
            summary="no target is named",
            hint=f"name one with -t ({', '.join([*settings.targets, SANDBOX])}), set "
            f"default_target in provisioner.yaml, or set {URL_VARIABLE} and {KEY_VARIABLE}",
        )
    )


def overlay_target(settings: Settings, name: str | None) -> str:
    """Return the target with the overlay that applies; "" if the project has no default.

    Raises:
        TargetError: the project has no target of the given name.
    """
    if name is not None:
        return name if name == SANDBOX else find_target(settings, name).name
    try:
        return default_target(settings)
    except TargetError:
        return ""


def find_target(settings: Settings, name: str) -> Target:
    """Return a target of the project or of the environment.

    Raises:
        TargetError: there is no such target.
    """
    if name in settings.targets:
        return settings.targets[name]
    url = os.environ.get(URL_VARIABLE, "")
    if name == ENVIRONMENT and not settings.targets and url:
        return environment_target(url)
    raise TargetError(
        Diagnostic(
            code="unknown-target",
            summary=f'there is no target "{name}"{_from_environment(name)}',
            hint=did_you_mean(name, [*settings.targets, SANDBOX]),
        )
    )


def _from_environment(name: str) -> str:
    """Return an addition to a message if the name may be from the environment."""
    return f" ({TARGET_VARIABLE})" if os.environ.get(TARGET_VARIABLE) == name else ""


def environment_target(url: str) -> Target:
    """Return the target that the environment defines, with an address."""
    return Target(ENVIRONMENT, url, ("env", KEY_VARIABLE), _environment_limit())


def _environment_limit() -> int:
    given = os.environ.get(LIMIT_VARIABLE, str(REQUESTS_PER_MINUTE))
    if not (given.isdecimal() and given.isascii()):
        raise UsageError(
            Diagnostic(
                code="usage",
                summary=f"{LIMIT_VARIABLE} is not a number of requests",
                hint=f"write a number such as {REQUESTS_PER_MINUTE}; 0 for no limit of our own",
            )
        )
    return int(given)


def target_at_base(target: Target, base: Settings) -> Target:
    """Return a target of a branch with the reviewed address and source of the key.

    Raises:
        RefusedError: the base has no such target, and PROVISIONER_HOSTS is no substitute.
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
            f"{HOSTS_VARIABLE} outside of the project, unless its key comes from a command",
        )
    )


def check_address(target: Target) -> None:
    """Check that an address may get the API key.

    Raises:
        TargetError: it is malformed, or has no encryption and the project does not accept that.
        RefusedError: its host is not among the pinned ones.
    """
    _check_form(target)
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


def _check_form(target: Target) -> None:
    # The message must not quote the address: it may hold a password.
    if problem := address_problem(target.url):
        from_environment = target.name == ENVIRONMENT
        subject = URL_VARIABLE if from_environment else f'the url of target "{target.name}"'
        raise TargetError(
            Diagnostic(
                code="target-url",
                summary=f"{subject} {problem}",
                hint="write an address such as https://acme.ladesk.com",
            )
        )


def unencrypted_warning(target: Target) -> Diagnostic:
    """Return the warning that requests to a target are not encrypted."""
    return Diagnostic(
        code="insecure-target",
        summary=f'target "{target.name}" is reached without encryption',
        hint="write https:// in its address",
        severity=Severity.WARNING,
    )


def described_target(name: str, url: str) -> str:
    """Return a target with the address of its account, for messages."""
    return f'"{name}"' + (f" at {url}" if url else "")
