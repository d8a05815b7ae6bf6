#!/usr/bin/env bash
# Checkpoints: a run that is interrupted and resumed ends as one that was not; what contradicts it is refused; whatever
# goes wrong, the last good file stays.
. "$(dirname "$0")/common.sh"
set -m # or the shell would start programs in the background with SIGINT ignored
export OMP_NUM_THREADS=1 # where a run does not say otherwise
csv_data DATA 60 20
options=(--hidden 16 --epochs 1000 --batch 7 --lr 0.02 --validation 20 --seed 3)

# hold COMMAND…: trains in the background until an epoch is over, and for the little that fits in a pipe which is read no
# further: it cannot be over when it is told to stop, however late that is.
mkfifo held
hold() {
    "$@" --json >held 2>&1 &
    pid=$!
    exec 3<held
    : >stdout
    while read -r line <&3 && echo "$line" && [[ $line != epoch* ]]; do :; done >stderr
}
# let_go STATUS: reads on, the program ends so.
let_go() {
    cat <&3 >>stderr
    exec 3<&-
    ended "$1"
}
crc() { sed -n 's/.*"params_crc32":"\([0-9a-f]*\)".*/\1/p' stdout; }
# The last epochs' losses, which a resumed run reports too.
losses() { grep '"epoch":9[0-9][0-9],' stdout | sed 's/"seconds.*//'; }
no_temporaries() { check "no temporary file stays" test -z "$(find . -name '*.tmp-*')"; }

expect 0 "$minnow" train "${options[@]}" --json
expected=$(crc)
losses >expected_losses
check "a run to compare with" test -n "$expected" -a "$(wc -l <expected_losses)" = 100

# same: the run that just ended is the one to compare with.
same() {
    check "the same parameters: $(crc), expected $expected" test "$(crc)" = "$expected"
    check "the same losses" cmp expected_losses <(losses)
}

# ---- Interrupts
hold "$minnow" train "${options[@]}" --checkpoint ck --checkpoint-every 1000 --save 'my net'
kill -INT $pid
let_go 130
check "how to go on" grep -q "^interrupted in epoch [0-9]*; to go on: minnow train --resume ck --save 'my net'$" stderr
check "the network so far works" "$minnow" test --model 'my net'
check "the checkpoint is a model" "$minnow" test --model ck
hold "$minnow" train --resume ck --threads 1 --isa scalar
check "says where it goes on" grep -q '^resumed: ck, ' stderr
kill -TERM $pid
let_go 143
hold "$minnow" train --resume ck --sparse on
kill -INT $pid
let_go 130
check "JSON names the checkpoint" grep -q '^{"event":"interrupted",.*"checkpoint":"ck"' stderr
cp ck interrupted
expect 0 "$minnow" train --resume ck --threads 2 --json "${options[@]}" --data DATA
same
expect 0 "$minnow" train --resume ck --json
check "a run that is over stays so" test "$(crc)" = "$expected" -a "$(wc -l <stdout)" = 1
check "its result is told again" grep -q '"best_validation_accuracy":[01].*"test_accuracy":[01]' stdout

expect 0 "$minnow" train --init ck --epochs 1 --save anew
expect 0 "$minnow" inspect anew
check "a network from a checkpoint is none" test "$(grep -c -e '^  run' -e '^  checkpoint' stdout)" = 0
expect 0 "$minnow" inspect ck
check "a checkpoint is one" test "$(grep -c -e '^  run' -e '^  checkpoint' stdout)" = 3

# ---- How often
start "$minnow" train "${options[@]}" --epochs 1000000 --checkpoint timed --checkpoint-every 0.02s
await '"checkpoint"' timed
kill -KILL $pid
ended 137 2>/dev/null
start "$minnow" train --resume timed
kill -INT $pid
ended 130
check "goes on in the same file" grep -q 'to go on: minnow train --resume timed$' stderr
no_temporaries
expect 0 "$minnow" train --epochs 5 --hidden none --checkpoint every --checkpoint-every 2epochs
check "at the end too" grep -aq '"epochs_done":5' <(sed 's/\\//g' every)
dead=$(sh -c 'echo $$')
: >"every.tmp-$dead-3"
expect 0 "$minnow" train --resume every
no_temporaries

