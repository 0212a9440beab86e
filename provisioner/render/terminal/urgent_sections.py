"""What a reviewer must see first, in a terminal: refusals, power, losses, coverage, access."""

from collections.abc import Iterable, Iterator

from provisioner.diagnostics import Diagnostic
from provisioner.planning.changes import Attribution
from provisioner.planning.suspicion import suspected_renames
from provisioner.render import readable
from provisioner.render.readable import brief
from provisioner.render.review import (
    change_texts,
    coverage_falls,
    losses,
    plan_notes,
    policy_lines,
    power_gains,
    rename_texts,
)
from provisioner.render.review.equal_changes import shown_name
from provisioner.render.review.losses import LossGroup
from provisioner.render.review.power_gains import PowerGain
from provisioner.render.review.review import Review
from provisioner.render.sentences import Sentence
from provisioner.render.terminal.change_lines import name_line, who
from provisioner.render.terminal.lines import Line, Part
from provisioner.render.terminal.rows import Row, parts_of_sentence, plain, row_lines

SHOWN_REASON = 100
"""Characters of a refusal that are shown; the error that follows the plan has all of it."""

_SHOWN_RENAMES = 20

Section = tuple[str, str, tuple[Line, ...]]
"""A title, its style, and the lines below it."""


def urgent_sections(review: Review, width: int | None, *, verbose: bool) -> Iterator[Section]:
    """Yield the sections that a reviewer must see, in their order."""
    refused = tuple((f"  ! {_reason(one)} ({one.code})", "red") for one in review.plan.refused)
    yield "Refused", "bold red", refused
    yield policy_lines.title(review.plan), "bold red", tuple(_policy(review))
    consent = tuple((f"  {plain(sentence)}", "") for sentence in review.consent)
    yield plan_notes.CONSENT_TITLE, "bold yellow", consent
    yield (
        f"{rename_texts.TITLE} ({suspected_renames.CODE})",
        "bold red",
        tuple(_renames(review)),
    )
    gains = row_lines([*map(_gain, review.gains)], width)
    yield power_gains.TITLE, "bold yellow", tuple(gains)
    lost = row_lines([_loss(group, verbose=verbose) for group in review.equal_losses], width)
    yield losses.TITLE, "bold red", tuple(lost)
    yield coverage_falls.TITLE, "bold", tuple(_coverage(review))
    for one in review.ownership:
        if one.urgent:
            yield one.title, "bold yellow", tuple(_marked(one.lines))
    yield policy_lines.WAIVERS, "bold yellow", tuple(_marked(review.waivers))


def _reason(reason: Diagnostic) -> str:
    text = reason.summary
    return readable.harmless(text[:SHOWN_REASON]) + ("…" if len(text) > SHOWN_REASON else "")


def _gain(gain: PowerGain) -> Row:
    before = (*parts_of_sentence(gain.before), (" → ", "dim")) if gain.before else ()
    text = (*before, *parts_of_sentence(gain.after, "yellow"), *_by(gain.attribution))
    sign = "+" if gain.change.before is None else "~"
    return Row(sign, "yellow", who(gain.change), text, gain.place)


def _loss(group: LossGroup, *, verbose: bool) -> Row:
    text = (*parts_of_sentence(group.lost), *_by(group.attribution))
    first = group.losses[0].change
    sign = "-" if first.after is None else "~"
    if len(group.losses) == 1:
        return Row(sign, "red", who(first), text, group.place)
    names = name_line([shown_name(loss.change) for loss in group.losses], verbose=verbose)
    return Row(sign, "red", (f"{len(group.losses)} people",), text, group.place, (names,))


def _by(attribution: Attribution | None) -> tuple[Part, ...]:
    return ((f" ({change_texts.BY[attribution].strip()})", "dim"),) if attribution else ()


def _coverage(review: Review) -> Iterator[Line]:
    for sentence in review.falls:
        yield f"  {plain(sentence)}", "red"
    if review.shrinks:
        yield f"  {plain(review.shrinks)}", ""
    if review.falls and review.not_counted:
        yield f"  {review.not_counted}", "dim"


def _policy(review: Review) -> Iterator[Line]:
    """Yield the changed settings; they come first, since everything else depends on them."""
    for sentence, place in review.policy:
        yield (f"  {plain(sentence)}", "red"), (f"  {brief(place)}".rstrip(), "dim")
    if review.policy_note:
        yield f"  {plain(review.policy_note)}", "yellow"


def _renames(review: Review) -> Iterator[Line]:
    for line in review.renames[:_SHOWN_RENAMES]:
        yield f"  {plain(line.text)}", "red"
        yield f"      {line.advice} {brief(line.place)}: {brief(line.code)}", "yellow"
    if (more := len(review.renames) - _SHOWN_RENAMES) > 0:
        yield f"  and {more} more; JSON has all of them", "red"


def _marked(lines: Iterable[tuple[Sentence, str]]) -> Iterator[Line]:
    for sentence, place in lines:
        yield (f"  ! {plain(sentence)}", ""), (f"  {brief(place)}".rstrip(), "dim")
