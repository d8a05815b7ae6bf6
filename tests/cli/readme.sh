#!/usr/bin/env bash
# readme.sh PROGRAM SOURCE_FOLDER README [BUILD_FOLDER C_COMPILER…]: does README tell the truth?
#
# Every block of sh in it is run, those of a section one after the other in a fresh folder, as a reader would; each must
# succeed, and print what the text block behind it shows, but for the numbers. Blocks of Python run where their modules
# are. A block that cannot be run here has a comment above it, <!-- not run: WHY -->: these are listed and counted, and
# what they name must exist. So must the commands, options, functions and files that the prose names.
#
# Without a compiler, Meson and pkg-config, blocks that call cc are left out.
. "$(dirname "$0")/common.sh"
here=$(cd "$OLDPWD" && cd "$(dirname "$0")" && pwd)
source=$(cd "$OLDPWD" && cd "$2" && pwd)
readme=$(cd "$OLDPWD" && cd "$(dirname "$3")" && pwd)/$(basename "$3")
build=${4:-}
[ -z "$build" ] || build=$(cd "$OLDPWD" && cd "$build" && pwd)
compiler=("${@:5}")
command -v meson >/dev/null && command -v pkg-config >/dev/null || compiler=()
not_run_blocks=10 # with a comment that says why; one more is one command less that is known to work
python=${README_PYTHON:-python3}

: >stdout
: >stderr
mkdir blocks bin home
check "README comes apart" awk -v out=blocks -f "$here/readme.awk" "$readme"
mv check.out index
ln -s "$minnow" bin/minnow
[ "$failures" = 0 ] || finish
export HOME=$folder/home

# ---- What the machine of a reader has

