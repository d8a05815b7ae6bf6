#!/usr/bin/env bash
# Training where there is no test set, or none is wanted: it is said, and the figure is of the samples that there are.
. "$(dirname "$0")/common.sh"
csv_data DATA 300 100
mkdir only
cp DATA/train_images.csv DATA/train_labels.csv only
options=(--hidden 16 --epochs 3 --batch 8 --lr 0.1)
crc() { sed -n 's/.*CRC-32 //p' stdout; }

# ---- Files to train on alone
expect 0 "$minnow" train --data DATA "${options[@]}"
whole=$(crc)
expect 0 "$minnow" train --data only "${options[@]}" --save net
check "it is said" grep -q '^data: only (--data), 300 training samples of 784 values, no test set, loaded in' stderr
check "of what the figure is" grep -q '^there is no test set: the figure is that of the training samples$' stderr
check "the figure" grep -q '^training accuracy [0-9.]* % after 3 epochs' stdout
check "the same network" test "$(crc)" = "$whole" -a -s net
expect 0 "$minnow" train --data only "${options[@]}" --json
check "in JSON" grep -q '"done".*"final_train_accuracy":[0-9.]*,"final_train_loss":[0-9.e-]*,"final_figure":"training"' stdout
check "no test figure" test "$(grep -c test_ stdout)" = 0
expect 0 "$minnow" train --data only "${options[@]}" --validation 60
check "with validation samples" grep -q '^validation accuracy [0-9.]* % after 3 epochs' stdout
check "whose best weights were kept, not tested" \
    grep -q '^best of 3 epochs: [1-3], .*; its weights are those that were kept$' stdout
check "their figure is said" grep -q '^there is no test set: the figure is that of the validation samples$' stderr
expect 0 "$minnow" train --data only "${options[@]}" --validation 60 --json
check "in JSON too" grep -q '"done".*"final_figure":"validation"' stdout
refuse 2 'test-each-epoch: has no effect: there is no test set' "$minnow" train --data only --test-each-epoch
refuse 2 'seeds without a test set' "$minnow" train --data only "${options[@]}" --seeds 2
expect 0 "$minnow" train --data only "${options[@]}" --seeds 2 --validation 60
expect 0 "$minnow" train --data only "${options[@]}" --folds 2
expect 0 "$minnow" train --data only "${options[@]}" --checkpoint ck
straight=$(crc)
expect 0 "$minnow" train --data only --resume ck
check "a run that is over" test "$(crc)" = "$straight"
expect 0 "$minnow" lr-find --data only --hidden 16 --batch 10 --seed 3

# ---- IDX files, and data whose test set is not wanted
expect 0 "$minnow" convert DATA idx
rm idx/t10k*
expect 0 "$minnow" train --data idx "${options[@]}"
check "IDX" grep -q '^training accuracy' stdout
expect 0 "$minnow" train --data DATA "${options[@]}" --test none
check "left alone" test "$(crc)" = "$whole"
refuse 2 'test: has no effect: the data are no table' "$minnow" train --data DATA --test 0.5
mkdir none
refuse 3 "none: holds no " "$minnow" train --data none

# ---- A table, all of whose rows are trained on
awk 'BEGIN { print "a,b,y"; for (i = 0; i < 100; i++) print i % 7 "," i % 5 "," i % 7 * 1.5 + i % 5 }' >numbers.csv
expect 0 "$minnow" train --data numbers.csv --label y --epochs 5 --test none --save table
check "all rows" grep -q ' 100 training rows, no test rows' stderr
check "numbers" grep -q '^training RMSE [0-9.]*, MAE [0-9.]*, R' stdout
expect 0 "$minnow" test --model table --data numbers.csv
check "none was kept out" grep -q ' 100 rows, loaded in' stderr
trained='^numbers.csv: the network was trained on these rows: what it gets right of them is no test$'
check "which is said" grep -q "$trained" stderr
expect 0 "$minnow" inspect table
check "by inspect too" grep -q '^  kept for the test: no row of the file of CRC-32 [0-9a-f]\{8\}$' stdout
sed 90q numbers.csv >fewer.csv
expect 0 "$minnow" test --model table --data fewer.csv
check "not of another table" bash -c '! grep -q "was trained on" stderr'
expect 0 "$minnow" train --data numbers.csv --label y --epochs 5 --test fewer.csv --save table
expect 0 "$minnow" test --model table --data numbers.csv
check "nor was any with a file to test on" grep -q "$trained" stderr
expect 0 "$minnow" train --data numbers.csv --label y --epochs 5 --save table
expect 0 "$minnow" test --model table --data numbers.csv
check "rows that were kept out" bash -c '! grep -q "was trained on" stderr'
finish
