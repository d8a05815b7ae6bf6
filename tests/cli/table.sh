#!/usr/bin/env bash
# One table from a file: training, testing, predicting, describing, and what a model remembers of it.
. "$(dirname "$0")/common.sh"

# table ROWS SEED: a flower has a size that its kind decides, a colour, and a gap now and then.
table() {
    awk -v rows="$1" -v seed="$2" '
    function draw() { return (seed = seed * 16807 % 2147483647) / 2147483647 }
    BEGIN {
        print "id,length,width,colour,species"
        for (i = 0; i < rows; i++) {
            kind = int(draw() * 3)
            length_ = kind * 2 + draw()
            width = draw() < 0.05 ? "" : sprintf("%.3f", 5 - kind + draw())
            printf "f%d,%.3f,%s,%s,%s\n", i, length_, width, draw() < 0.5 ? "red" : "blue", \
                kind == 0 ? "rose" : kind == 1 ? "lily" : "tulip"
        }
    }'
}
table 400 1 >flowers.csv

expect 0 "$minnow" train --data flowers.csv --epochs 20 --save net --json
check "it learns" grep -Eq '"test_accuracy":(1.0|0.9)' stdout
check "how it is written" grep -q 'comma-separated, with a header: 320 training rows, 80 test rows, each fifth' stderr
check "keys are left out" grep -q '^left out: "id" (another value in nearly each row' stderr
check "gaps are said" grep -Eq '^gaps: [0-9]+ in "width"' stderr

# The model remembers.
expect 0 "$minnow" test --model net --data flowers.csv --json
check "the rows that were kept out" grep -q '"total":80' stdout
tail -n +201 flowers.csv | awk -F, 'BEGIN { OFS = ";"; print "species;width;colour;more;id;length" } { print $5, $3, $4, "x", $1, $2 }' >other.csv
expect 0 "$minnow" test --model net --data other.csv --json
check "all rows of another table" grep -q '"total":201' stdout
expect 0 "$minnow" predict --model net --format csv other.csv
check "csv has a header" grep -q '^id,prediction,p_lily,p_rose,p_tulip$' stdout
check "csv has a row for each" test "$(wc -l <stdout)" = 202
check "the id is the table's" grep -Eq '^f199,(lily|rose|tulip),[0-9.e-]+,[0-9.e-]+,[0-9.e-]+$' stdout
cp stdout first
cut -d';' -f2- other.csv >unlabelled.csv
expect 0 "$minnow" predict --model net --format csv - <unlabelled.csv
check "the same without the label, from a pipe" cmp -s first stdout
gzip -k unlabelled.csv
expect 0 "$minnow" predict --model net --format csv unlabelled.csv.gz
check "the same, compressed" cmp -s first stdout
expect 0 "$minnow" predict --model net flowers.csv
check "class names" grep -Eq '^0: (lily|rose|tulip) [0-9.]+ %' stdout
refuse 3 'lacks the column "length", which the network was trained with' "$minnow" predict --model net - <<<$'width,colour\n1,red'
expect 3 "$minnow" predict --model net - <<<$'width,colour,length\n1,red,long'
check "a bad row has a line" grep -q '^0: error: standard input: line 2, column "length": expected a number, found "long"$' stdout
refuse 3 'found the class "oak", which training never saw; it had "lily", "rose", "tulip"' "$minnow" test --model net --data - <<<$'width,colour,length,species\n1,red,2,oak'
refuse 3 'has no column "species", which is the label' "$minnow" test --model net --data - <<<$'width,colour,length\n1,red,2'
refuse 2 'was trained on a table' "$minnow" test --model net --data digits
refuse 2 'net was trained on a table: on which one is it to be tested? --data FILE' "$minnow" test --model net
expect 0 "$minnow" inspect net
check "inspect shows the columns" grep -Eq '^  length +\(x - [0-9.]+\) / [0-9.]+, clipped smoothly; a gap is' stdout
expect 0 "$minnow" train --data flowers.csv --epochs 2 --init net --quiet
refuse 2 'label: has no effect: the network says' "$minnow" train --data flowers.csv --label species --init net

