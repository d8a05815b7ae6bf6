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
check "rows, not images" grep -q '[0-9] rows/s' stderr
check "listed samples in both" grep -q '^data: 10 of the 20 test samples have' stderr
expect 0 "$minnow" test --model svm --data train.svm
check "two classes that are listed without their zeros have an AUC" grep -q ', AUC [01]' stdout

refuse 2 'svm: without --data, .* data of another kind, libsvm; name some' "$minnow" test --model svm

# Rows to predict of need no label.
expect 0 "$minnow" predict --model svm train.svm.t --format csv
cp stdout labelled.out
sed 's/^[01] //' train.svm.t >unlabelled.svm
expect 0 "$minnow" predict --model svm unlabelled.svm --format csv
check "the same without labels" cmp -s labelled.out stdout
sed 's/^[01] /qid:3 /' train.svm.t >groups.svm
expect 0 "$minnow" predict --model svm groups.svm --format csv
check "the same in groups" cmp -s labelled.out stdout
expect 3 "$minnow" predict --model svm - <<<$'1:2 3:4\n2:1 1:2'
check "what is wrong with them" grep -q 'line 2: index 1 behind 2, expected them to ascend' stderr
for i in 1 2 3 4 5 6; do echo "12:3$i 13:4$i $i"; done >clock
expect 0 "$minnow" data clock --label last
check "times of day are still a table" grep -q 'separated by blanks' stdout

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

# What a table to predict from holds that training never saw, and what names its rows.
awk 'BEGIN { print "code,size,colour,kind"; for (i = 0; i < 300; i++) printf "%07d,%d.5,%s,%s\n", i * 7919 % 1000, i % 9, i % 2 ? "red" : "blue", (i % 9 > 4) ? "large" : "small" }' >things.csv
expect 0 "$minnow" train --data things.csv --label kind --ignore code --epochs 3 --save things
check "rows of a table" grep -q 'rows/s' stderr
check "and no images" bash -c '! grep -q images/s stderr'
printf 'code,size,colour\n0000123,1.5,red\n16777217,2,mauve\n,,\n007,3,grey\n' >new.csv
expect 0 "$minnow" predict --model things new.csv
check "texts that training did not know" grep -q '^new.csv: 2 of 4 rows hold a text that training did not know.*the first: number 1, "colour": "mauve"$' stderr
check "an empty row" grep -q '^new.csv: 1 of 4 rows are empty.*: number 2$' stderr
check "all are predicted" test "$(wc -l <stdout)" = 4
expect 0 "$minnow" predict --model things new.csv --quiet
check "not where all is to be quiet" test ! -s stderr
expect 0 "$minnow" predict --model things --id code new.csv --format csv
check "the id as it is written" test "$(cut -d, -f1 stdout | tr '\n' ' ')" = 'id 0000123 16777217  007 '
expect 0 "$minnow" predict --model things --id code new.csv
check "the id in text" test "$(sed 's/:.*//' stdout | tr '\n' ' ')" = '0000123 16777217 row 2 007 '
expect 0 "$minnow" predict --model things --id code new.csv --json
check "the id in JSON" test "$(grep -c '"index":[0-9],"id":"[0-9]*","label":' stdout)" = 3
expect 0 "$minnow" predict --model things --id size new.csv --format csv
check "an id that is also a feature" test "$(cut -d, -f1 stdout | tr '\n' ' ')" = 'id 1.5 2  3 '
# Training used num as a number: its digits are kept, or the id is refused. A row without an id is told apart from ids.
awk 'BEGIN { print "num,a,label"; for (i = 0; i < 300; i++) print i * 7919 % 1000 "," i % 9 ".5," ((i % 9 > 4) ? "x" : "y") }' >ids.csv
expect 0 "$minnow" train --data ids.csv --label label --epochs 3 --save ids
printf 'num,a\n12345678,1\n16777216,2\n12345679872,3\n1.5,4\n' >long.csv
expect 0 "$minnow" predict --model ids --id num long.csv --format csv
check "long ids that are numbers" test "$(cut -d, -f1 stdout | tr '\n' ' ')" = 'id 12345678 16777216 12345679872 1.5 '
printf 'num,a\n16777217,1\n16777216,2\n' >longer.csv
refuse 2 'id num: the network takes that column of longer.csv as 32-bit numbers, which lack digits' "$minnow" predict --model ids --id num longer.csv
printf 'num,a\n1000,.5\n996,oops\n,1\n5,1\n,q\n' >some.csv
expect 3 "$minnow" predict --model ids --id num some.csv
check "ids and rows in text" test "$(sed 's/: .*//' stdout | tr '\n' ,)" = '1000,996,row 2,5,row 4,'
expect 3 "$minnow" predict --model ids --id num some.csv some.csv
check "of several files" test "$(grep -c '^some.csv row 2: [xy] ' stdout) $(grep -c '^some.csv 996: error: ' stdout)" = '2 2'
expect 3 "$minnow" predict --model ids --id num some.csv --format csv
check "in CSV" test "$(cut -d, -f1 stdout | tr '\n' ,)" = 'id,1000,996,,5,,'
expect 3 "$minnow" predict --model ids --id num some.csv --json
check "in JSON" test "$(grep -c '"id":' stdout) $(grep -c '"index":1,"id":"996","error":' stdout)" = '3 1'
printf 'num,a\n7,1\n8,q\n9,2,3\n' >bytes.csv
expect 3 "$minnow" predict --model ids --id num bytes.csv
check "a table of bytes" test "$(sed 's/: .*//' stdout | tr '\n' ,)" = '7,8,row 2,'
refuse 2 'id none: new.csv has no column of that name' "$minnow" predict --model things --id none new.csv
refuse 2 'things was trained on a table: on which one' "$minnow" test --model things
refuse 2 'things was trained on a table: on which one' "$minnow" report things
expect 0 "$minnow" convert things things.h --to c
check "C source has the names of classes" grep -A3 'things_class_name(unsigned label)' things.h
check "in order" grep -q '^        "large", "small",$' things.h
check "and of columns" grep -q '^        "size", "colour",$' things.h
awk 'BEGIN { for (i = 0; i < 64; i++) printf "p%d,", i; print "label"; for (r = 0; r < 60; r++) { for (i = 0; i < 64; i++) printf "%d,", (r * 31 + i * 7) % 256; print r % 2 } }' >pixels.csv
expect 0 "$minnow" train --data pixels.csv --epochs 1 --save pixels
refuse 2 'pixels was trained on a table: on which one' "$minnow" test --model pixels

