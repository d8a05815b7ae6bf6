#!/usr/bin/env bash
# minnow train --folds: each part of the training samples validates a network that was trained on the others.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1 # where a run does not say otherwise

# Rows sorted by class: parts cut as they lie would hold classes that training never saw. x tells the class, in its digits.
awk 'BEGIN { print "x,n,y"; s = 1; for (i = 0; i < 300; i++) { c = int(i / 100); s = s * 16807 % 2147483647
    print c * 10 + s % 8 "," s % 97 "," substr("abc", c + 1, 1) } }' >sorted.csv
options=(--data sorted.csv --label y --epochs 20)
expect 0 "$minnow" train "${options[@]}" --folds 5 --json
cp stdout expected
check "five folds, in order" test "$(grep -o '"fold":[0-9]' stdout | tr '\n' ' ')" = '"fold":1 "fold":2 "fold":3 "fold":4 "fold":5 '
check "of each class its share" awk '/"event":"fold"/ { match($0, /"validation_accuracy":[0-9.]*/)
    if (substr($0, RSTART + 22, RLENGTH - 22) < 0.9) bad = 1; n++ } END { exit bad || n != 5 }' stdout
check "the test rows are left alone" test "$(grep -c test_accuracy stdout)" = 0
crcs() { grep -o '"params_crc32":"[^"]*"' "$1"; }
check "five networks" test "$(crcs expected | sort -u | wc -l)" = 5
for threads in 2 3; do
    expect 0 "$minnow" train "${options[@]}" --folds 5 --json --threads $threads
    check "$threads threads" test "$(crcs stdout)" = "$(crcs expected)"
done
expect 0 "$minnow" train "${options[@]}" --folds 5 --seed 2 --json
check "another seed divides otherwise" test "$(crcs stdout)" != "$(crcs expected)"
expect 0 "$minnow" train "${options[@]}" --folds 3 --quiet
check "a line for each" test "$(grep -c '^fold [123] ' stdout)" = 3
check "and for all" grep -q '^validation accuracy: mean .* %, standard deviation' stdout

# Two samples in each class: one network sees one of each, and is judged by the other.
awk 'BEGIN { print "x,y"; for (i = 0; i < 50; i++) print i % 2 * 5 "," i * 0.1 }' >numbers.csv
expect 0 "$minnow" train --data numbers.csv --label y --task regression --folds 4 --json
check "numbers: R2 of each" test "$(grep -c '"event":"fold".*"validation_r2"' stdout)" = 4
# An epoch that was chosen by the part it is judged on looks better than it is.
noisy=(--data noisy.csv --label y --epochs 60 --lr 0.3 --folds 3 --patience 5 --json)
awk 'BEGIN { print "x,n,y"; s = 1; for (i = 0; i < 120; i++) { s = s * 16807 % 2147483647; t = s % 97
    s = s * 16807 % 2147483647; print s % 89 "," t "," (s % 5 < 2) } }' >noisy.csv
expect 0 "$minnow" train "${noisy[@]}"
cp stdout expected
expect 0 "$minnow" train "${noisy[@]}" --keep-epoch last
check "--patience keeps the last epoch's weights" test "$(crcs stdout)" = "$(crcs expected)"
expect 0 "$minnow" train "${noisy[@]}" --keep-epoch best
check "the best's are asked for" test "$(crcs stdout)" != "$(crcs expected)"
refuse 2 'expected at most the number of training samples' "$minnow" train "${options[@]}" --folds 1000
finish
