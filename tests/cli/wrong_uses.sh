#!/usr/bin/env bash
# What can be done wrong, as a table, wrong_uses.tsv: each row is a command line in a folder of small files, and the exit
# status, the first line on standard error and the files that it must leave behind.
table=$(cd "$(dirname "$0")" && pwd)/wrong_uses.tsv
. "$(dirname "$0")/common.sh"
minnow() { "$minnow" "$@"; }

# The words of rows beside minnow itself.
# shellcheck disable=SC2034 # rows use it
long=$(printf 'x%.0s' {1..5000})
# without PATH COMMAND…: training, and the path is moved away when the first epoch is over; a signal ends what goes on.
without() {
    local path=$1
    shift
    "$@" 2>../progress &
    pid=$!
    until grep -q '^epoch ' ../progress || ! kill -0 $pid; do sleep 0.02; done 2>../kill.out
    mv "$path" ../moved
    rm -rf ../moved
    sleep 0.2
    kill -TERM $pid 2>../kill.out
    wait $pid
    status=$?
    cat ../progress >&2
    return $status
}

# ---- The files ----

# samples COUNT: images of four pixels, three of which show the class; labels COUNT: the classes, one-hot.
samples() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) { c = i % 3; printf "%d,%d,%d,%d\n", c == 0, c == 1, c == 2, i % 2 } }'; }
labels() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) { c = i % 3; printf "%d,%d,%d\n", c == 0, c == 1, c == 2 } }'; }
mkdir -p clean/DATA clean/FEWER clean/PIPES clean/gone
cd clean || exit 99
samples 30 >DATA/train_images.csv && labels 30 >DATA/train_labels.csv
samples 9 >DATA/test_images.csv && labels 9 >DATA/test_labels.csv
cp DATA/* FEWER && labels 29 >FEWER/train_labels.csv
cp DATA/* PIPES && rm PIPES/test_labels.csv && ln -s ../loop PIPES/test_labels.csv
ln -s loop loop
{
    minnow train --quiet --classes 3 --epochs 30 --batch 5 --hidden 4 --save net
    minnow train --quiet --classes 3 --epochs 1 --hidden 64 --save wide
    minnow train --quiet --classes 3 --epochs 2 --hidden 4 --checkpoint ck
    minnow convert net arrays --to npy
} >../made 2>&1 || complain "the files could not be made"
# half: the checkpoint of a run that was interrupted
"$minnow" train --classes 3 --hidden 4 --epochs 1000000 --checkpoint ../half 2>../progress >../made &
pid=$!
until grep -q '^epoch ' ../progress || ! kill -0 $pid; do sleep 0.02; done 2>../kill.out
kill -TERM $pid 2>../kill.out
wait $pid
cd .. || exit 99

# ---- The rows ----

# Whether a line is as the pattern says, in which a star stands for anything.
matches() {
    local pattern=${2//\\/\\\\}
    pattern=${pattern//\[/\\[}
    pattern=${pattern//\?/\\?}
    # shellcheck disable=SC2053
    [[ $1 == $pattern ]]
}

# Memory cannot be limited where a sanitizer or an emulator needs much itself; nor descriptors.
memory_limited=$( (ulimit -v 100000 && minnow version) 2>&1 | grep -c '^minnow ')
files_limited=$( (ulimit -n 4 && minnow version) 2>&1 | grep -c '^minnow ')
# The machine that an ELF file is for. An emulator has its own files open, as descriptor 0 too if that is free.
elf_machine() { od -An -tx1 -j18 -N2 "$1"; }
emulated=$([ "$(elf_machine "$minnow")" = "$(elf_machine "$BASH")" ] || echo yes)
skipped() {
    case $1 in
    *'<&-'*) [ -n "$emulated" ] ;;
    *'ulimit -v'*) [ "$memory_limited" = 0 ] ;;
    *'ulimit -n'*) [ "$files_limited" = 0 ] ;;
    */dev/full*) [ ! -c /dev/full ] ;;
    *) false ;;
    esac
}

# What a row has changed: the names of files, new or not as they were.
changes() {
    diff -rq --no-dereference clean work 2>&1 |
        sed -n 's|^Only in work: |+|p; s|^Only in work/\(.*\): |+\1/|p; s|^Only in clean: |-|p; s|^Only in clean/\(.*\): |-\1/|p; s|^Files clean/\(.*\) and work/.*|!\1|p' |
        tr '\n' ' '
}

count=0 skips=0
cp -r clean work
while IFS=$'\t' read -r wanted line command left; do
    [[ $wanted == [0-9]* ]] || continue
    count=$((count + 1))
    [ "$line" != - ] || line=
    if skipped "$command"; then
        skips=$((skips + 1))
        continue
    fi
    (cd work && eval "$command") >stdout 2>stderr </dev/null
    status=$?
    grep -av -e '^data: ' -e '^network: ' -e '^epoch ' stderr >lines
    first=$(head -n 1 lines)
    found=$(changes)
    checks=$((checks + 4))
    [ "$status" = "$wanted" ] || complain "exit status $status, not $wanted: $command"
    matches "$first" "$line" || complain "'$first', not '$line': $command"
    [ "$wanted" != 2 ] || [ "$(wc -l <lines)" -le 1 ] || complain "more than one line: $command"
    [ "$wanted" != 2 ] || [ ! -s stdout ] || complain "printed results: $command"
    [ "${found% }" = "$left" ] || complain "left behind '${found% }', not '$left': $command"
    [ "$found" = '' ] || { rm -rf work && cp -r clean work; }
done <"$table"
echo "$count rows, of which $skips cannot be tried here"
check "the table was read" test "$count" -ge 200
finish
