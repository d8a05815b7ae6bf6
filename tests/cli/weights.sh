#!/usr/bin/env bash
# minnow train --class-weight: how much the samples of each class count.
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
finish
