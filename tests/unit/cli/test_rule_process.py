"""A child process bounds memory and time of each rule, and the others are still evaluated."""

import pytest

from provisioner.cli.rule_process import evaluate_in_child
from provisioner.planning.rules.questions import RuleFacts, RuleQuestion

FACTS = RuleFacts({"agent": [{"email": "a"}]}, {"live": {}, "account": {}, "data": {}})
LAST = RuleQuestion("agent", "false", "{agent.email}")

DOUBLED = "['abcdefgh']" + ".map(x, x + x + x + x)" * 15 + "[0].size() == 1"
NESTED = "[['a', 'b']]" + ".map(x, [x, x, x, x])" * 15

BOUNDED = {
    "steps": (
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
        + "".join(f".all(a{i}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]" for i in range(4))
        + ".all(x, true)"
        + ")" * 4,
        "it takes more than 10,000 steps",
    ),
    "depth": ("(" * 50 + "true" + ")" * 50, "Expression recursion limit exceeded"),
    "memory": (DOUBLED, "it needs more than 512 MiB of memory"),
    "time": (f"{NESTED} == {NESTED}", "it takes more than 1 seconds"),
}


@pytest.mark.slow
@pytest.mark.parametrize("bound", BOUNDED)
def test_a_rule_is_bounded_and_the_next_one_is_evaluated(bound: str) -> None:
    condition, problem = BOUNDED[bound]
    questions = [RuleQuestion("agent", condition), LAST]
    first, last = evaluate_in_child(questions, FACTS, seconds=1 if bound == "time" else 30)
    assert problem in first.problem
    assert last.failed == ((0, "a"),)
