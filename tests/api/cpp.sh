#!/usr/bin/env bash
# cpp.sh LIBRARY HEADER EXAMPLE: the public header compiles in C++11 and C++17 without a warning of many, and a program
# in C++ that uses it is compiled, linked and run.
set -u
library=$(cd "$(dirname "$1")" && pwd) header=$2 example=$3
include=$(dirname "$(dirname "$header")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-cpp.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
warnings="-Wall -Wextra -Wpedantic -Werror -Wold-style-cast -Wconversion -Wsign-conversion -Wshadow -Wundef
    -Wcast-qual -Wzero-as-null-pointer-constant -Wnon-virtual-dtor -Wmissing-declarations -Wdouble-promotion"
failures=0 compilers=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

for compiler in ${CXX:-g++ clang++}; do
    command -v "$compiler" >/dev/null || { echo "no $compiler"; continue; }
    compilers=$((compilers + 1))
    for standard in c++11 c++17; do
        # shellcheck disable=SC2086 # one word per option
        printf '#include "%s"\n' "$header" "$header" | "$compiler" -std=$standard $warnings -fsyntax-only -x c++ - ||
            fail "$compiler, $standard: the header"
        # shellcheck disable=SC2086
        "$compiler" -std=$standard $warnings -I"$include" -o "$folder/example" "$example" -L"$library" -lminnow ||
            { fail "$compiler, $standard: the example"; continue; }
        LD_LIBRARY_PATH=$library DYLD_LIBRARY_PATH=$library "$folder/example" || fail "$compiler, $standard: exit status $?"
    done
done
[ "$compilers" -gt 0 ] || exit 77
[ "$failures" = 0 ]
