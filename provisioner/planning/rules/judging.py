"""Applies the rules of the team to a plan, or to the files alone, and returns the findings."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.model.desired import DesiredState
from provisioner.model.team.minimums import LOCKED, MIN_COVER, REQUIRED
from provisioner.model.team.waivers import PLAN
from provisioner.model.team_rules import Level, Subject, TeamRule, TeamRules
from provisioner.planning.rules.data_model import RuleModel
from provisioner.planning.rules.expressions import ConditionError, check_expression, expressions_in
from provisioner.planning.rules.questions import (
    BEFORE,
    RuleAnswer,
    RuleFacts,
    RuleQuestion,
    words_of,
)
from provisioner.planning.rules.rule_names import TEXT, check_braces, check_names
from provisioner.planning.scope import matches

CODE = "rule"
"""The code of the findings of all rules."""

FAILED = "rule-failed"
"""The code of a rule that could not be evaluated."""

_FINDERS = {"account": "find_agent", "live": "find_live_agent", "data": "lookup"}
"""The function that reads each of the shared variables."""

BUILT_IN_CODES = {MIN_COVER: "min-cover", REQUIRED: "required-role", LOCKED: "locked-field"}
"""The codes of the findings of each built-in rule."""

CODES_OF_RULES = frozenset({CODE, FAILED, *BUILT_IN_CODES.values()})


_OF_THE_ACCOUNT = frozenset(
    {"live", "account", BEFORE, *_FINDERS.values(), "members", "covers", "hours", "declared"}
) - {"lookup"}
"""The words of a condition that the files alone can't decide."""

Evaluate = Callable[[Sequence[RuleQuestion], RuleFacts], Iterable[RuleAnswer]]
"""Answers questions, in order: in this process, or in a child with limits."""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """An object that does not conform to a rule, or a rule that can't be evaluated.

    Attributes:
        rule: the id of the rule.
        address: the object; None for the plan as a whole.
        message: the text of the rule for the object, or the reason of a failure.
        level: the level of the rule.
        span: the place that declares the object, or that of the rule.
        rule_span: the place of the rule.
        failed: whether the rule could not be evaluated.
    """

    rule: str
    address: Address | None
    message: str
    level: Level
    span: Span | None
    rule_span: Span | None = None
    failed: bool = False

    @property
    def severity(self) -> Severity:
        """The severity: a rule that can't be evaluated is an error at any level."""
        return Severity.ERROR if self.failed else self.level.severity

    def diagnostic(self) -> Diagnostic:
        """Return the finding as a diagnostic."""
        about = f"{self.address}: " if self.address else ""
        if self.failed:
            return Diagnostic(
                code=FAILED,
                summary=f'rule "{self.rule}" can\'t be evaluated: {about}{self.message}',
                span=self.rule_span or self.span,
                hint="mend the rule; has(agent.FIELD) checks whether a field is there",
                rule=self.rule,
                object=str(self.address) if self.address else "",
            )
        is_built_in = self.rule in BUILT_IN_CODES
        name = self.rule if is_built_in else f'rule "{self.rule}"'
        return Diagnostic(
            code=BUILT_IN_CODES.get(self.rule, CODE),
            summary=f"{name}: {about}{self.message}",
            span=self.span,
            hint="change the files so that they conform, or accept it until a day with a waiver"
            if is_built_in
            else f'change the files so that they conform, or the rule "{self.rule}"',
            related=(("the rule", self.rule_span),)
            if self.rule_span and self.rule_span != self.span
            else (),
            severity=self.severity,
            rule=self.rule,
            object=str(self.address) if self.address else PLAN,
        )


def check_conditions(team: TeamRules) -> Iterator[Diagnostic]:
    """Yield an error for each condition and each expression of a message that is not valid."""
    for rule in team.rules:
        yield from check_names(rule, team.files)
        yield from check_braces(rule)
        parts = [(rule.condition, True), *((one, False) for one in expressions_in(rule.message))]
        for expression, is_condition in parts:
            try:
                check_expression(rule.subject.value, expression, is_condition=is_condition)
            except ConditionError as error:
                part = "assert" if is_condition else f"message, {{{expression}}}"
                yield Diagnostic(
                    code="rule-invalid",
                    summary=f'rule "{rule.id}", {part}: {error}',
                    span=rule.span,
                    hint="docs/rules.md lists the variables of each kind of rule",
                )


Applies = Callable[[TeamRule, Address], bool]
"""Returns whether a rule is evaluated for an object."""


