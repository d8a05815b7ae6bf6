#!/usr/bin/env bash
# Kills training at random moments and resumes it: nothing older than the last epoch is lost, the result is that of a
# run never killed, and nothing is left lying about. In the environment: MINNOW_TEST_KILLS, how often (200).
. "$(dirname "$0")/common.sh"
if [ -n "${MESON_EXE_WRAPPER:-}" ]; then
    echo "under an emulator the program takes longer to start than it is let live: left to native runs"
    exit 77
fi
export OMP_NUM_THREADS=1
csv_data DATA 60 20
kills=${MINNOW_TEST_KILLS:-200}
options=(--hidden 64 --epochs 300 --batch 7 --lr 0.02)
crc() { sed -n 's/.*CRC-32 \([0-9a-f]*\)$/\1/p' stdout; }

# The epochs that the checkpoint has completed, from its header.
completed() {
    sed 's/\\//g' ck | head -c 4000 | grep -a -o '"epochs_done":[0-9]*' | cut -d: -f2
}

expect 0 "$minnow" train "${options[@]}"
expected=$(crc)
check "a run to compare with" test -n "$expected"

# Kills come within the first 120 ms, and later where that is too early for a checkpoint to come about.
RANDOM=20261122
killed=0 finished=0 epochs=0 amid=0 longest=120
while { [ $killed -lt "$kills" ] || [ ! -e ck ]; } && [ "$failures" = 0 ]; do
    : >stdout
    : >stderr # a run that is killed before it opens them leaves what the one before has told
    if [ -e ck ]; then
        "$minnow" train --resume ck >stdout 2>stderr &
    else
        "$minnow" train "${options[@]}" --checkpoint ck >stdout 2>stderr &
    fi
    pid=$!
    moment=$((RANDOM % longest))
    sleep $((moment / 1000))."$(printf %03d $((moment % 1000)))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    status=$?
    checks=$((checks + 1))
    if [ $status = 0 ]; then
        check "parameters $(crc), expected $expected" test "$(crc)" = "$expected"
        rm ck
        finished=$((finished + 1)) epochs=0
        continue
    fi
    [ $status = 137 ] || complain "exit status $status after $killed kills"
    killed=$((killed + 1))
    [ -e ck ] || longest=$((longest + 10))
    [ -z "$(find . -name "ck.tmp-$pid-*")" ] || amid=$((amid + 1))
    told=$(sed -n 's|^epoch *\([0-9]*\)/.*|\1|p' stderr | tail -n 1)
    [ ! -e ck ] || epochs=$(completed)
    # An epoch is told of before its checkpoint is written.
    [ "${epochs:-0}" -ge $((${told:-0} - 1)) ] || complain "epoch $told was done, but the checkpoint has $epochs"
done
expect 0 "$minnow" train --resume ck --checkpoint-every 1000
check "parameters $(crc), expected $expected" test "$(crc)" = "$expected"
check "no temporary file stays" test -z "$(find . -name '*.tmp-*')"
echo "$killed kills, $amid of them amid writing, and $finished runs that ended before theirs"
finish
