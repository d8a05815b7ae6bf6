#!/usr/bin/env bash
# Every write, fsync and rename of a run fails in turn: one line, exit status 1, the last good files intact, nothing
# left lying about. The second argument is the library built from tests/support/faults.c.
faults=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1
csv_data DATA 60 20
options=(--epochs 6 --hidden 64 --quiet)
crc() { sed -n 's/.*CRC-32 \([0-9a-f]*\)$/\1/p' stdout; }

# faulty CALL AT COMMAND…
faulty() {
    rm -f mark
    run env LD_PRELOAD="$faults" FAULT_CALL="$1" FAULT_AT="$2" FAULT_MARK=mark "${@:3}"
}
one_line() {
    checks=$((checks + 1))
    [ "$status" = 1 ] || complain "exit status $status, not 1: $*"
    [ "$(wc -l <stderr)" = 1 ] || complain "not one line: $*"
    grep -q '^minnow: [a-z_]*: cannot be written: .*; what stood there before is untouched$' stderr || complain "$*"
}
resumes() {
    expect 0 "$minnow" train --resume ck --quiet
    check "parameters $(crc), expected $expected: $*" test "$(crc)" = "$expected"
}

expect 0 "$minnow" train "${options[@]}" --save old_net
expected=$(crc)
check "a run to compare with" test -n "$expected"
faulty rename 3 "$minnow" train "${options[@]}" --checkpoint ck
one_line "the third checkpoint of a run"
check "the fault came" test -e mark
cp ck old_ck
resumes "after the second"
check "it was not over" test "$(cksum <ck)" != "$(cksum <old_ck)"

# Each fault hits the second half of the run, which writes four checkpoints and the network, or none.
for call in write fsync rename folder; do
    for ((at = 1; at < 200; at++)); do
        cp old_ck ck
        cp old_net net
        faulty $call $at "$minnow" train --resume ck --save net --quiet
        [ -e mark ] || break
        if [ $call = folder ]; then
            # What was written is there; only a power cut might take it back.
            check "exit status $status: $call $at" test "$status" = 0
        else
            one_line "$call $at"
        fi
        [ $at != 1 ] || [ $call = folder ] || check "the last good checkpoint: $call $at" cmp ck old_ck
        check "no temporary file stays: $call $at" test -z "$(find . -name '*.tmp-*')"
        check "the network is whole: $call $at" "$minnow" test --model net
        resumes "$call $at"
    done
    check "exit status without a fault: $status" test "$status" = 0
    check "$call was called five times or more: $((at - 1))" test $at -gt 5
    echo "$call: $((at - 1)) faults"
done
finish
