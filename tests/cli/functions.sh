# shellcheck shell=bash
# functions HEADER: the names of the functions that the public header declares, one a line, sorted.
functions() {
    # The name before the first parenthesis of each declaration; comments may mention functions, so they go first.
    tr '\n' ' ' <"$1" | sed 's|/\*[^*]*\*\**\([^/*][^*]*\*\**\)*/| |g' | tr ';' '\n' |
        sed -n 's/.*MINNOW_API [^(]*[ *]\(minnow_[a-z0-9_]*\) *(.*/\1/p' | sort -u
}
