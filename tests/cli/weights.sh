#!/usr/bin/env bash
# minnow train --class-weight and --weight: how much the samples of each class count, and how much each row.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1

# One row in nine is of the rare class, and its numbers are common ones too: whoever counts rows alone never tells it.
awk 'BEGIN { print "x,n,y"; s = 1; for (i = 0; i < 600; i++) { c = i % 9 == 0; s = s * 16807 % 2147483647
    print (c ? 5 + s % 5 : s % 10) "," s % 97 "," (c ? "rare one" : "often") } }' >rare.csv
options=(--data rare.csv --label y --epochs 10 --hidden 16 --quiet)
crc() { sed -n 's/.*CRC-32 \([0-9a-f]\{8\}\).*/\1/p' stdout; }
# told: how many of the test rows are told to be of the rare class.
told() { "$minnow" predict --model "$1" rare.csv 2>predict.err | grep -c ': rare one '; }

expect 0 "$minnow" train "${options[@]}" --save plain.safetensors
plain=$(crc)
check "no checksum" test -n "$plain"
expect 0 "$minnow" train "${options[@]}" --class-weight balanced --save balanced.safetensors
balanced=$(crc)
check "weights change the network" test "$balanced" != "$plain"
check "the rare class is told more often: $(told balanced.safetensors), not $(told plain.safetensors)" \
    test "$(told balanced.safetensors)" -gt "$(($(told plain.safetensors) + 50))"

# 480 training rows: each fifth row is for the test.
weights=$(awk 'NR > 1 && (NR - 1) % 5 != 0 { n++; rare += /rare/ } END { printf "%.9g %.9g", n / 2 / (n - rare), n / 2 / rare }' rare.csv)
for same in "${weights% *},${weights#* }" "often=${weights% *},rare one=${weights#* }"; do
    expect 0 "$minnow" train "${options[@]}" --class-weight "$same"
    check "balanced is --class-weight '$same'" test "$(crc)" = "$balanced"
done
expect 0 "$minnow" train "${options[@]}" --class-weight 3,3
check "weights that are all the same change nothing" test "$(crc)" = "$plain"
expect 0 "$minnow" train "${options[@]}" --class-weight "rare one=2"
named=$(crc)
expect 0 "$minnow" train "${options[@]}" --class-weight 1,2
check "classes that are not named count 1" test "$(crc)" = "$named"

# A model knows them, also with a name of two words; and a checkpoint.
expect 0 "$minnow" train --data rare.csv --label y --epochs 10 --like balanced.safetensors --quiet
check "--like: not the same network" test "$(crc)" = "$balanced"
expect 0 "$minnow" train "${options[@]}" --class-weight "rare one=2" --save named.safetensors
expect 0 "$minnow" train --data rare.csv --label y --like named.safetensors --quiet
check "--like, of a name of two words" test "$(crc)" = "$named"
check "the model says so" grep -q -F 'class_weights\":[1.0,2.0]' named.safetensors
expect 0 "$minnow" train "${options[@]}" --class-weight "rare one=2" --print-options
check "quoted" grep -q -F -e "--class-weight 'rare one=2'" stdout
expect 0 "$minnow" train "${options[@]}" --class-weight balanced --checkpoint ck.safetensors
expect 0 "$minnow" train --resume ck.safetensors --quiet
check "--resume: not the same network" test "$(crc)" = "$balanced"
refuse 2 '--class-weight 1,2: the run of ck.safetensors has --class-weight balanced' \
    "$minnow" train --resume ck.safetensors --class-weight 1,2

# Several networks at a time, and the other commands that train.
expect 0 "$minnow" train "${options[@]}" --class-weight balanced --seeds 1-2 --json
check "--seeds: the first is that of a run of its own" grep -q "\"seed\":1,.*$balanced" stdout
expect 0 "$minnow" train "${options[@]}" --class-weight balanced --folds 3
expect 0 "$minnow" tune --data rare.csv --label y --class-weight balanced --budget 2trials --epochs 2 --quiet
check "tune: the command has them" grep -q -e '--class-weight balanced' stdout
expect 0 "$minnow" lr-find --data rare.csv --label y --class-weight balanced --quiet

# Classes that are numbers, and names that the command line gives.
csv_data csv 100 30
expect 0 "$minnow" train --data csv --epochs 1 --hidden 8 --class-weight 3=2,9=0.5 --quiet
numbers=$(crc)
expect 0 "$minnow" train --data csv --epochs 1 --hidden 8 --class-weight 1,1,1,2,1,1,1,1,1,0.5 --quiet
check "numbers" test "$(crc)" = "$numbers"
expect 0 "$minnow" train --data csv --epochs 1 --hidden 8 --class-names a,b,c,d,e,f,g,h,i,j --class-weight d=2,j=0.5 --save n --quiet
check "names of the command line" test "$(crc)" = "$numbers"
refuse 2 "there is no class '10'; the 10 classes are 0 to 9" "$minnow" train --data csv --class-weight 10=1
refuse 2 'has no effect: what is learned is a number' "$minnow" train --data rare.csv --label x --task regression --class-weight 1,2
# ---- A column of weights: a row of weight 2 is a row that is there twice.
awk 'BEGIN { print "a,w,b,y"; s = 5; for (i = 0; i < 90; i++) { s = s * 16807 % 2147483647
    print s % 10 / 10 "," 1 + i % 3 "," s % 7 / 7 "," (s % 10 + s % 7 > 7 ? "high" : "low") } }' >weighed.csv
