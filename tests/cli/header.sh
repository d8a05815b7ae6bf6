#!/usr/bin/env bash
# header.sh HEADER EXAMPLE C_COMPILER…: the public header stands alone in strict C11 and in C++, where a program can use
# every function of it. The example, a program in C, is valid C++ too.
set -eu
# shellcheck source=tests/cli/functions.sh
. "$(dirname "$0")/functions.sh"
header=$1 example=$2
shift 2
include=$(dirname "$(dirname "$header")")
warnings="-Wall -Wextra -Wpedantic -Werror"
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-header.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export LC_ALL=C

# shellcheck disable=SC2086 # one word per option
"$@" -std=c11 $warnings -fsyntax-only -x c - <<END
#include "$header"
#include "$header"
int main(void) { return minnow_version() == 0; }
END
# shellcheck disable=SC2086
"$@" -std=c11 $warnings -I"$include" -fsyntax-only "$example"
echo "C11: yes"

compiler=
for name in ${CXX:-c++ g++ clang++}; do
    ! command -v "$name" >/dev/null || { compiler=$name && break; }
done
[ -n "$compiler" ] || { echo "C++11: no compiler"; exit 77; }

# A program that calls every _init function and takes the address of every function.
functions "$header" >"$folder/declared"
{
    echo "#include <minnow/minnow.h>"
    echo "typedef void (*function)();"
    echo "extern const function all[];"
    echo "const function all[] = {"
    sed 's/.*/    reinterpret_cast<function>(\&&),/' "$folder/declared"
    echo "};"
    echo "int main() {"
    sed -n 's/^\(minnow_.*\)_init$/    { \1 x; \1_init(\&x, sizeof x); if (x.struct_size != sizeof x) return 1; }/p' "$folder/declared"
    echo "    return all[0] == nullptr; }"
} >"$folder/all.cpp"
grep -q _init "$folder/all.cpp"
# shellcheck disable=SC2086
"$compiler" -std=c++11 $warnings -I"$include" -o "$folder/all.o" -c "$folder/all.cpp"
# Names that C++ has not decorated are those of a C library.
if command -v nm >/dev/null; then
    nm -u "$folder/all.o" | awk '{ print $NF }' | sed 's/^_minnow/minnow/' | grep minnow | sort -u >"$folder/used"
    diff "$folder/declared" "$folder/used" || { echo "C++ asks for other functions"; exit 1; }
fi
# shellcheck disable=SC2086
"$compiler" -std=c++11 $warnings -I"$include" -fsyntax-only -x c++ "$example"
echo "C++11: yes, $(wc -l <"$folder/declared" | tr -d ' ') functions"
