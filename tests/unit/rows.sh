#!/usr/bin/env bash
# rows.sh HEADER TABLE…: every activation, loss, optimiser, schedule and initialisation of the public header has a row in its table.
# Where a row is forgotten the program compiles all the same: the enumerator is refused, or the row is all zeros.
set -u
header=$1
shift
failures=0 rows=0
for type in activation loss optimizer schedule init; do
    enumerators=$(awk -v type="minnow_$type" '
        $0 == "typedef enum " type " {" { inside = 1; next }
        inside && /^}/ { exit }
        inside && match($0, /MINNOW_[A-Z0-9_]+ = /) { print substr($0, RSTART, RLENGTH - 3) }' "$header")
    [ -n "$enumerators" ] || { echo "FAILED: $header has no enumerator of minnow_$type"; exit 1; }
    for enumerator in $enumerators; do
        rows=$((rows + 1))
        grep -q "\[$enumerator\] *=" "$@" || { echo "FAILED: $enumerator has no row in any of: $*"; failures=$((failures + 1)); }
    done
done
echo "$rows enumerators"
[ "$failures" = 0 ]
