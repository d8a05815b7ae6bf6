#!/usr/bin/env bash
# reference.sh DOXYFILE HEADER: Doxygen makes the API reference without a warning, with every function in it; and it
# does warn when a function, a parameter or a member has no description.
set -u
# shellcheck source=tests/cli/functions.sh
. "$(dirname "$0")/../cli/functions.sh"
doxyfile=$1 header=$2
command -v doxygen >/dev/null || { echo "no doxygen"; exit 77; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-reference.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
export LC_ALL=C
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# document HEADER: what Doxygen says of it is in the file said.
document() {
    MINNOW_VERSION=0 MINNOW_HEADER=$1 MINNOW_DOC=$folder doxygen "$doxyfile" >"$folder/said" 2>&1
}

document "$header" || fail "exit status $?"
[ ! -s "$folder/said" ] || fail "Doxygen says: $(cat "$folder/said")"
for function in $(functions "$header"); do
    grep -q "class=\"memname\">[^<]*$function\|>$function<" "$folder"/html/group__*.html || fail "no $function in the reference"
done

# expect_warning PROGRAM WARNING: of the header as awk's program changes it.
expect_warning() {
    awk "$1" "$header" >"$folder/minnow.h"
    cmp -s "$header" "$folder/minnow.h" && fail "changed nothing: $1"
    document "$folder/minnow.h" && fail "no failure after: $1"
    grep -q "$2" "$folder/said" || fail "not \"$2\", but: $(cat "$folder/said")"
}
expect_warning '!/@param tail /' "parameter 'tail'"
expect_warning '!/@return .MAJOR/' 'minnow_version is not documented'
expect_warning '{ sub(/ *\/\*\*< Which epoch.*/, "") } 1' 'Member epoch'
expect_warning '{ print } /^#endif/ { print "MINNOW_API int minnow_nothing(void);" }' 'minnow_nothing'
[ "$failures" = 0 ]