# ---- Contradictions
cp interrupted ck
while read -r option other own; do
    refuse 2 "train: $option $other: the run of ck has $option $own\\(\$\\|; to train its network .*: minnow train --init ck\\)" "$minnow" train --resume ck "$option" "$other"
done <<'END'
--hidden 16,16 16
--hidden none 16
--activation tanh relu
--loss quadratic softmax
--lr 0.020000000000000004 0.02
--schedule constant linear
--warmup 2 0
--batch 8 7
--epochs 1001 1000
--seed 4 3
--classes 11 10
--validation 21 20
END
csv_data OTHER 61 20
refuse 2 'ck: .*samples is 41, but .* 40' "$minnow" train --resume ck --data OTHER
csv_subset OTHER/train 60 2
refuse 2 'ck: the CRC-32 of the training data is [0-9a-f]*, but .* is [0-9a-f]*$' "$minnow" train --resume ck --data OTHER
check "a refused run leaves its checkpoint" cmp ck interrupted

# ---- Files that are none
refuse 3 'my net: a model, but no checkpoint' "$minnow" train --resume 'my net'
refuse 3 'nowhere: ' "$minnow" train --resume nowhere
refuse 3 'DATA: ' "$minnow" train --resume DATA
head -c 3000 ck >short
refuse 3 'short: ' "$minnow" train --resume short
sed 's/\(validation[^0-9]*\)20/\121/' ck >edited
refuse 3 'edited: .*checkpoint_crc32' "$minnow" train --resume edited
for every in 0 -1 x 1x 0s s 1m 1.5 1e 1epoch 99999999999s ' 1' 1ss; do
    refuse 2 "checkpoint-every: expected .*'$every'" "$minnow" train --checkpoint new --checkpoint-every "$every"
done
refuse 2 'checkpoint FILE is missing' "$minnow" train --checkpoint-every 2
refuse 2 'name one file' "$minnow" train --checkpoint new --save new
ln -s ck link
refuse 2 'name one file' "$minnow" train --checkpoint ck --save link
refuse 1 'nowhere/ck: ' "$minnow" train --checkpoint nowhere/ck
refuse 1 'DATA: is a folder' "$minnow" train --checkpoint DATA
check "nothing was written" test ! -e new

# ---- Full disks, read-only folders, pipes
limited() { (ulimit -f 8 && "$@"); }
refuse 1 '^minnow: ck: cannot be written: .*untouched' limited "$minnow" train --resume ck --quiet
check "the last good checkpoint stays" cmp ck interrupted
no_temporaries
mkfifo pipe
cat pipe >through &
expect 0 "$minnow" train --resume ck --checkpoint pipe --checkpoint-every 10000 --json
same
[ "$status" = 0 ] || kill $! # which would wait for a writer for ever
wait $!
check "a pipe stays a pipe" test -p pipe
expect 0 "$minnow" train --resume through --json
check "a pipe carries the checkpoint" test "$(crc)" = "$expected"

# Permissions do not hold root back.
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
if [ "$(id -u)" != 0 ] || command -v setpriv >tool; then
    cp "$minnow" program
    chmod 755 . program
    mkdir box
    cp ck box
    chmod 777 box
    chmod 666 box/ck
    hold "${as_nobody[@]}" ./program train --resume box/ck --checkpoint-every 5
    chmod 555 box
    let_go 1
    check "one line" test "$(grep -c '^minnow: box/ck: cannot be written: Permission denied' stderr)" = 1
    check "the last good checkpoint stays" "$minnow" inspect box/ck
    refuse 1 'box/ck: cannot be written: Permission denied' "${as_nobody[@]}" ./program train --resume box/ck
    # A temporary from before the folder was closed could not be removed then.
    chmod 777 box
    expect 0 "${as_nobody[@]}" ./program train --resume box/ck --json --checkpoint-every 1000
    same
    check "no temporary file stays" test "$(ls box)" = ck
fi
finish