awk -F, 'NR == 1 { print; next } { for (i = 0; i < $2; i++) print $1 ",1," $3 "," $4 }' weighed.csv >repeated.csv
# Steps over all rows at once, so that it does not matter in which order they come.
whole=(--label y --test none --scale none --batch 1000 --schedule constant --optimizer sgd --lr 0.5 --epochs 20 --hidden 5)
losses() { grep '"event":"epoch"' stdout | sed 's/.*"train_loss":\([^,]*\),.*/\1/'; }
expect 0 "$minnow" train --data weighed.csv "${whole[@]}" --weight w --json --save weighed
losses >of_weights
check "says what the rows weigh" grep -q '^weights: "w" says how much a training row counts: 1 to 3$' stderr
expect 0 "$minnow" train --data repeated.csv "${whole[@]}" --ignore w --json
losses >of_repeats
paste of_weights of_repeats | awk '{ d = $1 - $2; d = d < 0 ? -d : d; worst = d > worst ? d : worst } END { exit !(NR >= 20 && worst < 1e-5) }'
check "the losses of rows that are there several times" test $? = 0
expect 0 "$minnow" train --data weighed.csv "${whole[@]}" --ignore w --json
losses >of_neither
check "weights change the losses" test -n "$(cmp of_weights of_neither)"

# The model knows the column, and takes none of it in.
expect 0 "$minnow" inspect weighed
check "inspect tells of it" grep -q '^  weight of a row in training: w$' stdout
check "it is no feature" test "$(grep -c '^  [abw]  ' stdout)" = 2
cut -d, -f1,3 weighed.csv >unweighed.csv
expect 0 "$minnow" predict --model weighed unweighed.csv
cut -d, -f1,3,4 weighed.csv >unweighed.csv
expect 0 "$minnow" test --model weighed --data unweighed.csv
expect 0 "$minnow" train --data unweighed.csv --init weighed --epochs 1
check "a table without weights" grep -q '^weights: the network.s training had some in "w", and here all rows count the same$' stderr
expect 0 "$minnow" train --data weighed.csv --label y --weight w --epochs 4 --checkpoint row_weights --quiet
weighed=$(crc)
sed -E 's/,[123],/,1,/' weighed.csv >even.csv
expect 2 "$minnow" train --resume row_weights --data even.csv
check "other weights are refused" grep -q '^minnow: row_weights: the CRC-32 of the weights of samples and classes is' stderr
check "weights that are all the same" grep -q '^weights: .*: 1 each$' stderr
expect 0 "$minnow" train --resume row_weights --quiet
check "the run of a checkpoint has them" test "$(crc)" = "$weighed"
expect 0 "$minnow" data weighed.csv --label y --weight w
check "data tells of it" grep -q '^  w .*\[the weight\]$' stdout
expect 0 "$minnow" lr-find --data weighed.csv --label y --weight w --quiet
expect 0 "$minnow" train --data weighed.csv --label y --weight w --folds 3 --epochs 2 --quiet

# What is no weight is named with its row, but for rows that are not trained on.
bad() { awk -F, -v OFS=, -v row="$1" -v value="$2" 'NR == row + 1 { $2 = value } { print }' weighed.csv; }
bad 7 -1 >bad.csv
refuse 3 'bad.csv: row 7, column "w": expected a weight from 0 to 1e30, found -1$' "$minnow" train --data bad.csv --label y --weight w
bad 8 '' >bad.csv
refuse 3 'bad.csv: row 8, column "w": expected a weight from 0 to 1e30, found no value$' "$minnow" train --data bad.csv --label y --weight w
bad 10 -1 >bad.csv
expect 0 "$minnow" train --data bad.csv --label y --weight w --epochs 1
awk -F, -v OFS=, 'NR > 1 { $2 = 0 } { print }' weighed.csv >bad.csv
refuse 3 'bad.csv: column "w": all 72 rows to train on weigh 0, so that there is nothing to learn$' "$minnow" train --data bad.csv --label y --weight w
awk -F, -v OFS=, 'NR > 1 { $2 = NR % 4 } { print }' weighed.csv >some.csv
expect 0 "$minnow" train --data some.csv --label y --weight w --epochs 1
check "rows of weight 0" grep -Eq '^weights: .*: 0 to 3; [0-9]+ rows of weight 0 teach nothing$' stderr
refuse 2 'weighed.csv: has no column "v" for --weight; the columns are "a", "w", "b", "y"$' "$minnow" train --data weighed.csv --label y --weight v
refuse 2 'weighed.csv: column "w" is the label, and cannot be --weight too' "$minnow" train --data weighed.csv --label w --weight w
refuse 2 'weighed.csv: column "w" is --weight, and no feature: leave it out of --keep$' "$minnow" train --data weighed.csv --label y --weight w --keep w
refuse 3 'weighed.csv: column "y": --weight needs numbers, found texts as "[a-z]*"$' "$minnow" train --data weighed.csv --label a --weight y
refuse 2 '--weight: has no effect: the data are no table' "$minnow" train --data csv --weight w
refuse 2 '--weight: has no effect: the network says how it takes a table' "$minnow" train --data weighed.csv --init weighed --weight w
finish
