#!/usr/bin/env bash
# header.sh HEADER C_COMPILER…: the public header stands alone, in strict C11 and in C++.
set -eu
header=$1
shift
warnings="-Wall -Wextra -Wpedantic -Werror"
# shellcheck disable=SC2086 # one word per option
"$@" -std=c11 $warnings -fsyntax-only -x c - <<END
#include "$header"
#include "$header"
int main(void) { return minnow_version() == 0; }
END
echo "C11: yes"
for compiler in ${CXX:-c++ g++ clang++}; do
    command -v "$compiler" >/dev/null || continue
    # shellcheck disable=SC2086
    "$compiler" -std=c++11 $warnings -fsyntax-only -x c++ - <<END
#include "$header"
int main() { minnow_training_config config; minnow_training_config_init(&config, sizeof config); return config.struct_size == 0; }
END
    echo "C++11: yes"
    exit 0
done
echo "C++11: no compiler"
exit 77
