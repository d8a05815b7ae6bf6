#!/usr/bin/env bash
# exports.sh LIBRARY HEADER: the shared library shows what the public header declares, all of it, and nothing else.
set -u
library=$1 header=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-exports.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
export LC_ALL=C

command -v nm >/dev/null || { echo "no nm"; exit 77; }
case $(uname -s) in
Darwin) nm -gU "$library" | awk '{ print $NF }' | sed 's/^_//' ;;
*) nm -D --defined-only "$library" | awk '{ print $NF }' | sed 's/@.*//' ;;
esac | sort -u >"$folder/shown"
# The name before the first parenthesis of each declaration; comments may mention functions, so they go first.
tr '\n' ' ' <"$header" | sed 's|/\*[^*]*\*\**\([^/*][^*]*\*\**\)*/| |g' | tr ';' '\n' |
    sed -n 's/.*MINNOW_API [^(]*[ *]\(minnow_[a-z0-9_]*\) *(.*/\1/p' | sort -u >"$folder/declared"

[ -s "$folder/declared" ] || { echo "found no declaration in $header"; exit 1; }
echo "$(wc -l <"$folder/declared" | tr -d ' ') functions declared, $(wc -l <"$folder/shown" | tr -d ' ') symbols shown"
comm -13 "$folder/declared" "$folder/shown" | sed 's/^/shown but not declared: /' >"$folder/wrong"
comm -23 "$folder/declared" "$folder/shown" | sed 's/^/declared but not shown: /' >>"$folder/wrong"
cat "$folder/wrong"
[ ! -s "$folder/wrong" ]
