"""`Review`: a plan as reviewers read it. It is computed once, and every format draws it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic
from provisioner.planning.attribution.parts import by_attribution
from provisioner.planning.changes import Action
from provisioner.planning.consent.freeze import Freeze
from provisioner.planning.manual import manual_step
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.revision import UNKNOWN, Revision
from provisioner.planning.suspicion import suspected_renames
from provisioner.render import readable
from provisioner.render.review.change_groups import ChangeGroup, group_changes
from provisioner.render.review.coverage_falls import (
    Leaving,
    fall_sentences,
    leaving_agents,
    not_counted,
    shrinking_sentence,
)
from provisioner.render.review.losses import (
    NOBODY,
    Loss,
    LossGroup,
    equal_losses,
    find_losses,
    loss_headline,
)
from provisioner.render.review.off_boarding import held_changes, off_boarding
from provisioner.render.review.ownership_texts import (
    RELEASED,
    OwnershipSection,
    not_looked_at_text,
    ownership_sections,
)
from provisioner.render.review.plan_notes import (
    consent_sentences,
    endings_headline,
    mails_text,
    nothing_text,
    plan_notes,
)
from provisioner.render.review.policy_lines import (
    policy_headline,
    policy_lines,
    policy_note,
    waiver_lines,
)
from provisioner.render.review.power_gains import PowerGain, gain_headline, power_gains
from provisioner.render.review.rename_texts import RenameLine, rename_lines, renames_headline
from provisioner.render.review.request_texts import cost_sentence
from provisioner.render.review.risk_lines import risk_lines
from provisioner.render.review.titles import revision_text, settled_title, title_text
from provisioner.render.sentences import Sentence, joined

UNDECLARED = "In the account, not in your files (left alone)"
"""The title of the objects that no file declares."""


class Mood(StrEnum):
    """How a format marks the verdict."""

    REFUSED = "refused"
    LOSES = "loses"
    CHANGES = "changes"
    NOTHING = "nothing"


WARNINGS_TITLE = "Warnings"
"""The title of warnings that do not refuse a plan."""


@dataclass(frozen=True, slots=True)
class Review:
    """A plan as reviewers read it.

    Attributes:
        plan: the plan; formats take the account, manual steps and refusals from it.
        mood: how a format marks the verdict.
        verdict: the plan in one phrase, without a full stop.
        renames: a sentence for each creation that is probably a rename, with the place to paste in.
        unconfirmed: what is not known of the account.
        warnings: the other warnings of the plan, those of rules first of all.
        title: what the plan is for: an account, or the two revisions that it compares.
        settled_title: the title if there is nothing to change.
        revision: the commit of the plan's files, with the addresses of their lines.
        revision_text: the commit and its day in a phrase, such as `1a2b3c4d of 2026-03-02`; empty
            if they are not known.
        counts: the number of objects by action, of settings and of manual steps, in one line.
        policy: a sentence for each changed setting, with its place in the files.
        policy_note: the account that was read, where the branch changes its address or key.
        consent: when an apply may write, how many must approve the plan, and who.
        waivers: a sentence for each waiver that holds, with its place in the files.
        losses: access that agents lose and rights that roles lose, the most severe first.
        equal_losses: the same losses, with equal ones of several people together.
        gains: who gains power, the most powerful first.
        risks: the counts of risky changes, a line for each attribution.
        falls: a sentence for each service or hour with one agent or nobody left.
        shrinks: the other services with fewer agents, in one sentence; empty for none.
        leaving: for each department and service, how many agents leave it, by attribution.
        by_hand: departments that people put agents into or take them out of, in the panel.
        not_counted: changes that the numbers of coverage leave out; "" for none.
        groups: the changes for each attribution.
        ownership: access that the files do not own, as sections, the most powerful first.
        headlines: a phrase for each urgent section that the counts leave out.
        not_looked_at: the parts of the account that the comparison did not see; empty for none.
        off_boarding: what stays of agents who are deleted or suspended.
        held: the changes that apply does not make because of an object's mode.
        undeclared: addresses of objects that are in the account and in no file.
        notes: facts that the list of changes does not show, such as restored accounts.
        mails: the mails that LiveAgent sends to people; "" for none.
        cost: how many requests an apply makes; "" if it makes none.
        nothing: why an apply has nothing to do; "" if it has something to do.
    """

    plan: Plan
    mood: Mood
    verdict: Sentence
    renames: tuple[RenameLine, ...]
    unconfirmed: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]
    title: Sentence
    settled_title: Sentence
    revision: Revision
    revision_text: Sentence
    counts: Sentence
    policy: tuple[tuple[Sentence, str], ...]
    policy_note: Sentence
    consent: tuple[Sentence, ...]
    waivers: tuple[tuple[Sentence, str], ...]
    losses: tuple[Loss, ...]
    equal_losses: tuple[LossGroup, ...]
    gains: tuple[PowerGain, ...]
    risks: tuple[str, ...]
    falls: tuple[Sentence, ...]
    shrinks: Sentence
    leaving: Leaving
    by_hand: frozenset[str]
    not_counted: str
    groups: tuple[ChangeGroup, ...]
    ownership: tuple[OwnershipSection, ...]
    headlines: tuple[Sentence, ...]
    not_looked_at: Sentence
    off_boarding: tuple[Sentence, ...]
    held: tuple[Sentence, ...]
    undeclared: tuple[str, ...]
    notes: tuple[Sentence, ...]
    mails: str
    cost: str
    nothing: str


_VERBS = (
    ("create", Action.CREATE, False),
    ("restore", Action.CREATE, True),
    ("update", Action.UPDATE, False),
    ("delete", Action.DELETE, False),
)
"""The verb of a change, its action, and whether it restores a deleted agent."""


def review_of(plan: Plan, revision: Revision = UNKNOWN, freeze: Freeze | None = None) -> Review:
    """Return the review of a plan, with the revision of its files and the freeze of this moment."""
    parts = by_attribution(plan.effective)
    losses = find_losses(parts)
    leaving = leaving_agents(parts)
    ownership = ownership_sections(plan)
    gains = power_gains(parts, plan.changes, plan.open_steps)
    mood, verdict = _verdict(plan, gain_headline(gains), loss_headline(losses), ownership)
    return Review(
        plan=plan,
        mood=mood,
        verdict=verdict,
        renames=rename_lines(plan),
        unconfirmed=tuple(
            one
            for one in plan.warnings
            if one.code != suspected_renames.CODE and not one.is_about_policy
        ),
        warnings=tuple(one for one in plan.warnings if one.is_about_policy),
        title=title_text(plan),
        settled_title=settled_title(plan),
        revision=revision,
        revision_text=revision_text(revision),
        counts=_counts(plan, ownership),
        policy=policy_lines(plan),
        policy_note=policy_note(plan),
        consent=tuple(consent_sentences(plan, freeze)),
        waivers=waiver_lines(plan),
        losses=losses,
        equal_losses=equal_losses(losses),
        gains=gains,
        risks=tuple(risk_lines(parts)),
        falls=tuple(fall_sentences(plan.coverage, leaving, parts)),
        shrinks=shrinking_sentence(plan.coverage),
        leaving=leaving,
        by_hand=_departments_by_hand(plan),
        not_counted=not_counted(plan),
        groups=group_changes(parts, plan.open_steps),
        ownership=ownership,
        headlines=tuple(
            section.headline
            for section in ownership
            if section.urgent and (plan.settled or section.key != RELEASED)
        ),
        not_looked_at=not_looked_at_text(plan),
        off_boarding=tuple(off_boarding(plan)),
        held=tuple(held_changes(plan)),
        undeclared=tuple(str(live.address) for live in plan.undeclared),
        notes=tuple(plan_notes(plan)),
        mails="" if plan.versions else mails_text(plan),
        cost=cost_sentence(plan.requests) if plan.effective and not plan.versions else "",
        nothing=nothing_text(plan),
    )


def _verdict(
    plan: Plan, gains: str, headline: tuple[bool, str], ownership: Iterable[OwnershipSection]
) -> tuple[Mood, Sentence]:
    loses, losses = headline
    if plan.refused:
        refused = f"refused for {readable.count(len(plan.refused), 'reason')}"
        return Mood.REFUSED, (", ".join((refused, *([gains] if gains else []), losses)),)
    policy = policy_headline(plan)
    if plan.empty and not policy:
        urgent = [section.headline for section in ownership if section.urgent]
        urgent += [(phrase,) for phrase in endings_headline(plan)]
        mood = Mood.LOSES if urgent else Mood.NOTHING
        nothing = "no difference" if plan.versions else "nothing to change"
        return mood, joined((*([(nothing,)] if plan.settled else []), *urgent), "; ")
    released = [*_released(ownership)] if plan.released_access else []
    if plan.open_steps and losses == NOBODY:
        # Losses are those of the apply; a manual step may ask a person to take something away.
        losses = f"{NOBODY} by the apply"
    warned = bool(policy or plan.suspected_renames)
    parts = [part for part in (renames_headline(plan), policy, gains) if part]
    if not plan.empty and (loses or not (warned or plan.only_renames)):
        parts.append(losses)
    released += [(phrase,) for phrase in endings_headline(plan)] if not plan.versions else []
    mood = Mood.LOSES if loses or warned or released else Mood.CHANGES
    return mood, joined(((", ".join(parts),), *released), "; ")


def _released(ownership: Iterable[OwnershipSection]) -> Iterator[Sentence]:
    return (section.headline for section in ownership if section.key == RELEASED)


def _counts(plan: Plan, ownership: Iterable[OwnershipSection]) -> Sentence:
    parts = [part for part in (renames_headline(plan), policy_headline(plan)) if part]
    parts += [
        f"{kinds.total()} to {verb} ({_by_kind(kinds)})" for verb, kinds in counts_by_verb(plan)
    ]
    if plan.open_steps:
        parts.append(f"{readable.count(len(plan.open_steps), 'manual step')} left to people")
    if plan.planned_only:
        parts.append(f"{len(plan.planned_only)} only planned")
    parts += endings_headline(plan)
    return joined((*((part,) for part in parts), *_released(ownership)))


def counts_by_verb(plan: Plan) -> Iterator[tuple[str, Counter[Kind]]]:
    """Yield `create`, `restore`, `update` and `delete` with the numbers of objects by kind."""
    kinds: dict[tuple[Action, bool], Counter[Kind]] = defaultdict(Counter)
    for change in plan.effective:
        kinds[change.action, change.restores][change.address.kind] += 1
    for verb, action, restores in _VERBS:
        if numbers := kinds.get((action, restores)):
            yield verb, numbers


def _by_kind(numbers: Counter[Kind]) -> str:
    return ", ".join(readable.count(numbers[kind], kind) for kind in Kind if numbers[kind])


def _departments_by_hand(plan: Plan) -> frozenset[str]:
    return frozenset(
        name
        for step in plan.open_steps
        if step.section == manual_step.MEMBERSHIP
        for name in (*step.values["join"], *step.values["leave"])
    )
