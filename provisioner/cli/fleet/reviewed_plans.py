"""The plans of a fleet that were reviewed: an apply writes only what they write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from provisioner.diagnostics import Diagnostic, ProvisionerError, RefusedError
from provisioner.documents.files.saved_json import parse_json, read_saved, unreadable_file
from provisioner.documents.schema.shapes import ShapeError
from provisioner.fleet.account_task import PlanSeverity
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import plan_data
from provisioner.planning.plans.written_digest import check_plan_data, written_digest
from provisioner.render.fleet.fleet_json import FLEET_KEY

_COMMAND = "provisioner fleet plan --out"


@dataclass(frozen=True, slots=True)
class ReviewedPlans:
    """The reviewed plans.

    Attributes:
        plans: the name of an account to the data of its plan.
        untouched: the names of accounts that the review left out.
        given: whether there was a review; without one every plan may be applied.
    """

    plans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    untouched: frozenset[str] = frozenset()
    given: bool = False

    @classmethod
    def read(cls, file: str | None) -> Self:
        """Return the plans in a file; without a file there was no review.

        Raises:
            RefusedError: it has no plans of a fleet, or was changed since it was written.
            ProvisionerError: it can't be read.
        """
        if file is None:
            return cls()
        plans, untouched = {}, set[str]()
        for element in _elements(file):
            fleet = element[FLEET_KEY]
            if fleet.get("severity") == PlanSeverity.UNTOUCHED:
                untouched.add(fleet["name"])
            elif "resource_changes" in element:
                data = {key: value for key, value in element.items() if key != FLEET_KEY}
                plans[fleet["name"]] = check_plan_data(data, file)
        return cls(plans, frozenset(untouched), given=True)

    def leaves_out(self, account: FleetAccount) -> bool:
        """Return whether the review left an account out."""
        return account.name in self.untouched

    def of(self, account: FleetAccount) -> Mapping[str, Any] | None:
        """Return the reviewed plan of an account; None if there is none."""
        return self.plans.get(account.name)

    def confirmed(self, account: FleetAccount, shown: Mapping[str, str] | None) -> str | None:
        """Return the digest of the changes that may be applied; see `ApplyTask.confirmed`.

        `shown` are those of the plans that a person has just confirmed; None if nobody was asked.
        """
        if self.given and account.name not in self.plans:
            return ""
        return None if shown is None else shown.get(account.name, "")


def check_reviewed(plan: Plan, reviewed: Mapping[str, Any]) -> None:
    """Refuse a plan that writes something else than the reviewed one.

    Raises:
        RefusedError: it does.
    """
    if written_digest(plan_data(plan), reviewed) != written_digest(reviewed):
        raise RefusedError(
            Diagnostic(
                code="stale-plan",
                summary="its plan is not the one that was reviewed",
                hint="plan the fleet again, and have the new plan reviewed",
            )
        )


def _elements(file: str) -> list[Mapping[str, Any]]:
    try:
        data = parse_json(read_saved(Path(file)))
    except OSError as error:
        problem = unreadable_file(Path(file), error, "plan-file", _COMMAND)
        raise ProvisionerError(problem) from error
    except ShapeError as error:
        raise _unusable(file, str(error)) from error
    if not isinstance(data, list) or not all(map(_is_element, data)):
        raise _unusable(file, "it has no plans of a fleet")
    return data


def _is_element(element: object) -> bool:
    fleet = element.get(FLEET_KEY) if isinstance(element, dict) else None
    return isinstance(fleet, dict) and isinstance(fleet.get("name"), str)


def _unusable(file: str, why: str) -> RefusedError:
    summary = f"{file} can't be used: {why}"
    return RefusedError(
        Diagnostic(code="plan-file", summary=summary, hint=f"make it anew: {_COMMAND} FILE")
    )
