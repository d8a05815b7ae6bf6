#!/usr/bin/env bash
# arguments.sh HEADER SOURCE: every function that the public header declares has its row of wrong arguments.
set -u
# shellcheck source=tests/cli/functions.sh
. "$(dirname "$0")/../cli/functions.sh"
export LC_ALL=C
tried=$(grep -oE '(REFUSED|ANSWERS|EXPLAINS|ACCEPTS)\(minnow_[a-z0-9_]+' "$2" | sed 's/.*(//' | sort -u)
declared=$(functions "$1")
[ -n "$declared" ] || { echo "found no declaration in $1"; exit 1; }
forgotten=$(comm -23 <(echo "$declared") <(echo "$tried"))
[ -z "$forgotten" ] || { echo "$2 has no row for: $forgotten"; exit 1; }
echo "$(echo "$declared" | wc -l | tr -d ' ') functions"