# The program in PATH, a compiler called cc, the library as `meson install` lays it down below ~/.local, and data as
# tools/fetch-mnist leaves them: drawn digits, a tenth as many.
prepare() {
    mkdir -p home/.cache/minnow/mnist
    [ ${#compiler[@]} = 0 ] || install_library
    "$minnow" convert digits drawn >prepare.out 2>&1 || complain "no digits"
    shorten drawn/train 6000
    shorten drawn/t10k 1000
}

install_library() {
    printf '#!/bin/sh\nexec %s "$@"\n' "${compiler[*]}" >bin/cc
    chmod +x bin/cc
    check "the library is installed" env DESTDIR="$folder/root" meson install -C "$build" --no-rebuild
    local package
    package=$(find root -name minnow.pc)
    mkdir -p home/.local/lib/pkgconfig
    ln -s "$folder/$(dirname "$(dirname "$package")")"/libminnow* home/.local/lib/
    ln -s "$folder/$(dirname "$(find root -path '*/minnow/minnow.h')")/.." home/.local/include
    ln -s "$folder/$(dirname "$(dirname "$(dirname "$(find root -path '*/examples/example.c')")")")/.." home/.local/share
    sed "s|^prefix=.*|prefix=$HOME/.local|; s|^libdir=.*|libdir=\${prefix}/lib|; s|^includedir=.*|includedir=\${prefix}/include|" \
        "$package" >home/.local/lib/pkgconfig/minnow.pc
}

# shorten PREFIX COUNT: the first samples of two IDX files.
shorten() {
    local name=${1#drawn/} count
    count=$(printf '\\x%02x\\x%02x' $(($2 / 256)) $(($2 % 256)))
    {
        printf '%b' "\\0\\0\\x08\\x03\\0\\0$count"
        head -c $((16 + $2 * 784)) "$1-images-idx3-ubyte" | tail -c +9
    } >"home/.cache/minnow/mnist/$name-images-idx3-ubyte"
    {
        printf '%b' "\\0\\0\\x08\\x01\\0\\0$count"
        head -c $((8 + $2)) "$1-labels-idx1-ubyte" | tail -c +9
    } >"home/.cache/minnow/mnist/$name-labels-idx1-ubyte"
}

# enlarge ROWS: a table of so many rows like those on standard input, whose numbers vary.
enlarge() {
    awk -F, -v rows="$1" '
    NR == 1 { print; next }
    { row[NR - 2] = $0; count = NR - 1 }
    END {
        seed = 7
        for (i = 0; i < rows; i++) {
            fields = split(row[i % count], field, ",")
            for (f = 1; f <= fields; f++) {
                seed = seed * 16807 % 2147483647
                if (field[f] ~ /^[0-9.]+$/) field[f] = sprintf("%.3f", field[f] + seed / 2147483647)
                printf "%s%s", field[f], f < fields ? "," : "\n"
            }
        }
    }'
}

# ---- The blocks

# run_block NUMBER LANGUAGE LINE SECTION: in the folder of its section.
run_block() {
    local block=$folder/blocks/$1 exact=0
    local -a command=(bash -e "$block.sh")
    [ "$2" = sh ] || command=("$python" "$block.py")
    (PATH=$folder/bin:$PATH && cd "section$4" && "${command[@]}" >"$block.printed" 2>&1 </dev/null)
    status=$?
    checks=$((checks + 1))
    cp "$block.printed" stdout
    [ "$status" = 0 ] || complain "README.md:$3: exit status $status"
    [ -e "$block.wanted" ] || return
    checks=$((checks + 1))
    grep -q -e '--data digits' "$block.sh" && exact=1 # the same bits everywhere
    awk -v exact=$exact -f "$here/readme-shape.awk" "$block.wanted" "$block.printed" >shape.out 2>&1 ||
        complain "README.md:$3: prints something else than it shows: $(cat shape.out)"
}

# What a block that is not run names must be there: the scripts, and the options of the build with their values.
check_names() {
    local script option
    # shellcheck disable=SC2013 # words without blanks
    for script in $(grep -oE '\btools/[a-z-]+' "$1"); do
        check "README.md:$2" test -x "$source/$script"
    done
    # shellcheck disable=SC2013
    for option in $(grep -oE -e '-D[a-z]+=[a-z]+' "$1"); do
        option=${option#-D}
        check "README.md:$2: -D$option" grep -q "^option('${option%=*}', type: '\(feature\|boolean\)'" "$source/meson_options.txt"
        check "README.md:$2: -D$option" grep -qE '=(enabled|disabled|auto|true|false)$' <<<"$option"
    done
}

has_modules() {
    "$python" -c "$(grep -E '^import ' "$1")" 2>python.out
}

not_run=0 ran=0
one_block() { # NUMBER LANGUAGE LINE SECTION COMMENT
    local file=$folder/blocks/$1.$2 name rows
    local place=section$4
    mkdir -p "$place"
    case $2-$5 in
    *-'not run: '*)
        not_run=$((not_run + 1))
        echo "not run: README.md:$3, ${5#not run: }"
        check_names "$file" "$3"
        ;;
    csv-'the test makes '*)
        read -r name rows <<<"$(sed -E 's/^the test makes (.*) of ([0-9]+) rows like these$/\1 \2/' <<<"$5")"
        enlarge "$rows" <"$file" >"$place/$name"
        ;;
    sh-*)
        [ "$5" != 'the test makes the folder DATA of four CSV files' ] || csv_data "$place/DATA" 200 50
        if grep -q '^cc ' "$file" && [ ${#compiler[@]} = 0 ]; then
            echo "left out, for want of a compiler, Meson or pkg-config: README.md:$3"
            return
        fi
        [ ! -e example.c ] || cp example.c "$place/xor.c"
        run_block "$1" "$2" "$3" "$4"
        ran=$((ran + 1))
        ;;
    python-*)
        mv "$file" "$folder/blocks/$1.py"
        if has_modules "$folder/blocks/$1.py"; then
            run_block "$1" py "$3" "$4"
        else
            echo "left out, as Python has not the modules: README.md:$3"
        fi
        ;;
    c-*) ;;
    *) complain "README.md:$3: what to do with a block of $2?" ;;
    esac
}