# Numbers that only the options decide.
expect 0 "$minnow" train --data flowers.csv --epochs 2 --ignore id,colour --scale robust --test 0.25 --validation 30
check "drawn by the seed" grep -q '270 training rows, 100 test rows drawn by seed 1; 2 columns' stderr
check "the label is guessed" grep -q '^label: "species" (guessed' stderr
cp stdout first
expect 0 "$minnow" train --data flowers.csv --epochs 2 --ignore id,colour --scale robust --test 0.25 --validation 30 --threads 1
check "threads leave no trace" test "$(sed 's/.*CRC/CRC/' stdout)" = "$(sed 's/.*CRC/CRC/' first)"
table 50 9 >test.csv
expect 0 "$minnow" train --data flowers.csv --epochs 2 --test test.csv
check "a test file of its own" grep -q '400 training rows, 50 test rows of test.csv' stderr
expect 0 "$minnow" train --data flowers.csv --epochs 2 --test flowers.csv
check "rows that are in both are said" grep -q '^data: 400 of the 400 test samples have the features of a training sample' stderr
refuse 3 'row [0-9]*, column "width": has no value, and --missing error' "$minnow" train --data flowers.csv --missing error
refuse 2 'has no column "petal" for --label' "$minnow" train --data flowers.csv --label petal
refuse 2 'has no column "petal" for --ignore' "$minnow" train --data flowers.csv --ignore petal
refuse 2 'test 1.5: expected a share' "$minnow" train --data flowers.csv --test 1.5
refuse 2 'classes: has no effect' "$minnow" train --data flowers.csv --classes 3
refuse 2 'label: has no effect: the data are no table' "$minnow" train --data digits --label x
refuse 2 'which column is the label' "$minnow" train --data - <<<$'a,b\n1,2\n3,4'
refuse 3 'line 3: 1 fields, expected 2' "$minnow" train --data - <<<$'a,b\n1,2\n3\n'
refuse 3 'only "x"' "$minnow" train --data - <<<$'a,class\n1,x\n3,x'

# Bad rows have their turn among the others.
printf 'id,length,width,colour,species\nq0,1,red\nq1,0.5,5.5,red,\nq2,long,4.5,red,-\nq3,"1,2\nq4,1,2,red,,6\nq5,4.5,3.5,blue,tulip\n' >bad.csv
expect 3 "$minnow" predict --model net bad.csv
check "a line for each row" test "$(cut -d: -f1 stdout | tr '\n' ' ')" = '0 1 2 3 4 5 '
check "four of them bad" test "$(grep -c ': error: bad.csv: line [2-7]' stdout)" = 4
check "and said at the end" grep -q '^minnow: bad.csv: 4 of 6 samples bad, the first: bad.csv: line 2: 3 fields, expected 5 as in the line of names$' stderr
expect 3 "$minnow" predict --model net bad.csv --json
check "errors in JSON" test "$(grep -c '"index":[0-5],"error":"bad.csv: line ' stdout) $(wc -l <stdout)" = '4 6'
expect 3 "$minnow" predict --model net bad.csv --format csv
check "CSV has a row for each, without a prediction" test "$(sed 's/[0-9.e-]*,[0-9.e-]*,[0-9.e-]*$/-,-,-/' stdout | tail -n +2 | tr '\n' ' ')" = ',,-,-,- q1,rose,-,-,- q2,,-,-,- ,,-,-,- ,,-,-,- q5,tulip,-,-,- '
check "CSV holds no words" bash -c '! grep -q error stdout'
expect 3 "$minnow" predict --model net bad.csv --strict
check "--strict ends" test "$(wc -l <stdout) $(wc -l <stderr)" = '0 1'
expect 0 "$minnow" predict --model net - <<<$'length,width,colour,species,more\n1,2,red,7,x\n1,2,red,8,5\n'
check "other columns may hold anything" test "$(wc -l <stdout)" = 2
expect 0 "$minnow" train --data flowers.csv --missing error --ignore id,width --quiet --epochs 1 --save whole
expect 3 "$minnow" predict --model whole - <<<$'length,colour\n1,red\n,red\n2,blue'
check "a gap where none may be" test "$(grep -c 'error: standard input: row 2, column "length": has no value' stdout) $(wc -l <stdout)" = '1 3'

