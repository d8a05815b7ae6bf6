#!/usr/bin/env bash
# install.sh BUILD_FOLDER C_COMPILER…: what `meson install` lays down is enough to build a program by pkg-config alone.
set -eu
build=$1
shift
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-install.XXXXXX")
trap 'rm -rf "$folder"' EXIT
for tool in meson pkg-config; do
    command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done

DESTDIR=$folder/root meson install -C "$build" --no-rebuild >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
package=$(find "$folder/root" -name minnow.pc)
[ -n "$package" ] || { echo "no minnow.pc installed"; exit 1; }
program=$(find "$folder/root" -path '*/bin/minnow')
[ -n "$program" ] || { echo "no program installed"; exit 1; }
library=$(dirname "$(dirname "$package")")

export PKG_CONFIG_PATH=${package%/minnow.pc}${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH} PKG_CONFIG_SYSROOT_DIR=$folder/root
cat >"$folder/user.c" <<'END'
#include <minnow/minnow.h>
#include <stdio.h>

int main(void) {
    minnow_dataset *digits = NULL;
    if (minnow_dataset_digits(MINNOW_SUBSET_TEST, 10, 1, &digits) != MINNOW_OK)
        return 1;
    printf("%s: %zu samples\n", minnow_version(), minnow_dataset_count(digits));
    minnow_dataset_free(digits);
    return 0;
}
END
# shellcheck disable=SC2046 # one word per flag
"$@" -o "$folder/user" "$folder/user.c" $(pkg-config --cflags --libs minnow)
said=$(LD_LIBRARY_PATH=$library DYLD_LIBRARY_PATH=$library "$folder/user")
[ "$said" = "$(pkg-config --modversion minnow): 10 samples" ] || { echo "unexpected: $said"; exit 1; }
"$program" --version
echo "$said"
