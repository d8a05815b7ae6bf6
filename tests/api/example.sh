#!/usr/bin/env bash
# example.sh PROGRAM SOURCE README: the example learns what it is shown, and the README shows its source.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") source=$2 readme=$3
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-example.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

(cd "$folder" && "$program") >"$folder/said" 2>&1 || fail "exit status $?"
cat "$folder/said"
grep -q -x 'accuracy \(9[5-9]\|100\)\.[0-9] %' "$folder/said" || fail "it learned too little"
grep -q -x 'label 1, probability \(0\.[5-9].\|1\.00\)' "$folder/said" || fail "it takes a point near the centre for one outside"
[ -s "$folder/circle.safetensors" ] || fail "it saved no network"

# README's first piece of C is the example, to the letter.
awk '/^```c$/ { inside = 1; next } inside && /^```$/ { exit } inside' "$readme" | diff "$source" - ||
    fail "$readme shows another program than $source"
[ "$failures" = 0 ]