# How people write numbers, dates and codes.
awk 'BEGIN { print "day;zip;rent;share;kind"
    for (i = 0; i < 60; i++)
        printf "%02d.%02d.2024;%05d;%d.%03d,%02d €;%d,5 %%;%s\n", i % 28 + 1, i % 12 + 1, i % 3 ? 1067 : 80331, i % 7 + 1, i, i, i % 40, i % 2 ? "a" : "b" }' >rents.csv
expect 0 "$minnow" data rents.csv --label kind
check "euros" grep -q '^numbers in €: "rent"$' stderr
check "a percentage" grep -q '^numbers in %: "share"$' stderr
check "thousands and decimal commas" grep -q 'rent  *number 1000 to 7055.55' stdout
check "said" grep -q 'decimal commas' stdout
check "codes are texts" grep -q '^codes, as their zeros before other digits tell, and so texts: "zip"$' stderr
check "with their zeros" grep -q 'zip  *text   2 values: 01067 (40), 80331 (20)' stdout
check "dates" grep -q '^dates: "day"; learned as year, month, day, weekday' stderr
check "their parts" grep -q 'day_weekday  *number 1 to 7' stdout
check "their columns are the file's" grep -q '60 rows of 5 columns' stdout
expect 0 "$minnow" train --data rents.csv --label kind --epochs 2 --save rents
expect 0 "$minnow" inspect rents
check "the model knows the unit" grep -q 'rent  *€: (x - ' stdout
check "and the parts" grep -q 'day_month  *(x - ' stdout
head -n 3 rents.csv >some.csv
expect 0 "$minnow" predict --model rents some.csv --json
cp stdout wanted.out
sed 's/ €//' some.csv >plain.csv
expect 0 "$minnow" predict --model rents plain.csv --json
check "a currency may be left out" cmp -s <(cut -d, -f2- wanted.out) <(cut -d, -f2- stdout)
sed 's/€/$/' some.csv >dollars.csv
expect 3 "$minnow" predict --model rents dollars.csv
check "but is no other" grep -q 'dollars.csv: column "rent": found numbers in \$, but training had them in €' stderr
printf 'day;zip;rent;share\n2024-01-01;01067;1.000;0\n' >comma.csv
printf 'day;zip;rent;share\n2024-01-01;01067;1000,0;0\n' >sure.csv
printf 'day;zip;rent;share\n2024-01-01;01067;1000.0;0\n' >point.csv
for file in comma sure point; do
    expect 0 "$minnow" predict --model rents $file.csv --json
    cut -d, -f2- stdout >$file.out
