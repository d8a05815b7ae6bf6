#!/bin/bash
# tools/lib.sh takes the compiler that Meson will take, also where CC is a command of several words, and finds packages.
set -u
. "$(dirname "$0")/../../tools/lib.sh"
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-lib.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
failures=0

complain() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

unset CC
find_compiler || { echo "skipped: no compiler"; exit 77; }
real=$compiler

# A stand-in for ccache: without a compiler's name it compiles nothing.
printf '#!/bin/sh\nexec "$@"\n' >"$folder/wrapper"
chmod +x "$folder/wrapper"
PATH=$folder:$PATH

CC="wrapper $real"
find_compiler && [ "$compiler" = "wrapper $real" ] || complain "CC='$CC' is taken for '$compiler'"
compiles '#include <stdio.h>' || complain "CC='$CC' finds no stdio.h"
! compiles '#include <no-such-header.h>' || complain "CC='$CC' finds a header that does not exist"

for CC in no-such-compiler "wrapper no-such-compiler"; do
    ! find_compiler || complain "CC='$CC' is taken for '$compiler'"
done

# A Python without a package, first in PATH, hides none that Debian has installed.
printf '#!/bin/sh\nexit 1\n' >"$folder/python3"
printf '#!/bin/sh\nprintf installed\n' >"$folder/dpkg-query"
chmod +x "$folder/python3" "$folder/dpkg-query"
present python3-pytest || complain "python3-pytest is installed, and not found"
printf '#!/bin/sh\nexit 1\n' >"$folder/dpkg-query"
! present python3-pytest || complain "python3-pytest is not there, and found"
[ "$failures" = 0 ]
