#!/usr/bin/env bash
# completions.sh PROGRAM BASH ZSH FISH: what the shells offer for a command line, each asked itself where it is installed.
here=$PWD
absolute() { (cd "$here" && cd "$(dirname "$1")" && printf '%s/%s\n' "$PWD" "$(basename "$1")"); }
for_bash=$(absolute "$2") for_zsh=$(absolute "$3") for_fish=$(absolute "$4") asker=$(absolute "$(dirname "$0")/ask.zsh")
. "$(dirname "$0")/common.sh" "$1"
mkdir -p files/folder 'files/a folder'
: >files/net.safetensors
: >'files/two words'

# offers SHELL_FUNCTION LINE WORD…: the last word of the line, which is split at spaces, is completed to exactly these.
offers() {
    local ask=$1 line=$2
    shift 2
    $ask "$line" 2>stderr | LC_ALL=C sort >stdout
    checks=$((checks + 1))
    [ ! -s stderr ] || complain "$ask complained: $line"
    printf '%s\n' "$@" | grep -v '^$' | LC_ALL=C sort >wanted
    diff wanted stdout >difference || complain "$ask, '$line': $(grep '^[<>]' difference | tr '\n' ' ')"
}

# As readline calls a completion: "=" is a word of its own.
ask_bash() {
    bash --norc -c '. "$1"
        read -r -a COMP_WORDS <<<"${2//=/ = }"
        [[ $2 != *" " && $2 != *= ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        [[ $2 != *= ]] || { unset "COMP_WORDS[COMP_CWORD]"; COMP_CWORD=$((COMP_CWORD - 1)); }
        _minnow
        [ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"' bash "$for_bash" "$1"
}

ask_fish() {
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$for_fish" "$1" | cut -f 1 | sed 's/\\ / /g'
}

# completes LINE TEXT: what zsh inserts behind the line.
completes() {
    local inserted
    inserted=$(timeout 60 zsh -f "$asker" "$for_zsh" "$1" 2>&1 | head -n 1)
    checks=$((checks + 1))
    [ "$inserted" = "$2" ] || complain "zsh, '$1': '$inserted', not '$2'"
}

commands=$("$minnow" help all 2>/dev/null | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ -n "$commands" ] || commands=$("$minnow" --help | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p')

try() {
    # shellcheck disable=SC2086 # one word per command
    offers "$1" 'minnow ' $commands
    offers "$1" 'minnow tr' train
    offers "$1" 'minnow --v' --version
    offers "$1" 'minnow xyz'
    offers "$1" 'minnow train --los' --loss
    offers "$1" 'minnow predict --los' --loss
    offers "$1" 'minnow info --los'
    offers "$1" 'minnow train --check' --checkpoint --checkpoint-every
    offers "$1" 'minnow train --loss so' softmax
    offers "$1" 'minnow train --epochs 3 --quiet --schedule c' constant cosine
    offers "$1" 'minnow train --activation relu,ta' relu,tanh
    offers "$1" 'minnow train --epochs '
    offers "$1" 'minnow help sel' selftest
    offers "$1" 'minnow test --isa sc' scalar
    offers "$1" 'minnow bench --kernel lis' list
    offers "$1" 'minnow train --data dig' digits
    offers "$1" 'minnow test --model files/net' files/net.safetensors
    offers "$1" 'minnow inspect files/n' files/net.safetensors
}

check "the script for bash is none" bash -n "$for_bash"
try ask_bash
offers ask_bash 'minnow train --loss=so' softmax
offers ask_bash 'minnow train --optim s' sgd
offers ask_bash 'minnow train --loss=' huber logistic mae mse quadratic softmax
offers ask_bash 'minnow train --data files/f' files/folder
offers ask_bash 'minnow predict -- files/t' 'files/two words'
! command -v shellcheck >/dev/null || check "shellcheck's complaints" shellcheck "$for_bash"

missing=
if command -v fish >/dev/null; then
    try ask_fish
    offers ask_fish 'minnow train --data files/fo' files/folder/
else
    missing=" fish"
fi
if command -v zsh >/dev/null; then
    check "the script for zsh is none" zsh -n "$for_zsh"
    completes 'minnow tr' 'ain '
    completes 'minnow train --los' 's='
    completes 'minnow train --loss so' 'ftmax '
    completes 'minnow train --loss=so' 'ftmax '
    completes 'minnow train --activation relu,ta' 'nh,'
    completes 'minnow train --data files/fo' 'lder/'
    completes 'minnow inspect files/n' 'et.safetensors '
    completes 'minnow train --data dig' 'its '
    completes 'minnow help sel' 'ftest '
    completes 'minnow info --los' ''
else
    missing+=" zsh"
fi
if [ -n "$missing" ] && [ "$failures" = 0 ]; then
    echo "not installed, and not asked:$missing"
    exit 77
fi
finish