# How the table is written, the model remembers where it was said.
sed "s/,,/,k.A.,/; s/red/'red, dark'/; s/blue/'blue'/" flowers.csv >said.csv
expect 0 "$minnow" train --data said.csv --gaps k.A. --quote "'" --epochs 20 --save said --json
check "learns" grep -Eq '"test_accuracy":(1.0|0.9)' stdout
expect 0 "$minnow" test --model said --data said.csv
expect 0 "$minnow" predict --model said said.csv
expect 0 "$minnow" inspect said
check "words for gaps, and quotes" grep -q '^  written: .*k\.A\.' stdout
expect 0 "$minnow" predict --model said - --gaps none <<<$'length,width,colour\n1,none,\'blue\'\nk.A.,2,\'red, dark\''
check "with other words for gaps beside them" test "$(wc -l <stdout)" = 2
expect 0 "$minnow" train --data said.csv --init said --epochs 1 --quiet
tr , ';' <flowers.csv | tr . , >german.csv
expect 0 "$minnow" train --data german.csv --delimiter ';' --decimal , --header yes --epochs 5 --save german --quiet
expect 0 "$minnow" predict --model german german.csv --format csv
cp stdout first
expect 0 "$minnow" predict --model german flowers.csv --delimiter , --decimal . --format csv
check "the command line says otherwise" cmp -s first stdout

# A run that is taken up again ends the same.
expect 0 "$minnow" train --data flowers.csv --epochs 4 --json --validation 20
grep -o '"params_crc32":"[0-9a-f]*"' stdout >whole
expect 0 "$minnow" train --data flowers.csv --epochs 4 --validation 20 --checkpoint run --quiet
expect 0 "$minnow" train --resume run --json
check "resumed" grep -q "$(cat whole)" stdout

# Pixels stay bytes, and one bad cell is named.
awk 'BEGIN { for (i = 0; i < 200; i++) { printf "%d", i % 2; for (p = 0; p < 64; p++) printf ",%d", (i % 2 ? p : 63 - p) * 4; print "" } }' >pixels.csv
expect 0 "$minnow" train --data pixels.csv --label first --epochs 2 --save pixels
check "pixels" grep -q '64 columns become 64 features' stderr
expect 0 "$minnow" inspect pixels
check "bytes" grep -q 'byte \* 0.00390625' stdout
expect 0 "$minnow" predict --model pixels pixels.csv
check "the label is no pixel" test "$(wc -l <stdout)" = 200

# Numbers to predict.
awk 'BEGIN { print "a,b,price"; for (i = 0; i < 600; i++) { a = (i * 7919 % 1000) / 100; b = i % 4; printf "%.2f,%s,%.3f\n", a, substr("wxyz", b + 1, 1), 1000 + 50 * a + 200 * b } }' >prices.csv
expect 0 "$minnow" train --data prices.csv --label price --save price --json
check "it is a number" grep -q '^task: regression, as "price" has [0-9]* distinct numbers' stderr
check "it learns" grep -Eq '"test_r2":(0.99|1.0)' stdout
check "no accuracy" bash -c '! grep -q test_accuracy stdout'
expect 0 "$minnow" test --model price --data prices.csv
check "RMSE, MAE, R²" grep -Eq '^RMSE [0-9.]+, MAE [0-9.]+, R² (0.99[0-9]+|1.0000) over 120 rows$' stdout
check "the worst rows are the table's" test "$(awk '/^worst/ { seen = 1; next } seen && $1 % 5 == 4' stdout | wc -l)" = 10
expect 0 "$minnow" test --model price --data prices.csv --json
check "as JSON" grep -Eq '"rmse":[0-9.]+,"mae":[0-9.]+,"r2":(0.99|1.0)' stdout
expect 0 "$minnow" predict --model price --format csv - <<<$'b,a\nz,5'
check "a number in its own units" awk -F, 'NR == 2 { ok = $2 > 1800 && $2 < 1900 } END { exit !ok }' stdout
expect 2 "$minnow" train --data prices.csv --label price --loss softmax
check "a loss of classes" grep -q '^minnow: train: --loss softmax: the label "price" is learned as a number' stderr
expect 2 "$minnow" train --data flowers.csv --loss mse
check "a loss of numbers" grep -q '^minnow: train: --loss mse: the label "species" is learned as classes' stderr
expect 0 "$minnow" train --data prices.csv --label price --loss huber --epochs 2 --validation 50 --checkpoint run
check "validation of numbers" grep -q '^best of 2 epochs: [12], validation RMSE ' stdout
refuse 2 'which training never saw\|cannot be divided' "$minnow" train --data prices.csv --label price --task classes --epochs 1
expect 0 "$minnow" train --data prices.csv --label b --task classes --epochs 1

