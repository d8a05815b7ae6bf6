#!/usr/bin/env bash
# manual.sh PROGRAM PAGE…: the man pages are as mandoc wants them, and each says of its command's options what --help says.
. "$(dirname "$0")/common.sh" "$1"
shift
pages=()
for page in "$@"; do
    pages+=("$(cd "$OLDPWD" && cd "$(dirname "$page")" && pwd)/$(basename "$page")")
done

# A page as lines of words without markup, as `man` shows them; groff's marks and roff's escapes go.
shown() {
    sed -e '/^\.\\"/d' -e 's/^\.\(TP\|PP\|EX\|EE\|nf\|fi\)$//' -e 's/^\.\(SH\|BR\|B\|I\|TH\) //' -e 's/\\f[BIRP]//g' \
        -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(ti/~/g' -e 's/\\(ha/^/g' -e 's/\\(ga/`/g' -e 's/\\&//g' -e 's/\\e/\\/g' "$1"
}
words() { tr -s ' \n' '\n\n' | grep -v '^$'; }

for page in "${pages[@]}"; do
    name=$(basename "$page" .1)
    check "not ASCII" sh -c '! LC_ALL=C grep -n "[^ -~]" "$1"' sh "$page"
    if command -v mandoc >/dev/null; then
        check "mandoc's complaints" sh -c 'test -z "$(mandoc -T lint "$1" | tee /dev/stderr)"' sh "$page"
    fi
    [ "$name" != minnow ] || continue

    # Each word of the help, in its order, below the heads.
    expect 0 "$minnow" "${name#minnow-}" --help
    grep -v -e '^minnow ' -e '^Usage: ' -e '^Options$' -e '^Common options$' -e '^Examples$' stdout | words >help.words
    shown "$page" | sed '1,/^DESCRIPTION$/d' | grep -v -x -e OPTIONS -e 'COMMON OPTIONS' -e EXAMPLES | sed '/^SEE ALSO$/,$d' | words >page.words
    check "the page of $name says something else than its help" diff help.words page.words
    check "it says little" test "$(wc -l <page.words)" -gt 40
done

for command in train test predict; do
    check "minnow.1 does not name $command" grep -q "^\.BR minnow.-$command (1)" "${pages[0]}"
done
if ! command -v mandoc >/dev/null && [ "$failures" = 0 ]; then
    echo "no mandoc: the pages' form was not looked at"
    exit 77
fi
finish
