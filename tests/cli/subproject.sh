#!/usr/bin/env bash
# subproject.sh SOURCE_FOLDER PROGRAM [build]: a project that has minnow as a subproject gets it by dependency('minnow'),
# static and shared; of minnow it then builds the library alone, with no program, no tests and no warning. What the build
# will hold is looked at without compiling; with "build", which takes half a minute, the static one is made and run.
set -eu
source=$(cd "$1" && pwd) minnow=$2 build=${3:-}
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-subproject.XXXXXX")
trap 'rm -rf "$folder"' EXIT
for tool in meson ninja; do
    command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done
fail() {
    echo "FAILED: $*"
    tail -n 30 "$folder/log"
    exit 1
}

mkdir -p "$folder/parent/subprojects"
ln -s "$source" "$folder/parent/subprojects/minnow"
cat >"$folder/parent/meson.build" <<'END'
project('parent', 'c')
minnow = dependency('minnow', version: '>=0.1', fallback: 'minnow')
executable('user', 'user.c', dependencies: minnow)
END
cat >"$folder/parent/user.c" <<'END'
#include <minnow/minnow.h>
#include <stdio.h>

int main(void) {
    puts(minnow_version());
    return 0;
}
END

# An installed minnow must not be what is found.
for kind in static shared; do
    meson setup "$folder/$kind" "$folder/parent" --force-fallback-for=minnow -Ddefault_library=$kind \
        -Dminnow:default_library=$kind -Dbuildtype=debug >"$folder/log" 2>&1 || fail "meson setup, $kind"
    ! grep -E 'WARNING|DEPRECATION' "$folder/log" || fail "warnings, $kind"
    meson introspect --targets "$folder/$kind" >"$folder/targets"
    grep -q '"name": "user"' "$folder/targets" || fail "no target user"
    ! grep -o -E '"name": "(test_[^"]*|example)"' "$folder/targets" || fail "builds tests, $kind"
    [ "$(grep -o '"type": "executable"' "$folder/targets" | wc -l)" = 1 ] || fail "builds more programs than its own, $kind"
done

[ "$build" = build ] || exit 0
ninja -C "$folder/static" user >"$folder/log" 2>&1 || fail "build"
said=$("$folder/static/user")
[ "minnow $said" = "$("$minnow" --version)" ] || fail "unexpected: $said"
echo "minnow $said as a subproject"