# ---- The prose

# The options that any command has.
known_options() {
    "$minnow" help all | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' >commands
    local command
    while read -r command; do
        "$minnow" "$command" --help | grep -oE -e '--[a-z][a-z0-9-]*' | sort -u >"options-$command"
    done <commands
    sort -u options-* >options
}

# check_span TEXT: a piece of prose in code's type.
check_span() {
    local word command
    # shellcheck disable=SC2086 # its words
    set -- $1
    if [ "$1" = minnow ] && [[ ${2-} =~ ^[a-z]+$ ]]; then
        command=$2
        check "no command $command" grep -qx "$command" commands
    fi
    case $1 in minnow | --*) ;; *) return ;; esac
    for word; do
        case $word in --prefix* | --libdir*) continue ;; esac
        [[ $word =~ ^--[a-z] ]] && check "no option $word${command:+ of $command}" grep -qx -e "${word%%=*}" "options${command:+-$command}"
    done
}

check_prose() {
    local span name
    known_options
    # shellcheck disable=SC2016 # Markdown's signs
    tr '\n' ' ' <blocks/prose | grep -oE '`[^`]+`' | tr -d '`' | sort -u >spans
    while read -r span; do check_span "$span"; done <spans
    # shellcheck disable=SC2013
    for name in $(grep -oE '\bminnow_[a-z_]+\b' spans | sort -u); do
        check "the header has no $name" grep -qw "$name" "$source/include/minnow/minnow.h"
    done
    # shellcheck disable=SC2013
    for name in $(grep -oE '\]\([^)]+\)' blocks/prose | sed 's/^](//; s/)$//' | sort -u); do
        case $name in
        http*) ;;
        '#'*) check "no heading $name" grep -qx "${name#\#}" anchors ;;
        *) check "no file $name" test -e "$source/$name" ;;
        esac
    done
    # shellcheck disable=SC2013,SC2016
    for name in $(grep -oE '`tools/[a-z/-]+' blocks/prose | tr -d '`' | sort -u); do
        check "no script $name" test -e "$source/$name"
    done
}

awk '/^##/ { sub(/^#+ /, ""); $0 = tolower($0); gsub(/[^a-z0-9 -]/, ""); gsub(/ /, "-"); print }' blocks/prose >anchors
[ "$readme" != "$source/README.md" ] || prepare
[ ! -e "$(echo blocks/*.c | cut -d' ' -f1)" ] || cp "$(echo blocks/*.c | cut -d' ' -f1)" example.c
while IFS=$'\t' read -r number language line section comment; do
    one_block "$number" "$language" "$line" "$section" "$comment"
done <index
check_prose
echo "$ran blocks of sh were run, $not_run not"
if [ "$readme" = "$source/README.md" ]; then
    check "data/walk.svg is what the command beside it draws" cmp "$source/data/walk.svg" section*/walk.svg
    check "$not_run blocks are not run, $not_run_blocks were" test $not_run = $not_run_blocks
    # What it is there for: a README whose commands, options or outputs are wrong does not pass.
    try() { # FAULT, as sed replaces it in a README of three lines
        printf '%s\n' '```sh' 'minnow inspect --help' 'minnow version' '```' '```text' '…' 'minnow 0.1.0' '```' "See \`minnow train --lr 3\`." |
            sed "$1" >wrong.md
        bash "$here/readme.sh" "$minnow" "$source" wrong.md >try.out 2>&1
    }
    check "the small README is right" try ''
    for fault in 's/^minnow version/minnow versions/' 's/--help/--halp/' 's/minnow 0/mignon 0/' 's/--lr/--lrr/' 's/minnow train/minnow trail/' 's/^minnow version/false/'; do
        checks=$((checks + 1))
        ! try "$fault" || complain "not found: $fault"
    done
fi
finish
