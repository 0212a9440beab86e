"""Titles of a plan: its account and commit, or the two revisions that it compares."""

import shlex

from provisioner.live.state import Surface
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.revision import Revision, Version
from provisioner.render.review.change_texts import COMMIT_DIGITS
from provisioner.render.sentences import Quoted, Sentence, joined

SURFACES = {Surface.V3: "API v3", Surface.FULL: "extended surface"}
"""The surface of an account in words."""


def where_text(plan: Plan) -> Sentence:
    """Return the account of a plan: `production, Acme, https://acme.ladesk.com (API v3)`."""
    account = plan.account
    parts = (Quoted(part) for part in (plan.target, account.name, account.url) if part)
    return *joined((part,) for part in parts), f" ({SURFACES[plan.surface]})"


def title_text(plan: Plan) -> Sentence:
    """Return the title: `Plan for production (API v3)`, or the two revisions."""
    if plan.versions:
        return "Difference between ", *versions_text(plan)
    return "Plan for ", *where_text(plan)


def versions_text(plan: Plan) -> Sentence:
    """Return the compared revisions: `v1 (1a2b3c4d) and your files for production`."""
    if plan.versions is None:
        return ()
    target = (" for ", Quoted(plan.target)) if plan.target else ()
    before, after = map(_version, (plan.versions.before, plan.versions.after))
    return *before, " and ", *after, *target


def _version(version: Version) -> Sentence:
    if not version.ref:
        return ("your files",)
    return Quoted(version.ref), f" ({version.commit[:COMMIT_DIGITS]})"


def revision_text(revision: Revision) -> Sentence:
    """Return the commit and its day: `1a2b3c4d of 2026-03-02`."""
    if not revision.commit:
        return ()
    day = f" of {revision.day}" if revision.day else ""
    changed = ", with changes that are not committed" if revision.changed else ""
    other = Quoted(revision.pipeline[:COMMIT_DIGITS])
    pipeline = (", in the pipeline of ", other) if other else ()
    return Quoted(revision.commit[:COMMIT_DIGITS]), f"{day}{changed}", *pipeline


def settled_title(plan: Plan) -> Sentence:
    """Return the title of a plan that changes nothing."""
    if plan.versions:
        return "No difference between ", *versions_text(plan)
    return "Nothing to change on ", *where_text(plan)


def report_command(plan: Plan) -> str:
    """Return the command that shows all of a plan."""
    words = ["show", "PLANFILE"]
    if plan.versions:
        refs = (plan.versions.before.ref, plan.versions.after.ref)
        words = ["diff", *(shlex.quote(ref) for ref in refs if ref)]
    return f"provisioner {' '.join(words)} --format html"
