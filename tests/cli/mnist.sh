#!/usr/bin/env bash
# The original job on the real images; skipped without MINNOW_DATA.
. "$(dirname "$0")/common.sh"
if [ -z "$given_data" ]; then
    echo "MINNOW_DATA is not set"
    exit 77
fi
expect 0 "$minnow" -l 0.17 --data "$given_data"
check "a line every 1,000 images" test "$(grep -c '^Current image number: [0-9]*000$' stdout)" = 59
check "100 blocks" test "$(grep -c '^-- Image #[0-9]*1 --$' stdout)" = 100
check "84 to 91 %" awk '/^final accuracy is: / { sub("%", ""); exit !($4 >= 84 && $4 <= 91) }' stdout
final=$(tail -n 1 stdout)
expect 0 "$minnow" -d 1 --data "$given_data"
check "the same from values/" test "$(tail -n 1 stdout)" = "$final"
finish
