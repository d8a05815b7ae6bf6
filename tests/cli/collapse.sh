#!/usr/bin/env bash
# A network that is no better than guessing is said to be, as are features of a size that training is not made for.
. "$(dirname "$0")/common.sh"
csv_data DATA 1200 100
said='no better than guessing; try a lower --lr than'

# ---- A rate too high, whatever the loss
for loss in softmax logistic quadratic; do
    rate=30
    [ $loss = quadratic ] && rate=3000
    expect 0 "$minnow" train --epochs 6 --hidden 16 --loss $loss --lr $rate --batch 10
    check "$loss: said after an epoch" test "$(grep -c "^epoch [1-6]: $said $rate (" stderr)" = 1
    expect 0 "$minnow" train --epochs 6 --hidden 16 --loss $loss --lr $rate --batch 10 --json
    check "$loss: in the result" grep -q '"event":"done".*"collapsed":true' stdout
    check "$loss: in the epoch" test "$(grep -c '"event":"epoch","epoch":[1-9].*"collapsed":true' stdout)" -gt 0
    expect 0 "$minnow" train --epochs 6 --hidden 16 --loss $loss --lr $rate --batch 10 --quiet
    check "$loss: with --quiet" test "$(grep -c "^$said $rate (" stdout)" = 1 -a ! -s stderr
    expect 0 "$minnow" train --epochs 6 --hidden 16 --loss $loss --lr 0.3 --batch 10 --json
    check "$loss: a network that learns" test "$(grep -c '"collapsed":false' stdout)" = 8
    check "$loss: not a word" test "$(grep -c guessing stderr)" = 0
done

# What guessing costs, of these labels: the entropy of their frequencies.
expect 0 "$minnow" train --epochs 6 --hidden 16 --lr 30 --batch 10
entropy=$(awk -F, '{ for (c = 1; c <= NF; c++) n[c] += $c }
    END { for (c in n) h -= n[c] / NR * log(n[c] / NR); printf("%.4f", h) }' DATA/train_labels.csv)
check "the entropy, $entropy" grep -q "that of guessing $entropy)" stderr

# ---- A rate too low, or a run too short, is not sent to lower ones
expect 0 "$minnow" train --epochs 2 --hidden 16 --lr 1e-9 --batch 10
check "a higher rate" grep -q 'no better than guessing; try more --epochs or a higher --lr than 1e-09' stderr
expect 0 "$minnow" train --epochs 1 --hidden 16 --lr 1e-4 --batch 1000
check "more epochs" grep -q 'no better than guessing; try more --epochs or a higher --lr than 0.0001' stderr

# One class leaves nothing to guess.
mkdir one
awk -F, '{ print 1 }' DATA/train_labels.csv | tee one/train_labels.csv >one/test_labels.csv
cp DATA/train_images.csv one/train_images.csv
cp DATA/train_images.csv one/test_images.csv
expect 0 "$minnow" train --epochs 1 --hidden 4 --data one --classes 1
check "one class: not a word" test "$(grep -c guessing stderr)" = 0

# ---- A network tested on what it is not for
expect 0 "$minnow" train --epochs 6 --hidden 16 --save good --quiet
expect 0 "$minnow" test --model good
check "a good network: not a word" test "$(grep -c guessing stderr)" = 0
expect 0 "$minnow" train --epochs 6 --hidden 16 --lr 30 --batch 10 --save bad --quiet
expect 0 "$minnow" test --model bad
check "a bad one" grep -q '^no better than guessing, which gets [0-9.]* % right.* Other data are named with --data$' stderr
expect 0 "$minnow" test --model bad --data DATA
check "on data that were named" grep -q '^no better than guessing.* theirs?$' stderr
expect 0 "$minnow" test --model good --json
check "a good network in JSON" grep -q '"collapsed":false' stdout
expect 0 "$minnow" test --model bad --json
check "a bad one in JSON" grep -q '"collapsed":true' stdout

# A loss that jumped wants a lower rate, however few steps were taken.
csv_data FEW 128 64
expect 0 "$minnow" train --data FEW --epochs 5 --lr 100 --schedule constant --hidden 16
check "few steps, too large" grep -q 'try a lower --lr than 100 ' stdout stderr

# ---- The size of features
table() { # FOLDER EXPRESSION-of-u-in-0-to-1
    mkdir -p "$1"
    for subset in train test; do
        awk "BEGIN { s = 7; for (i = 0; i < 60; i++) { for (f = 1; f <= 4; f++) { s = s * 16807 % 2147483647
            u = s / 2147483647; printf(\"%s%.9g\", f > 1 ? \",\" : \"\", $2) } print \"\" } }" >"$1/${subset}_images.csv"
        awk 'BEGIN { for (i = 0; i < 60; i++) print i % 2 ",", 1 - i % 2 }' >"$1/${subset}_labels.csv"
    done
    expect 0 "$minnow" train --data "$1" --classes 2 --epochs 1 --hidden 4
}
table bytes 'int(256 * u)'
check "bytes" grep -q '^features up to 25[0-9]: .* look like bytes; divide them by 255$' stderr
table levels 'int(17 * u)'
check "levels" grep -q '^features up to 16: .* divide them by 16$' stderr
table wide '(f == 3 ? 50000 : 1) * (u - 0.5)'
check "one wide column" grep -q '^features from -[0-9.]* to [0-9.]*, the largest in column 3: .* standard deviation$' stderr
table small 'u / 255'
check "divided already" grep -q '^features of at most 0.003[0-9]*: ' stderr
for usual in 'u' '2 * u - 1' '6 * (u - 0.5)' '(i == 3 ? 40 : 2) * (u - 0.5)' 'int(2 * u)'; do
    table usual "$usual"
    check "not a word of $usual" test "$(grep -c '^features' stderr)" = 0
done
expect 0 "$minnow" train --epochs 1 --hidden 4
check "nor of pixels" test "$(grep -c '^features' stderr)" = 0
finish