done
check "the model remembers the decimal comma" cmp -s comma.out sure.out
check "where the table does not tell" cmp -s point.out sure.out
printf 'day;zip;rent;share\n01.01.2024;01067;1,5;0\n32.01.2024;01067;1,5;0\n' >no_day.csv
expect 3 "$minnow" predict --model rents no_day.csv
check "no day of the calendar" grep -q '^1: error: .*column "day": expected a date as in training.*found "32.01.2024"' stdout
expect 3 "$minnow" test --model rents --data - <<<$'day;zip;rent;share;kind\n5;01067;1,5;0;a\n6;01067;1,5;0;b'
check "numbers are no dates" grep -q 'column "day": expected dates as in training' stderr
expect 0 "$minnow" data rents.csv --label kind --ignore day
check "what is made of ignored dates is ignored" test "$(grep -c 'ignored' stdout)" = 5
expect 0 "$minnow" data rents.csv --label kind --text day
check "dates as texts" bash -c '! grep -q day_year stdout'
expect 0 "$minnow" data rents.csv --label day
check "a label of dates is not given away" test "$(grep -c 'day_.*ignored' stdout)" = 4

# table TEXT: what is found in the columns of a table of 40 rows of that text, a %d of which is the row.
table() {
    { echo a,b,label && for ((i = 0; i < 40; i++)); do printf -- "$1\n" $((i % 10)) $((i % 2)); done; } >odd.csv
    run "$minnow" data odd.csv --label label
}
table '$1%d.50,x,%d'
check "dollars" grep -q '^numbers in \$: "a"$' stderr
table '-$1%d.50,x,%d'
check "negative ones" grep -q 'a  *number -19.5 to -10.5' stdout
table '"1,23%d.50",x,%d'
check "thousands" grep -q 'a  *number 1230.5 to 1239.5' stdout
table '£ 1%d,x,%d'
check "a blank behind a unit" grep -q 'a  *number 10 to 19' stdout
table '"1%d,5\xc2\xa0%%",x,%d'
check "a blank that does not break" grep -q 'a  *number 10.5 to 19.5' stdout
{ echo a,label && for i in {1..20}; do echo "\$$i,0" && echo "€$i,1"; done; } >mixed.csv
expect 0 "$minnow" data mixed.csv --label label
check "two currencies" grep -q '^numbers of several units, taken as texts: "a"$' stderr
{ echo a,label && for i in {1..20}; do echo "2024-02-${i}T12:30:00Z,1" && echo "2024-03-0$((i % 9 + 1))T01:00:00+02:00,0"; done; } >times.csv
expect 0 "$minnow" data times.csv --label label
check "a time of day" grep -q 'a_hour  *number 1 to 12.5' stdout
{ echo a,label && for i in {1..20}; do echo "2023-02-29,$((i % 2))"; done; } >leap.csv
expect 0 "$minnow" data leap.csv --label label
check "no leap year" bash -c '! grep -q a_year stdout'
{ echo a,b,label && for i in {1000..1400}; do echo "0$i,$((i % 7)),$((i % 2))"; done; } >many.csv
expect 0 "$minnow" data many.csv --label label
check "too many codes are numbers" grep -q '^left out: "a" (numbers the rows' stderr
{ echo a,b,label && for i in {1000..1400}; do echo "0$((i * 7919 % 1000)),$((i % 7)),$((i % 2))"; done; } >many.csv
expect 0 "$minnow" data many.csv --label label
check "and that is said" grep -q '^numbers, although some have zeros before other digits: "a"; --text NAME takes codes$' stderr
{ echo a,b,c && for i in {1..40}; do printf '%03d,%03d,%d\n' $i $((i % 9)) $((i % 2)); done; } >padded.csv
expect 0 "$minnow" data padded.csv --label c
check "zeros in front of everything are no codes" grep -q 'b  *number 0 to 8' stdout

# minnow data goes on behind what training refuses, and counts it.
{ echo a,b,label && for i in {1..300}; do echo "$i.5,$((i % 7)),$((i % 2))"; done; } >good.csv
sed '5s/.*/oops,1,1/; 9s/.*/1,2/; 100s/.*/1e99,2,1/; 250s/.*/n.a,1,1/; 260s/.*/1,2,3,4/; 270s/.*/x,,/' good.csv >faulty.csv
expect 3 "$minnow" data faulty.csv
check "the first faults by their lines" grep -q '^faults line 5, column "a": expected a number, found "oops"$' stdout
check "rows too short" grep -q '^       line 9: 2 fields, expected 3 as in the line of names$' stdout
check "numbers beyond a float" grep -q '^       line 100, column "a": found "1e99", expected a finite number' stdout
check "texts far behind" grep -q '^       line 250, column "a": expected a number, found "n.a"$' stdout
check "rows too long" grep -q '^       line 260: 4 fields' stdout
check "and how many more" grep -q '^       and 1 more$' stdout
check "the rest is described" grep -q 'a  *number 1.5 to 300.5' stdout
check "the label too" grep -q '^label label, 2 classes: 0 (1[0-9][0-9]), 1 (1[0-9][0-9])$' stdout
check "one line at the end" grep -q '^minnow: faulty.csv: training would refuse 6 of 300 rows, the first: line 5' stderr
expect 3 "$minnow" train --data faulty.csv
expect 3 "$minnow" data - --json <faulty.csv
check "JSON counts them" grep -q '"faults":\["line 5.*"fault_count":6' stdout
expect 3 "$minnow" data faulty.csv --text a
check "what is text has no such faults" grep -q 'refuse 2 of 300 rows' stderr
expect 0 "$minnow" data good.csv
check "nothing where nothing is wrong" bash -c '! grep -q faults stdout'

