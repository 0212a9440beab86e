"""The plan as data: the same bytes for the same project and live state.

All renderings and the apply use the same `Plan`; an apply must depend on no other flag or file.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic
from provisioner.live.state import LiveObject, Surface
from provisioner.model.desired import Mode
from provisioner.planning.access.access_fields import decides_access
from provisioner.planning.access.ownership import Ownership, Released, UnmanagedAccess
from provisioner.planning.changes import Action, Change, Risk
from provisioner.planning.consent.approvals import Approvals
from provisioner.planning.coverage import Coverage
from provisioner.planning.dates.plan_day import PlanDay
from provisioner.planning.leavers import Leaver
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.work_list import WorkList, work_list
from provisioner.planning.manual.work_pages import PanelLinks
from provisioner.planning.plans.policy_changes import PlanAccount, PolicyChange
from provisioner.planning.plans.requests import RequestBudget
from provisioner.planning.plans.revision import Versions
from provisioner.planning.scope import LeftOut
from provisioner.planning.suspicion.suspected_renames import SuspectedRename
from provisioner.planning.waiving import HeldWaiver


@dataclass(frozen=True, slots=True)
class Base:
    """The base that a branch is compared with.

    Attributes:
        ref: the ref as the user gave it, such as `origin/main`.
        commit: the last commit that the branch and `ref` have in common.
    """

    ref: str
    commit: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The work that brings an account to the declared state.

    Attributes:
        target: the name of the account in the project.
        surface: the part of the account that its API shows and changes.
        changes: one for each declared object that exists or shall exist, sorted by address.
        manual_steps: the work that the API can't do, in the order of the work.
        refused: the reasons why the plan may not be applied; none if it may.
        undeclared: the live objects to report that no file declares, sorted.
        snapshot: the fingerprint of the live state that the plan is based on.
        requests: the number of requests of an apply.
        snapshot_time: when the plan's snapshot was taken; "" if the account was read.
        base: the base that the branch is compared with; None if the plan was made without one.
        coverage: the number of agents for each department and service, before and after.
        missing: the absent and suspended entries that have no live object, sorted.
        left_out: the changes that need a change which `--exclude` excludes, sorted.
        account: the address of the account.
        policy: the policy that the plan was made under, as plain data.
        policy_changes: the settings that the branch changes, sorted by path.
        warnings: what a reviewer must know of the writes, and what nothing confirms.
        unmanaged: access of declared agents that no file declares, the most powerful first.
        released: fields and objects that the files used to declare, sorted.
        ownership: how much of the account's access the files own.
        not_looked_at: the parts of the account that the API does not show, in words.
        suspected_renames: creations that are probably renames, sorted; `warnings` has each of them.
        held: the changes that apply does not make because of the mode of their objects, sorted.
        leavers: the agents who are deleted or suspended, and what stays of them, sorted.
        waivers: the waivers of rules that hold, in the order of the file.
        versions: the two revisions that `diff` compares; None for a plan for an account.
        approvals: how many people must approve the plan, and who; None if nobody is asked.
        day: the day of the plan; None if its content does not depend on the day.
    """

    target: str
    surface: Surface
    changes: tuple[Change, ...]
    manual_steps: tuple[ManualStep, ...]
    undeclared: tuple[LiveObject, ...]
    refused: tuple[Diagnostic, ...]
    snapshot: str
    requests: RequestBudget
    snapshot_time: str = ""
    base: Base | None = None
    coverage: Coverage = field(default_factory=Coverage)
    missing: tuple[Address, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    account: PlanAccount = field(default_factory=PlanAccount)
    policy: Mapping[str, Any] = field(default_factory=dict)
    policy_changes: tuple[PolicyChange, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    unmanaged: tuple[UnmanagedAccess, ...] = ()
    released: tuple[Released, ...] = ()
    ownership: Ownership = field(default_factory=Ownership)
    not_looked_at: tuple[str, ...] = ()
    suspected_renames: tuple[SuspectedRename, ...] = ()
    held: tuple[Change, ...] = ()
    leavers: tuple[Leaver, ...] = ()
    waivers: tuple[HeldWaiver, ...] = ()
    versions: Versions | None = None
    approvals: Approvals | None = None
    day: PlanDay | None = None

    @property
    def effective(self) -> tuple[Change, ...]:
        """The changes that are not no-ops."""
        return tuple(change for change in self.changes if change.action is not Action.NO_OP)

    @property
    def open_steps(self) -> tuple[ManualStep, ...]:
        """The manual steps that are still to be done."""
        return tuple(step for step in self.manual_steps if step.open)

    @property
    def work_list(self) -> WorkList:
        """The open manual steps by page of the panel, in the order of the work."""
        ids = {change.address: change.id for change in self.changes if change.id}
        links = PanelLinks(self.account.url, self.account.panel_url, ids)
        return work_list(self.open_steps, links, self.changes, self.undeclared)

    @property
    def differing(self) -> tuple[Change, ...]:
        """The changes that apply makes, and those that it does not make, sorted by address."""
        return tuple(sorted((*self.effective, *self.held), key=lambda change: str(change.address)))

    @property
    def planned_only(self) -> tuple[Change, ...]:
        """The changes to look at that apply does not make (`mode: plan-only`)."""
        return tuple(change for change in self.held if change.mode is Mode.PLAN_ONLY)

    @property
    def empty(self) -> bool:
        """Whether there are no changes to make or to look at, and no open manual steps."""
        return not (self.effective or self.open_steps or self.planned_only)

    @property
    def settled(self) -> bool:
        """Whether the plan is empty, and has nothing else to review.

        That is: changed settings, released access, and what the branch changes on a later day.
        Of two revisions, anything released and any new ending is a difference.
        """
        if self.versions and (self.released or self.missing):
            return False
        if self.day and (self.day.upcoming or self.day.cancelled):
            return False
        return self.empty and not self.policy_changes and not self.released_access

    @property
    def released_access(self) -> tuple[Released, ...]:
        """The released fields and objects that decide who may do what."""
        return tuple(one for one in self.released if decides_access(one.address, one.path))

    @property
    def pure_renames(self) -> tuple[Change, ...]:
        """The changes of an email or name alone, of objects without open manual steps."""
        waiting = {step.address for step in self.open_steps}
        return tuple(
            change
            for change in self.changes
            if change.only_renames and change.address not in waiting
        )

    @property
    def only_renames(self) -> bool:
        """Whether the plan changes emails and names, and nothing else."""
        renames = len(self.pure_renames)
        return 0 < renames == len(self.effective) and not self.open_steps

    @property
    def registration_mails(self) -> int:
        """The number of mails that LiveAgent sends to new agents, to set their password (D)."""
        return sum(
            change.action is Action.CREATE
            and change.address.kind is Kind.AGENT
            and not change.restores
            for change in self.changes
        )

    def count(self, action: Action, kind: Kind | None = None) -> int:
        """Return the number of changes with an action, of one kind or of all."""
        return sum(
            change.action is action and kind in {None, change.address.kind}
            for change in self.changes
        )

    def summary(self) -> dict[str, Any]:
        """Return the counts of changes, in total and by kind."""
        by_kind = Counter((change.address.kind, change.action) for change in self.changes)
        held = Counter(change.mode for change in self.held if change.mode)
        return {
            **{action.value: self.count(action) for action in Action},
            "manual_steps": len(self.open_steps),
            **{mode.value: number for mode, number in held.items()},
            "risk": {
                risk.value: sum(risk in change.risk for change in self.changes) for risk in Risk
            },
            "registration_mails": self.registration_mails,
            "pure_renames": len(self.pure_renames),
            "undeclared": len(self.undeclared),
            "unmanaged": len(self.unmanaged),
            "released": len(self.released),
            "by_kind": {
                kind.value: {action.value: by_kind[kind, action] for action in Action}
                for kind in Kind
            },
        }
