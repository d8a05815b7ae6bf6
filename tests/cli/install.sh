#!/usr/bin/env bash
# install.sh BUILD_FOLDER C_COMPILER…: what `meson install` lays down is enough to build a program by pkg-config alone,
# with the shared library, with the static one, and with nothing but static ones; and the documents are there.
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
prefix=$(pkg-config --variable=prefix "$package")
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
# The installed example, too.
example=$(find "$folder/root" -path '*/doc/minnow/examples/example.c')
[ -n "$example" ] || { echo "no example installed"; exit 1; }
# shellcheck disable=SC2046
"$@" -o "$folder/example" "$example" $(pkg-config --cflags --libs minnow)
(cd "$folder" && LD_LIBRARY_PATH=$library DYLD_LIBRARY_PATH=$library ./example)
"$program" --version
echo "$said"

for document in README.md NEWS.md LICENSE examples/example.c examples/example.cpp; do
    [ -s "$folder/root$prefix/share/doc/minnow/$document" ] || { echo "no $document installed"; exit 1; }
done

# Whatever the build made of pages and completions is where man and the shells look.
for made in "$build"/src/cli/reference/*.1 "$build"/src/cli/reference/{minnow,_minnow,minnow.fish}; do
    [ -f "$made" ] || continue
    case $made in
    *.1) place=man/man1 ;;
    *.fish) place=fish/vendor_completions.d ;;
    */_minnow) place=zsh/site-functions ;;
    *) place=bash-completion/completions ;;
    esac
    cmp "$made" "$folder/root$prefix/share/$place/$(basename "$made")" || exit 1
done

# The static library, without its shared one to take instead; then nothing but static libraries, where they are there.
[ -e "$library/libminnow.a" ] || { echo "no libminnow.a installed"; exit 1; }
rm -f "$library"/libminnow.so* "$library"/libminnow*.dylib
# shellcheck disable=SC2046
"$@" -o "$folder/static" "$folder/user.c" $(pkg-config --static --cflags --libs minnow)
[ "$("$folder/static")" = "$said" ] || { echo "unexpected of the static library: $("$folder/static")"; exit 1; }
[ "$(uname -s)" = Linux ] || exit 0
if ! echo 'int main(void) { return 0; }' | "$@" -fopenmp -static -x c -o "$folder/probe" - -ldeflate -ljansson -lm 2>"$folder/log"; then
    echo "no static libraries to link with: $(head -n 1 "$folder/log")"
    exit 0
fi
# shellcheck disable=SC2046
"$@" -static -o "$folder/static" "$folder/user.c" $(pkg-config --static --cflags --libs minnow)
[ "$("$folder/static")" = "$said" ] || { echo "unexpected of the static program: $("$folder/static")"; exit 1; }
echo "a static program says the same"