# A run that ends where naming one class would; and a linear network for numbers, whose defaults must take it to its minimum.
awk 'BEGIN { s = 5; print "x,label"; for (i = 0; i < 300; i++) { s = s * 16807 % 2147483647; print s % 1000 "," (s % 10 ? "no" : "yes") } }' >rare.csv
expect 0 "$minnow" train --data rare.csv
check "no more right than one class" grep -q '^no more right than always naming the most frequent class of the test, 9[0-9.]* %$' stdout
expect 0 "$minnow" train --data rare.csv --test none
check "of those trained on" grep -q '^no more right than .* the most frequent class of the training samples, 89.33 %$' stdout
expect 0 "$minnow" train --data rare.csv --test none --validation 0.2
check "of those to validate on" grep -q '^no more right than .* the most frequent class of the validation samples, 9[0-9.]* %$' stdout
awk 'BEGIN { s = 5; print "x,y,price"; for (i = 0; i < 500; i++) { s = s * 16807 % 2147483647; x = s % 1000; y = int(s / 1000) % 100; print x "," y "," 3 * x - 20 * y + 7.5 } }' >line.csv
expect 0 "$minnow" train --data line.csv --label price --hidden none --scale standard --quiet
check "a line is found" grep -q 'R² \(0.99\|1.00\)' stdout

# A column beside one that is named like a part of its date is none of dates, also where the network takes no notice of it.
awk 'BEGIN { print "model,model_year,hp,price"; for (i = 0; i < 60; i++) print "car" i "," 1990 + i % 30 "," 50 + i * 7 % 90 "," i % 30 * 100 }' >cars.csv
expect 0 "$minnow" train --data cars.csv --label price --epochs 2 --save cars
check "a key is left out" grep -q '^left out: "model"' stderr
expect 0 "$minnow" test --model cars --data cars.csv
awk 'BEGIN { print "built,built_year,hp,price"; for (i = 0; i < 60; i++) print i * 7 % 11 "," 1990 + i % 30 "," 50 + i * 7 % 90 "," i % 30 * 100 }' >built.csv
expect 0 "$minnow" train --data built.csv --label price --ignore built --epochs 2 --save built
expect 0 "$minnow" test --model built --data built.csv
expect 0 "$minnow" predict --model built built.csv

# Decimal commas are remembered from training, for tables that do not tell; where points are certain, they are read so.
awk 'BEGIN { for (i = 0; i < 200; i++) { a = i * 37 % 2000; b = i * 53 % 1000
    printf("%d,%03d;%d,%03d;%s\n", a / 1000, a % 1000, b / 1000, b % 1000, a > 2 * b ? "yes" : "no") } }' >rows
{ echo 'a;b;label' && cat rows; } >commas.csv
{ echo 'a;b' && head -n 20 rows | cut -d ';' -f 1,2; } >few.csv
expect 0 "$minnow" train --data commas.csv --label label --epochs 3 --save commas
predict() { # FILE: the predictions alone
    expect 0 "$minnow" predict --model commas --format csv "$1"
    sed 1d stdout >got
}
predict few.csv
cp got wanted
check "certain commas: not a word" bash -c '! grep -q "as in training" stderr'
tr ',;' '.,' <few.csv >points.csv
predict points.csv
check "commas between fields" cmp wanted got
tr , . <few.csv >points.csv
predict points.csv
check "a point behind a lone 0" cmp wanted got
sed 's/0\././' points.csv >bare.csv
predict bare.csv
check "a point behind nothing" cmp wanted got
check "which is not remembered: not a word" bash -c '! grep -q "as in training" stderr'
printf 'a;b\n1,335;1,214\n' >unclear.csv
predict unclear.csv
cp got wanted
check "it is said" grep -q '^unclear.csv: numbers read with decimal commas, as in training$' stderr
printf 'a,b\n1.335,1.214\n' >points.csv
predict points.csv
check "commas between fields, of large numbers" cmp wanted got
finish
