"""Checks a plan with a policy in Rego: check_rego.py POLICY PLAN. Needs the package regopy."""

import json
import sys
from pathlib import Path

import regopy


def main(policy: str, plan: str) -> None:
    """Print what the policy denies, and exit with 1 if it denies anything."""
    rego = regopy.Interpreter()
    rego.add_module(policy, Path(policy).read_text(encoding="utf-8"))
    rego.set_input(json.loads(Path(plan).read_text(encoding="utf-8")))
    answer = rego.query("data.provisioner.deny")
    if not answer.ok():  # the policy itself is wrong
        sys.exit(str(answer))
    denied = answer.results[0].expressions[0]
    sys.stdout.writelines(f"{message}\n" for message in denied)
    sys.exit(1 if denied else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