# Scores of classes.
expect 0 "$minnow" test --model net --data flowers.csv
check "precision, recall, F1" grep -Eq '^mean F1 [0-9.]+ %$' stdout
awk -F, 'NR == 1 || $5 != "rose"' flowers.csv >two.csv
expect 0 "$minnow" train --data two.csv --quiet --save two
expect 0 "$minnow" test --model two --data two.csv --json
check "AUC of two classes" grep -Eq '"macro_f1":[0-9.]+,"auc":(1.0|0.9)' stdout

# minnow data
expect 0 "$minnow" data flowers.csv
check "describes columns" grep -Eq '^  colour +text +2 values: (red|blue)' stdout
check "describes the label" grep -q 'label species, 3 classes: lily' stdout
expect 0 "$minnow" data flowers.csv --json
check "as JSON" grep -q '"rows":400' stdout
expect 0 "$minnow" data pixels.csv --label first
check "draws pixels" grep -q '^ *[.:=+*#%-]*%' stdout
refuse 3 'nowhere' "$minnow" data nowhere

# C source takes a row of the table.
# A compiler may be there and its assembler another machine's, in the environment of a cross build.
if echo 'int main(void) { return 0; }' >any.c && cc any.c -o any 2>cc.out && ./any; then
    expect 0 "$minnow" convert net net.h
    check "the example of net.h is for a row" grep -q '^ \* .*= net_predict_row(&row, ' net.h
    cat >main.c <<'END'
#include <math.h>
#include <stdio.h>
#include "net.h"
static void tell(float length, float width, const char *colour) {
    const struct net_row row = {.length = length, .width = width, .colour = colour};
    float outputs[NET_OUTPUTS];
    net_predict_row(&row, outputs);
    printf("%.4f %.4f %.4f\n", outputs[0], outputs[1], outputs[2]);
}
int main(void) {
    tell(2.5f, 4.25f, "red");
    tell(2.5f, 4.25f, "blue");
    tell(0.25f, NAN, 0);
    tell(NAN, 3, "");
    tell(9, 3, "green");
    return 0;
}
END
    expect 0 cc -std=c99 -Wall -Wextra -Werror main.c -o main
    printf 'length,width,colour\n2.5,4.25,red\n2.5,4.25,blue\n0.25,,\n,3,\n9,3,green\n' >rows.csv
    expect 0 "$minnow" predict --model net --format csv rows.csv
    awk -F, 'NR > 1 { printf "%.4f %.4f %.4f\n", $3, $4, $5 }' stdout >wanted
    expect 0 ./main
    check "the C source predicts the same" cmp -s wanted stdout

    # Names that C cannot take, texts that need an escape, and a number to predict from texts that are hashed.
    awk 'BEGIN {
        print "for,9 lives,street,price"
        for (i = 0; i < 4000; i++)
            printf "%d,\"%s\",s%d,%.1f\n", i * 7919 % 1000, i % 3 ? "a\\\"\"b?" : "caf\303\251", i * 31 % 300, i % 3 * 10 + i * 31 % 300
    }' >odd.csv
    expect 0 "$minnow" train --data odd.csv --label price --task regression --epochs 2 --save odd.h
    cat >odd.c <<'END'
#include <stdio.h>
#include "odd.h"
int main(void) {
    const struct odd_row rows[] = {{12, "a\\\"b?", "s7"}, {500, "caf\303\251", "s299"}, {1, "other", "new"}};
    for (int i = 0; i < 3; i++) {
        float number;
        odd_predict_row(&rows[i], &number);
        printf("%.1f\n", number);
    }
    return 0;
}
END
    expect 0 cc -std=c99 -Wall -Wextra -Werror odd.c -o odd
    check "members" grep -q 'float column_1_for; /\* for \*/' odd.h
    expect 0 "$minnow" train --data odd.csv --label price --task regression --epochs 2 --save odd.net
    printf 'for,9 lives,street\n12,"a\\""b?",s7\n500,caf\303\251,s299\n1,other,new\n' >rows.csv
    expect 0 "$minnow" predict --model odd.net --format csv rows.csv
    awk -F, 'NR > 1 { printf "%.1f\n", $2 }' stdout >wanted
    expect 0 ./odd
    check "the C source predicts the same number" cmp -s wanted stdout
    expect 0 "$minnow" convert odd.net odd.onnx
    check "hashes are said" grep -q '^"street": has to be given as a hash' stderr
fi
finish
