#!/usr/bin/env bash
# Samples to validate on: which they are, of every kind of data, and that a run goes on with the same.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

# sorted SUBSET COUNT: a class's samples beside each other, as the folders of classes have them.
sorted_csv() {
    csv_subset "$1" "$2" "$3"
    paste -d '|' "$1_labels.csv" "$1_images.csv" | sort -r >rows
    cut -d '|' -f 1 rows >"$1_labels.csv"
    cut -d '|' -f 2 rows >"$1_images.csv"
}
mkdir DATA
sorted_csv DATA/train 400 1
sorted_csv DATA/test 50 77777
options=(--hidden 16 --epochs 12 --batch 8 --lr 0.1 --quiet)
accuracy() { sed -n 's/^best of .*, validation \([0-9.]*\) %.*/\1/p' stdout; }

# ---- Classes that lie behind each other
expect 0 "$minnow" train "${options[@]}" --validation 40
check "all classes were learned" awk -v a="$(accuracy)" 'BEGIN { exit !(a > 80) }'
expect 0 "$minnow" train "${options[@]}" --validation "last:$(grep -c ',1$' DATA/train_labels.csv)"
check "the last samples are of a class that training never saw" test "$(accuracy)" = 0.00

# ---- Ways to say it
crc() { sed -n "s/.*CRC-32 //p" stdout; }
expect 0 "$minnow" train "${options[@]}" --validation 40
forty=$(crc)
expect 0 "$minnow" train "${options[@]}" --validation 0.1
check "a tenth of 400 is 40" test "$(crc)" = "$forty"
expect 0 "$minnow" train "${options[@]}" --validation 0.1 --threads 1 --isa scalar
check "everywhere the same ones" test "$(crc)" = "$forty"
expect 0 "$minnow" train "${options[@]}" --seed 2 --validation 0.1
check "another seed draws others" test "$(crc)" != "$forty"
for wrong in 1.5 -1 -0.5 nan inf 5k last: last:0 last:x last:1.5 nowhere/at/all ''; do
    refuse 2 "--validation $wrong: expected a number of training samples, a share" \
        "$minnow" train "--validation=$wrong"
done
refuse 2 'validation last:400: expected less than the 400' "$minnow" train --validation last:400
refuse 2 'validation 0.0001: less than one of the 400' "$minnow" train --validation 0.0001
refuse 2 'validation 0.9999: all of the 400' "$minnow" train --validation 0.9999

# ---- Data of their own
mkdir own labels narrow
cp DATA/test_images.csv own/test_images.csv
cp DATA/test_labels.csv own/test_labels.csv
expect 0 "$minnow" train "${options[@]:0:8}" --validation own --save own.safetensors
check "it is said" grep -q '^data: own, 50 samples to validate on$' stderr
check "the same samples have the same accuracy" \
    test "$(accuracy)" = "$(sed -n 's/.*test accuracy \([0-9.]*\) %.*/\1/p' stdout)"
expect 0 "$minnow" train --like own.safetensors --print-options
check "a model names no files" test "$(grep -c validation stdout)" = 0
cp DATA/test_labels.csv narrow
cut -d , -f 1-700 DATA/test_images.csv >narrow/test_images.csv
refuse 3 'narrow: samples have 700 values, those to train on 784' "$minnow" train --validation narrow
refuse 3 'labels: holds no ' "$minnow" train --validation labels

# ---- A run that goes on
expect 0 "$minnow" train "${options[@]}" --validation 0.1 --checkpoint ck --save whole
expect 0 "$minnow" train --resume ck --quiet
check "the same samples again" test "$(crc)" = "$forty"
refuse 2 'validation 0.2: the run of ck has --validation 0.1' "$minnow" train --resume ck --validation 0.2
expect 0 "$minnow" train --like whole --print-options
check "a model says how many" grep -q -e '--validation 0.1' stdout
expect 0 "$minnow" train "${options[@]}" --validation own --checkpoint ck2
mv own moved
refuse 2 'validation own: expected' "$minnow" train --resume ck2
expect 0 "$minnow" train --resume ck2 --validation moved
sed -i '1s/,0[.]0*,/,0.5,/' moved/test_images.csv
refuse 2 'ck2: the CRC-32 of the samples to validate on is [0-9a-f]*, but that of --validation moved is' \
    "$minnow" train --resume ck2 --validation moved

# ---- Tables
awk 'BEGIN { print "a,b,kind"; for (i = 0; i < 90; i++) print int(i / 30) * 3 + i * 7 % 10 / 10 "," i * 3 % 11 "," substr("xyz", int(i / 30) + 1, 1) }' >t.csv
awk 'NR == 1 || NR % 3 == 0' t.csv >v.csv
for how in 12 0.2 last:12 v.csv; do
    expect 0 "$minnow" train --data t.csv --epochs 20 --validation $how --checkpoint tk --quiet
    line=$(cat stdout)
    check "a validation figure" grep -q '^best of [0-9]* epochs: [0-9]*, validation [0-9.]* %; its weights are' stdout
    expect 0 "$minnow" train --resume tk --quiet
    check "the same samples again" test "$line" = "$(cat stdout)"
done
refuse 2 'expected less than the 72 training rows' "$minnow" train --data t.csv --validation 72
sed 's/z$/w/' v.csv >w.csv
refuse 3 'w.csv: .*found the class "w".*, which training never saw' "$minnow" train --data t.csv --validation w.csv

# ---- LIBSVM, which stays sparse
awk 'BEGIN { for (i = 0; i < 60; i++) print (i < 30 ? 1 : 2), (i < 30 ? 3 : 900) ":1" }' >train.svm
head -n 40 train.svm | tail -n 20 >valid.svm
for how in 6 0.1 valid.svm; do
    expect 0 "$minnow" train --data train.svm --epochs 10 --validation $how --quiet
    check "a validation figure" grep -q '^best of [0-9]* epochs: [0-9]*, validation [0-9.]* %; its weights are' stdout
done
finish
