"""Advice for errors about new roles: a role under a new name needs its former one, no deletion."""

from collections.abc import Collection

from provisioner.address import Kind
from provisioner.model.desired import Resource
from provisioner.planning.checks.account_check import AccountCheck
from provisioner.planning.suspicion.rename_candidates import suspected_renames
from provisioner.suggestions import shown_names


def rename_advice(check: AccountCheck, new: Collection[Resource]) -> str:
    """Return how to rename a live role instead of creating a new one.

    Args:
        check: the project and the account.
        new: the roles that the account does not have.

    Returns:
        Advice that ends with a semicolon and a space; "" if the files declare all live roles.
    """
    created = {role.address for role in new}
    if suspected := suspected_renames(check.desired, check.live, created):
        return "".join(
            f'if "{one.address.key}" is the role "{one.former_name}" under a new name, write '
            f"in its entry {one.place}: {one.line}; "
            for one in suspected
        )
    undeclared = sorted(
        existing.address.key
        for identity, existing in check.live.objects.items()
        if identity[0] is Kind.ROLE and identity not in check.desired.resources
    )
    if not undeclared:
        return ""
    return (
        f"if it is a live role under a new name ({shown_names(undeclared)}), write in its entry: "
        "previously: FORMER NAME; "
    )
