"""Administrators belong to no department."""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class AdministratorsAnswerNothing(BaseResourceCheck):
    """Fails for an administrator who is a member of a department."""

    def __init__(self) -> None:
        super().__init__(
            name="An administrator is a member of no department",
            id="ACME_1",
            categories=[CheckCategories.IAM],
            supported_resources=["agent"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Return the result for an agent: checkov puts each value into a list."""
        [departments] = conf.get("departments", [{}])
        # A membership has services; the other keys are lines that checkov adds.
        members = [name for name, part in departments.items() if isinstance(part[0], dict)]
        is_admin = conf.get("role") == ["admin"]
        return CheckResult.FAILED if is_admin and members else CheckResult.PASSED


check = AdministratorsAnswerNothing()
