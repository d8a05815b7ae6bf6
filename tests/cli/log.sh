#!/usr/bin/env bash
# --log: what is in the file, what of it a resumed run keeps, and that training survives a log that cannot be written.
. "$(dirname "$0")/common.sh"
csv_data DATA 330 40
train=("$minnow" train --data DATA --hidden 8 --batch 16 --quiet)

# columns FILE: what does not depend on the clock, which the last two columns do.
columns() { cut -d, -f1-13 "$1"; }
# field FILE EVENT STEP NAME: a value of a line, by the header.
field() {
    awk -F, -v event="$2" -v step="$3" -v name="$4" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $1 == event && $3 == step { print $at[name] }' "$1"
}

expect 0 "${train[@]}" --epochs 3 --validation 30 --test-each-epoch --json --log a.csv
check "a header and three epochs" test "$(cut -d, -f1-3 a.csv | tr '\n' ' ')" = 'event,epoch,step epoch,1,19 epoch,2,38 epoch,3,57 '
for name in train_loss train_accuracy validation_loss validation_accuracy test_loss test_accuracy learning_rate; do
    value=$(field a.csv epoch 38 $name)
    check "$name as in JSON: $value" grep -q "\"epoch\":2,.*\"$name\":${value:-missing}[,}]" stdout
done
check "no gradient's length without --clip-norm" test -z "$(field a.csv epoch 38 gradient_norm)"

# Every step: their mean, by samples, is that of the epoch, and the last one has the rate of the epoch's line.
expect 0 "${train[@]}" --epochs 2 --clip-norm 1 --log steps.csv --log-steps 1
check "a line of each step" test "$(grep -c '^step,' steps.csv)" = 42
check "the mean of the steps" awk -F, '
    $1 == "step" && $2 == 1 { sum += $4 * ($3 == 21 ? 10 : 16) }
    $1 == "epoch" && $2 == 1 { d = sum / 330 - $4; good = d < 1e-9 && d > -1e-9 }
    END { exit !good }' steps.csv
check "the gradient's length" awk -F, '$1 == "step" && !($13 > 0) { bad = 1 } END { exit bad }' steps.csv
crc=$(sed -n 's/.*CRC-32 //p' stdout)
expect 0 "${train[@]}" --epochs 2 --clip-norm 1
check "the log leaves no trace in the bits" grep -q "CRC-32 $crc" stdout
expect 0 "${train[@]}" --epochs 2 --clip-norm 1 --log five.csv --log-steps 5
check "every fifth" test "$(grep '^step' five.csv | cut -d, -f3 | tr '\n' ' ')" = '5 10 15 20 25 30 35 40 '

expect 0 "${train[@]}" --epochs 2 --log a.jsonl --log-steps 20
check "JSON, an object a line" test "$(grep -c '^{"event":"\(step\|epoch\)","epoch":[12],"step":[0-9]*,"train_loss":[0-9.e-]*,.*}$' a.jsonl) $(wc -l <a.jsonl)" = '4 4'
check "null where there is nothing" grep -q '"validation_loss":null' a.jsonl
expect 0 "${train[@]}" --epochs 1 --log a.jsonl
check "a new run replaces it" test "$(wc -l <a.jsonl)" = 1

# A run that was interrupted goes on in the log where its checkpoint was, whatever was written behind it.
whole=("$minnow" train --data DATA --hidden 8 --batch 16 --epochs 400 --log-steps 7)
expect 0 "${whole[@]}" --quiet --log whole.csv
start "${whole[@]}" --log part.csv --checkpoint ck
kill -TERM "$pid"
ended 143
echo 'step,9,9,lost in a cras' >>part.csv
expect 0 "$minnow" train --resume ck --quiet
check "its log goes on by itself" test "$(columns part.csv | cksum)" = "$(columns whole.csv | cksum)"
echo text >text.csv
refuse 3 'text.csv: no log of' "$minnow" train --resume ck --quiet --log text.csv
check "left as it was" test "$(cat text.csv)" = text
expect 0 "$minnow" train --resume ck --quiet --log new.csv
check "another file" test "$(head -n 1 new.csv)" = "$(head -n 1 whole.csv)"

# What cannot be written costs the log alone.
if [ -c /dev/full ]; then
    ln -s /dev/full full.csv
    expect 1 "${train[@]}" --epochs 2 --log full.csv --save net
    check "said once" test "$(grep -c 'cannot write the log full.csv: No space' stderr)" = 1
    check "the network is there" "$minnow" test --model net --data DATA
    check "and the result" grep -q '^test accuracy' stdout
fi

refuse 2 'ends in .csv or .jsonl' "${train[@]}" --log log.txt
refuse 1 'nowhere/log.csv' "${train[@]}" --log nowhere/log.csv
refuse 2 'log-steps: has no effect without --log' "${train[@]}" --log-steps 5
refuse 2 'log: not with --seeds' "${train[@]}" --seeds 2 --log a.csv
refuse 2 'has that name' "${train[@]}" --checkpoint a.csv --log a.csv
finish