def judge(
    rules: Sequence[TeamRule],
    model: RuleModel,
    desired: DesiredState,
    evaluate: Evaluate,
    *,
    applies: Applies | None = None,
) -> tuple[RuleFinding, ...]:
    """Return the findings of rules about a model.

    Args:
        rules: the rules.
        model: the data that they are about.
        desired: the declared objects, for places.
        evaluate: answers the questions.
        applies: selects the objects beside the rule's own selectors; None for all.
    """
    questions = [
        RuleQuestion(
            rule.subject.value,
            rule.condition,
            rule.message or " ".join(rule.condition.split()).replace("{", "{{").replace("}", "}}"),
            _places(rule, model, applies),
        )
        for rule in rules
    ]
    answers = evaluate(questions, _needed(questions, model.facts)) if questions else ()
    return tuple(
        finding
        for rule, answer in zip(rules, answers, strict=True)
        for finding in _findings(rule, answer, model, desired)
    )


def _needed(questions: Sequence[RuleQuestion], facts: RuleFacts) -> RuleFacts:
    """Return the part of the data that questions are about: all of it takes time to move."""
    words, subjects = words_of(questions), {one.subject for one in questions}
    return RuleFacts(
        {subject: facts.objects[subject] for subject in subjects},
        {
            name: value if {name, _FINDERS[name]} & words else {}
            for name, value in facts.shared.items()
        },
        {subject: facts.before[subject] for subject in subjects & facts.before.keys()}
        if BEFORE in words
        else {},
    )


def _places(rule: TeamRule, model: RuleModel, applies: Applies | None) -> list[int] | None:
    """Return the positions of the objects that a rule applies to; None for all."""
    if not (rule.only or rule.exclude or applies):
        return None
    addresses = model.addresses[rule.subject]
    members = model.departments.get(rule.subject, ((),) * len(addresses))

    def selects(selectors: Iterable[str], at: int) -> bool:
        address = addresses[at]
        return address is not None and any(matches(address, members[at], one) for one in selectors)

    return [
        at
        for at in range(len(addresses))
        if (not rule.only or selects(rule.only, at))
        and not selects(rule.exclude, at)
        and (applies is None or ((one := addresses[at]) is not None and applies(rule, one)))
    ]


def _findings(
    rule: TeamRule, answer: RuleAnswer, model: RuleModel, desired: DesiredState
) -> Iterator[RuleFinding]:
    addresses = model.addresses[rule.subject]
    for at, message in answer.failed:
        address = addresses[at]
        span = _span(rule, address, desired) or rule.span
        yield RuleFinding(rule.id, address, message, rule.level, span, rule.span)
    if answer.problem:
        address = None if answer.at is None else addresses[answer.at]
        yield RuleFinding(
            rule.id, address, answer.problem, rule.level, rule.span, rule.span, failed=True
        )


def _span(rule: TeamRule, address: Address | None, desired: DesiredState) -> Span | None:
    """Return the place of the first field of a rule that the files declare, or of the object."""
    entry = desired.resources.get(address.identity) if address else None
    if entry is None:
        return None
    for path in paths_of(rule):
        if entry.source(*path):
            return entry.span(*path)
    return entry.span()


def paths_of(rule: TeamRule) -> list[tuple[str, ...]]:
    """Return the fields of the object that a condition names, such as `("chat", "max_load")`."""
    condition = TEXT.sub("''", rule.condition)
    found = re.findall(rf"\b{rule.subject.value}((?:\.\w+)+)(?!\w*\()", condition)
    return [tuple(path.strip(".").split(".")) for path in found]


def files_suffice(rule: TeamRule) -> bool:
    """Return whether a condition may have the same value for the files as for the account.

    It may not if it reads the account, who is a member of what, or hours, which the account has in
    its own zone. The fields that it names must be declared, too.
    """
    if rule.subject not in {Subject.AGENT, Subject.ROLE}:
        return False
    condition = TEXT.sub("''", rule.condition)
    words = {*re.findall(r"[a-z_]+", condition)}
    whole_object = re.search(rf"\b{rule.subject.value}\b(?!\.)", condition)
    return not (whole_object or words & _OF_THE_ACCOUNT)


def errors_of(findings: Iterable[RuleFinding]) -> list[Diagnostic]:
    """Return the errors among findings as diagnostics."""
    return [one.diagnostic() for one in findings if one.severity is Severity.ERROR]


def warnings_of(findings: Iterable[RuleFinding]) -> list[Diagnostic]:
    """Return the warnings among findings as diagnostics."""
    return [one.diagnostic() for one in findings if one.severity is Severity.WARNING]
