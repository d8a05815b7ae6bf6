#!/usr/bin/env bash
# Mistakes in data that training and predicting would pass over in silence: each is said, or refused.
. "$(dirname "$0")/common.sh"

# numbers ROWS COLUMNS SEED: between 0 and 1.
numbers() {
    awk -v rows="$1" -v columns="$2" -v seed="$3" '
    function draw() { return (seed = seed * 16807 % 2147483647) / 2147483647 }
    BEGIN { for (i = 0; i < rows; i++) for (c = 1; c <= columns; c++) printf "%.4f%s", draw(), c < columns ? "," : "\n" }'
}
# one_hot ROWS COLUMNS CLASSES: row i is of class i modulo CLASSES.
one_hot() {
    awk -v rows="$1" -v columns="$2" -v classes="$3" \
        'BEGIN { for (i = 0; i < rows; i++) for (c = 0; c < columns; c++) printf "%d%s", c == i % classes, c < columns - 1 ? "," : "\n" }'
}
# labels ROWS CLASSES FIRST
labels() {
    awk -v rows="$1" -v classes="$2" -v first="$3" 'BEGIN { for (i = 0; i < rows; i++) print first + i % classes }'
}
mkdir set
numbers 200 4 1 >set/train_images.csv
numbers 40 4 2 >set/test_images.csv
one_hot 200 3 3 >set/train_labels.csv
one_hot 40 3 3 >set/test_labels.csv
expect 0 "$minnow" train --data set --epochs 1 --save net
check "nothing to say" bash -c '! grep -q "^data: [^s]" stderr'

# The number of columns of one-hot labels.
one_hot 40 2 2 >set/test_labels.csv
refuse 3 'set: one-hot test labels of 2 columns, expected 3 as for training' "$minnow" train --data set
expect 0 "$minnow" test --model net --data set
check "columns that are not the network's" grep -q '^set: one-hot labels of 2 columns, but net tells 3 classes apart' stderr
one_hot 40 3 2 >set/test_labels.csv
one_hot 200 3 2 >set/train_labels.csv
expect 0 "$minnow" train --data set --epochs 1 --quiet --json
check "a column a class" grep -q '"layers":\[4,.*3\]\|"test_accuracy"' stdout
expect 0 "$minnow" test --model net --data set

# Labels as numbers, one a line.
labels 200 3 0 >set/train_labels.csv
labels 40 3 0 >set/test_labels.csv
expect 0 "$minnow" train --data set --epochs 1 --save numbered --quiet
expect 0 "$minnow" inspect numbered
check "three classes" grep -q '4-.*-3' stdout
labels 200 3 1 >set/train_labels.csv
labels 40 3 1 >set/test_labels.csv
expect 0 "$minnow" train --data set --epochs 1
check "from 1" grep -q '^data: labels begin at 1' stderr
labels 200 1 1 >set/train_labels.csv
labels 40 1 1 >set/test_labels.csv
expect 3 "$minnow" train --data set --epochs 1
check "one class" grep -q '^minnow: set: all 200 training labels are 1; expected two classes or more' stderr
echo 1.5 >>set/train_labels.csv
refuse 3 'train_labels.csv: line 201: label 1.5, expected a whole number' "$minnow" train --data set

# A class that only the test has.
labels 200 3 0 >set/train_labels.csv
labels 40 5 0 >set/test_labels.csv
expect 0 "$minnow" train --data set --epochs 1
check "classes that training never sees" grep -q '^data: 16 of the 40 test samples are of classes "3", "4", which training never sees$' stderr

# Samples that are in both.
labels 40 3 0 >set/test_labels.csv
head -n 30 set/train_images.csv >both
tail -n 10 set/test_images.csv >>both
cp both set/test_images.csv
expect 0 "$minnow" train --data set --epochs 1
check "samples in both" grep -q '^data: 30 of the 40 test samples have the features of a training sample$' stderr
awk 'BEGIN { for (i = 0; i < 100; i++) printf "%d 1:%d 3:%d\n", i % 2, i, i % 7 }' >train.svm
awk 'BEGIN { for (i = 90; i < 110; i++) printf "%d 1:%d 3:%d\n", i % 2, i, i % 7 }' >train.svm.t
expect 0 "$minnow" train --data train.svm --epochs 1 --save svm
check "listed samples in both" grep -q '^data: 10 of the 20 test samples have' stderr
expect 0 "$minnow" test --model svm --data train.svm
check "two classes that are listed without their zeros have an AUC" grep -q ', AUC [01]' stdout

# Features of another size than those of training.
numbers 40 4 2 >set/test_images.csv
sed 's/0\.\([0-9][0-9]\)[0-9]*/\1/g' set/test_images.csv >large.csv
expect 0 "$minnow" predict --model net set/test_images.csv
check "nothing to say of those like training's" test ! -s stderr
expect 0 "$minnow" predict --model net large.csv
check "said once" test "$(grep -c '^large.csv: features from 0 to 9[0-9], but the network was trained on .*: divide them by 255$' stderr)" = 1
cp large.csv set/test_images.csv
expect 0 "$minnow" test --model net --data set
check "test says it" grep -q '^set: features from 0 to .*trained on' stderr

# Whole numbers that no float has.
sed '3s/^[^,]*/16777217/' set/train_images.csv >more.csv
cp more.csv set/train_images.csv
expect 0 "$minnow" train --data set --epochs 1
check "precision" grep -q '^data: features hold whole numbers beyond 16,777,216' stderr
sed '3s/^[^,]*/16777218/' set/train_images.csv >more.csv
cp more.csv set/train_images.csv
expect 0 "$minnow" train --data set --epochs 1
check "precise enough" bash -c '! grep -q 16,777,216 stderr'
echo '0 1:16777217' >>train.svm
expect 0 "$minnow" train --data train.svm --epochs 1
check "precision of listed values" grep -q '^data: features hold whole numbers' stderr

# Compressed, and the test file too.
gzip -k train.svm
expect 0 "$minnow" data train.svm.gz --json
cut -d, -f2- stdout >compressed
expect 0 "$minnow" data train.svm --json
cut -d, -f2- stdout >plain
check "the same, compressed, with the test file beside it" cmp -s compressed plain
gzip train.svm.t
expect 0 "$minnow" data train.svm.gz --json
check "with a compressed test file" grep -q '"test":{"samples":20,' stdout

# Rows of another length.
sed -i '7s/,[^,]*$//' set/train_images.csv
refuse 3 'train_images.csv: line 7: 3 values, expected 4 as in line 1' "$minnow" train --data set
sed -i '7s/$/,1,2/' set/train_images.csv
refuse 3 'train_images.csv: line 7: 5 values, expected 4 as in line 1' "$minnow" train --data set
finish
