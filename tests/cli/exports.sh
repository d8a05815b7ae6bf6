#!/usr/bin/env bash
# exports.sh LIBRARY HEADER: the shared library shows what the public header declares, all of it, each under the release
# that brought it, and nothing else; each declaration has a comment of its own; and what the library needs of others neither prints, nor ends the program, nor
# reads the environment, nor locks.
set -u
# shellcheck source=tests/cli/functions.sh
. "$(dirname "$0")/functions.sh"
library=$1 header=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-exports.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
export LC_ALL=C

command -v nm >/dev/null || { echo "no nm"; exit 77; }
case $(uname -s) in
Darwin) nm -gU "$library" | awk '{ print $NF }' | sed 's/^_//' ;;
*) nm -D --defined-only "$library" | awk '$2 != "A" { print $NF }' | tee "$folder/versioned" | sed 's/@.*//' ;;
esac | sort -u >"$folder/shown"
functions "$header" >"$folder/declared"
case $(uname -s) in
Darwin) nm -gu "$library" | sed 's/^ *_//' ;;
*) nm -D --undefined-only "$library" | awk '{ print $NF }' | sed 's/@.*//' ;;
esac | sort -u >"$folder/needed"

[ -s "$folder/declared" ] || { echo "found no declaration in $header"; exit 1; }
echo "$(wc -l <"$folder/declared" | tr -d ' ') functions declared, $(wc -l <"$folder/shown" | tr -d ' ') symbols shown"
comm -13 "$folder/declared" "$folder/shown" | sed 's/^/shown but not declared: /' >"$folder/wrong"
comm -23 "$folder/declared" "$folder/shown" | sed 's/^/declared but not shown: /' >>"$folder/wrong"
[ ! -e "$folder/versioned" ] || grep -v -E '^[^@]+@@MINNOW_[0-9]+(\.[0-9]+)*$' "$folder/versioned" |
    sed 's/^/shown without the release it is from: /' >>"$folder/wrong"
awk '/^MINNOW_API / && before !~ /\*\/$/ { print "declared without a comment: " $0 } { before = $0 }' "$header" \
    >>"$folder/wrong"
# Locks by the names of POSIX, C11, gcc's OpenMP and LLVM's. Built to measure coverage, it carries what that needs.
nm "$library" | grep -q __gcov_ || grep -E -x -e '(pthread_(mutex|rwlock|spin|cond)|mtx|cnd|sem|GOMP_(critical|atomic|ordered)|omp_.*lock|__kmpc_(critical|.*lock)).*' \
    -e '(__)?(v?f?printf|put[sc]?|fput[sc]|fwrite|putchar|perror)(_chk|_unlocked)?|stdout|stderr' \
    -e '_?_?[Ee]xit|quick_exit|(secure_)?getenv|environ' "$folder/needed" | sed 's/^/needed, and not allowed: /' >>"$folder/wrong"
[ -s "$folder/needed" ] || echo "found nothing that the library needs" >>"$folder/wrong"
cat "$folder/wrong"
[ ! -s "$folder/wrong" ]
