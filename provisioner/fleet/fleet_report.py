"""The report of a fleet: the results of all accounts by severity, and their totals."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.fleet.account_task import SEVERITIES, AccountResult, PlanSeverity


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The results of all accounts.

    Attributes:
        name: the name of the fleet: its folder.
        results: one for each account, the most severe first, then in the order of the fleet.
        total: the number of accounts of the fleet, with those that were not selected.
        since: the ref since which the accounts that were not planned are not touched; "" for none.
    """

    name: str
    results: tuple[AccountResult, ...]
    total: int
    since: str = ""

    @property
    def by_severity(self) -> Mapping[PlanSeverity, tuple[AccountResult, ...]]:
        """The results of each severity that occurs, the most severe first."""
        groups = {
            severity: tuple(one for one in self.results if one.severity is severity)
            for severity in SEVERITIES
        }
        return {severity: group for severity, group in groups.items() if group}

    @property
    def numbers(self) -> Mapping[str, int]:
        """The sums of the numbers of all plans."""
        sums: Counter[str] = Counter()
        for result in self.results:
            if result.digest:
                sums.update(result.digest.numbers)
        return sums


def fleet_report(
    name: str, results: Iterable[AccountResult], order: Iterable[str], total: int, since: str = ""
) -> FleetReport:
    """Return the report of results that came in any order.

    `order` has the names of the accounts in the order of the fleet; see `FleetReport` for the rest.
    """
    positions = {account: position for position, account in enumerate(order)}
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    ordered = sorted(results, key=lambda one: (ranks[one.severity], positions[one.account.name]))
    return FleetReport(name, tuple(ordered), total, since)
