#!/bin/sh
# Runs validate, plan, apply, and plan again on the embedded sandbox.
# It starts with a new account each time, and needs no key and no network.
set -eu

run() {
    printf '\n$ provisioner %s\n' "$*"
    provisioner "$@"
}

cd "$(dirname "$0")/.."
project=examples/acme
rm -f $project/.provisioner/sandbox.db*
run validate $project
run plan $project -t sandbox
run apply $project -t sandbox --yes
run plan $project -t sandbox
