#!/usr/bin/env bash
# When training ends before its last epoch, and with which weights: the best epoch's, or the last good ones of a run
# that diverged.
. "$(dirname "$0")/common.sh"
csv_data DATA 300 100
# Every fourth label is another, so that networks can learn too much.
awk -F , 'BEGIN { OFS = "," } NR % 4 == 0 { last = $10; for (i = 10; i > 1; i--) $i = $(i - 1); $1 = last } 1' \
    DATA/train_labels.csv >labels && mv labels DATA/train_labels.csv
options=(--hidden 16 --batch 8 --lr 0.2 --validation 60 --epochs 30 --seed 3)
crc() { sed -n 's/.*CRC-32 //p' stdout; }
best_epoch() { sed -n 's/^best of .* epochs: \([0-9]*\), .*/\1/p' stdout; }

# ---- The best epoch's weights
expect 0 "$minnow" train "${options[@]}" --save best
check "it is said" grep -q '^best of 30 epochs: [0-9]*, validation [0-9.]* %; its weights are saved$' stdout
epoch=$(best_epoch) told=$(crc)
check "the file has them" grep -q "$told" <("$minnow" inspect best --json)
expect 0 "$minnow" train "${options[@]}" --json --quiet
check "what is told of them is theirs" test \
    "$(sed -n "s/.*\"epoch\":$epoch,.*\(\"validation_accuracy\":[0-9.]*\).*/\1/p" stdout)" = \
    "$(sed -n 's/.*"done".*\("validation_accuracy":[0-9.]*\).*/\1/p' stdout)"
check "in JSON" grep -q '"done".*"best_validation_epoch":'"$epoch"',.*"kept":"best","stopped_early":false' stdout
expect 0 "$minnow" train "${options[@]}" --keep-epoch last
check "the last ones are others" test "$(crc)" != "$told"
check "and the best is told" grep -q "the best [0-9.]* % after epoch $epoch$" stdout
expect 0 "$minnow" train "${options[@]}" --ema 0.9 --threads 1 --isa scalar
averaged=$(crc)
expect 0 "$minnow" train "${options[@]}" --ema 0.9
check "averages, everywhere the same" test "$(crc)" = "$averaged" -a "$averaged" != "$told"

# ---- Patience
expect 0 "$minnow" train "${options[@]}" --patience 3 --save early --json
check "it ends 3 epochs behind the best" grep -q "\"done\",\"epochs\":$((epoch + 3)),.*\"stopped_early\":true" stdout
check "with the best" grep -q "\"params_crc32\":\"$told\"" stdout
for wrong in patience\ 3 keep-epoch\ best; do
    refuse 2 "--${wrong% *}: has no effect without --validation" "$minnow" train --${wrong}
done

# ---- Killed at any moment, and resumed
for kill in 1 2; do
    rm -f ck
    start "$minnow" train "${options[@]}" --epochs 300 --patience 100 --checkpoint ck
    sleep 0.$kill
    kill -KILL $pid 2>kill.out
    wait $pid 2>kill.out
    expect 0 "$minnow" train --resume ck --quiet
    resumed=$(sed 's/, [0-9.]* s of training//' stdout)
    expect 0 "$minnow" train "${options[@]}" --epochs 300 --patience 100 --quiet
    check "the same end" test "$resumed" = "$(sed 's/, [0-9.]* s of training//' stdout)"
    expect 0 "$minnow" train --resume ck --quiet
    check "of a run that is over, too" test "$resumed" = "$(sed 's/, [0-9.]* s of training//' stdout)"
done
refuse 2 'patience 3: the run of ck has --patience 100' "$minnow" train --resume ck --patience 3
refuse 2 'keep-epoch last: the run of ck has --keep-epoch best' "$minnow" train --resume ck --keep-epoch last
expect 0 "$minnow" train --like best --print-options

# ---- Divergence ends a run at once
expect 1 "$minnow" train --hidden 16 --lr 1e6 --epochs 3 --batch 10 --json --save none
check "where" grep -q '^minnow: training diverged in epoch 1, mini-batch [0-9]*: .*; try a lower learning rate than 1e+06, a clip norm' stderr
check "in JSON" grep -q '^{"event":"diverged","epoch":1,"minibatch":[0-9]*,"layer":[0-9]*,.*"saved":false}$' stdout
check "nothing is saved" test ! -e none
check "and it is said" grep -q '^not saved: none, as no epoch was finished$' stderr
cp best kept
awk 'BEGIN { print "a,b,y"; for (i = 0; i < 100; i++) print i % 7 "," i % 5 "," i % 7 * 1.5 + i % 5 }' >numbers.csv
rising=(--data numbers.csv --label y --optimizer sgd --schedule constant --lr 10 --warmup 100 --epochs 100)
expect 1 "$minnow" train "${rising[@]}" --save best
check "a file stays, of other samples" cmp best kept
check "and it is said" grep -q '^not saved: best holds nothing to compare this network with; name another file, or remove it$' stderr
expect 1 "$minnow" train "${rising[@]}" --save good
check "what was good is saved" grep -q '^good has the weights after epoch [0-9]*, which were good$' stderr
expect 0 "$minnow" test --model good --data numbers.csv --quiet
cp good before
expect 1 "$minnow" train "${rising[@]}" --save good
check "again, over the same" cmp good before
rm good
expect 1 "$minnow" train "${rising[@]}" --seeds 2 --save 'good-{seed}'
check "of several networks none" test ! -e good-1 -a ! -e good

# ---- Nor is a network that guesses saved over one
expect 1 "$minnow" train --epochs 6 --hidden 16 --lr 30 --batch 10 --save best
check "a file stays" cmp best kept
check "and it is said" grep -q '^not saved: best has a better network, as this one is no better than guessing$' stderr
# Losses of two kinds are not compared: the quadratic one of a guess is less than the softmax one of much better networks.
expect 0 "$minnow" train --epochs 2 --hidden 16 --lr 0.05 --batch 10 --save young --json
check "whose loss is more than that of guessing by another" test "$(grep -c '"epoch":2,.*"train_loss":[1-9][.].*' stdout)" = 1
cp young kept
expect 1 "$minnow" train --epochs 6 --hidden 16 --loss quadratic --lr 3000 --batch 10 --save young
check "nor over one of another loss" cmp young kept
check "and it is said" grep -q '^not saved: young has a better network, as this one is no better than guessing$' stderr
expect 0 "$minnow" train --epochs 6 --hidden 16 --loss quadratic --lr 3000 --batch 10 --save guess
expect 0 "$minnow" train --epochs 6 --hidden 16 --loss quadratic --lr 3000 --batch 10 --save guess
guessing=(--epochs 6 --hidden 16 --lr 30 --batch 10)
for other in note.safetensors note.h; do
    echo hi >$other
    expect 1 "$minnow" train "${guessing[@]}" --save $other
    check "what cannot be compared stays" test "$(cat $other)" = hi
    check "and is not called a network" grep -q "^not saved: $other holds nothing to compare this network with, which is no better than guessing; name another file, or remove it$" stderr
done
finish
