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
grep -q -x 'loss 0\.0[0-9]* after 500 epochs' "$folder/said" || fail "it learned too little"
for line in '0 xor 0 is 0' '0 xor 1 is 1' '1 xor 0 is 1' '1 xor 1 is 0'; do
    grep -q -x "$line, by \(9[5-9]\|100\)\.[0-9] %" "$folder/said" || fail "no \"$line\""
done
[ -s "$folder/xor.safetensors" ] || fail "it saved no network"

# README's first piece of C is the example, to the letter.
awk '/^```c$/ { inside = 1; next } inside && /^```$/ { exit } inside' "$readme" | diff "$source" - ||
    fail "$readme shows another program than $source"
[ "$failures" = 0 ]
