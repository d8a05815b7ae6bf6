#!/usr/bin/env bash
# minnow explain: its forms, what it takes, and that a picture, a table and a pipe are the samples that predict takes.
. "$(dirname "$0")/common.sh"
csv_data DATA 600 300
expect 0 "$minnow" train --hidden 16 --epochs 2 --class-names 'zero,one,two,three,four,five,six,seven,eight,nine' --save net
python=$(command -v python3)

# ---- Text
expect 0 "$minnow" explain --model net DATA --index 7
for line in '^net: sample 7 of DATA$' '^which is [a-z]*, and taken for [a-z]*$' '^Forward$' '^Backward$' \
    'z1 = W1 a0 + b1 .*\[16 \* 784\]' 'a1 = relu(z1)' 'a2 = softmax(z2)' "delta1 = (W2)^T delta2 . relu'(z1)" 'delta2 = dC/dz2 = a - y' \
    'dC/dW1 = delta1 (a0)^T' 'C [0-9.e-]* -> ' '^What mattered$'; do
    check "says $line" grep -q -e "$line" stdout
done
check "nothing but ASCII without UTF-8" test -z "$(tr -d '\n -~' <stdout)"
check "no line beyond 80 columns" awk 'length > 80 { bad = 1 } END { exit bad }' stdout
tr '\n' ' ' <stdout | tr -s ' ' >joined
check "the error of the gradient is small" awk '
    match($0, /relative error [0-9.e+-]+/) { found = 1; exit !(substr($0, RSTART + 15, RLENGTH - 15) + 0 < 1e-4) }
    END { exit !found }' joined
LC_ALL=C.UTF-8 run "$minnow" explain --model net DATA --index 7
check "the book's signs with UTF-8" grep -q 'δ¹ = (W²)ᵀ δ² ⊙ relu′(z¹)' stdout
check "no colour in a pipe" test "$(grep -c $'\033' stdout)" = 0

# ---- JSON
expect 0 "$minnow" explain --model net DATA --index 7 --json
check "one object a line" test "$(wc -l <stdout)" = 1
cp stdout walk.json
[ -z "$python" ] || check "every number of it" "$python" -c '
import json
def no(constant): raise ValueError(constant)
w = json.load(open("walk.json"), parse_constant=no)
assert w["index"] == 7 and w["input"] == "DATA" and w["loss"] == "softmax" and w["shape"] == [28, 28, 1]
assert len(w["a0"]) == len(w["input_gradient"]) == len(w["gradient_times_input"]) == 784
sizes = [784, 16, 10]
for l, layer in enumerate(w["layers"]):
    assert layer["layer"] == l + 1
    for name in "z", "a", "delta", "biases", "bias_gradient": assert len(layer[name]) == sizes[l + 1]
    for name in "weights", "weight_gradient": assert [len(row) for row in layer[name]] == [sizes[l]] * sizes[l + 1]
one = w["weight"]
assert w["layers"][one["layer"] - 1]["weights"][one["unit"]][one["input"]] == one["value"]
assert w["layers"][one["layer"] - 1]["weight_gradient"][one["unit"]][one["input"]] == one["gradient"]
assert one["relative_error"] < 1e-4
assert w["occlusion"]["rows"] * w["occlusion"]["columns"] == len(w["occlusion"]["change"]) == 784
assert w["step"]["loss"] < w["C"]'
expect 0 "$minnow" explain --model net DATA --index 7 --json --threads 1 --isa scalar
check "the same numbers without vectors" cmp <(sed 's/"isa":"[^"]*"//' walk.json) <(sed 's/"isa":"[^"]*"//' stdout)

# ---- A page and a picture
expect 0 "$minnow" explain --model net DATA --index 7 -o walk.html
check "nothing is printed" test ! -s stdout
check "it asks for nothing else" test "$(grep -c -E '(src|href)=["'\''](http|//)|@import|url\(' walk.html)" = 0
check "a policy holds it to that" grep -q "Content-Security-Policy.*default-src 'none'" walk.html
script=$(sed -n '/^<script>$/,/<.script>/p' walk.html | wc -c)
check "a script of at most 60 KiB: $script" test "$script" -gt 5000 -a "$script" -le 61440
check "small" test "$(wc -c <walk.html)" -le 200000
[ -z "$python" ] || check "its data are JSON" "$python" -c '
import json, re
text = open("walk.html", encoding="utf-8").read()
data = json.loads(re.search(r"id=\"data\">(.*?)</script>", text, re.S)[1])
assert data["index"] == 7 and len(data["layers"]) == 2 and data["shape"] == [28, 28, 1]'
expect 0 "$minnow" explain --model net DATA --index 7 -o walk.svg
check "two drawings" test "$(grep -c -e '>Feed-forward<' -e '>Backpropagation<' walk.svg)" = 2
[ -z "$python" ] || check "it is XML" "$python" -c 'import xml.dom.minidom; xml.dom.minidom.parse("walk.svg")'
cp walk.svg first.svg
expect 0 "$minnow" explain --model net DATA --index 7 -o walk.svg --isa scalar --threads 1
check "the same to the last byte without vectors" cmp first.svg walk.svg

# ---- What it takes
sample() { sed 's/.*"a0":\(\[[^]]*\]\).*/\1/' "$1"; }
sed -n 8p DATA/test_images.csv >row.csv
for input in "DATA/test_images.csv --index 7" row.csv; do
    # shellcheck disable=SC2086 # an input and its options
    expect 0 "$minnow" explain --model net --json $input
    check "$input is the same sample" cmp <(sample walk.json) <(sample stdout)
    check "$input has no label" grep -q '"assumed":true' stdout
done
expect 0 "$minnow" explain --model net --json - <row.csv
check "standard input too" cmp <(sample walk.json) <(sample stdout)
expect 0 "$minnow" explain --model net --json row.csv --label three
check "a label by its name" grep -q '"label":3,"class":"three","assumed":false' stdout
expect 0 "$minnow" explain --model net row.csv
check "says that it takes the label from the network" grep -q 'assumes to be right' stdout
MINNOW_DATA=DATA run "$minnow" explain --model net
check "the data that test takes" test "$status" = 0
expect 0 "$minnow" explain --model net DATA --weight 2,3,5 --rate 0.5 --json
check "a weight, and a rate" grep -q '"weight":{"layer":2,"unit":3,"input":5,.*"step":{"rate":0.5,' stdout

# Samples that are listed without their zeros.
awk 'BEGIN { for (i = 0; i < 40; i++) printf "%d %d:1.5 7:0.25\n", i % 3, i % 3 + 1 }' >sparse.libsvm
expect 0 "$minnow" train --data sparse.libsvm --hidden 4 --epochs 3 --save sparse
expect 0 "$minnow" explain --model sparse sparse.libsvm --index 1 --json
check "their zeros are there" grep -q '"a0":\[\(0.0,\)*1.5,\(0.0,\)*0.25\]' stdout

# ---- Tables: classes and numbers
awk 'BEGIN { print "colour,length,kind,price"; for (i = 0; i < 60; i++) { k = i % 2; printf "%s,%d,%s,%d\n", k ? "red" : "blue", i % 7 + 5 * k, k ? "rose" : "lily", 100 + 3 * (i % 7) } }' >flowers.csv
expect 0 "$minnow" train --data flowers.csv --label kind --ignore price --epochs 5 --hidden 4 --save kinds
expect 0 "$minnow" explain --model kinds flowers.csv --index 3
check "a row of a table has its label" grep -q '^which is rose, ' stdout
check "inputs go by their columns" grep -q -e 'colour = ' -e ' length' stdout
expect 0 "$minnow" explain --model kinds --json - --index 1 <<<$'length,colour\n1,red\n3,blue'
check "without the label's column too" grep -q '"index":1,.*"assumed":true' stdout
expect 0 "$minnow" train --data flowers.csv --label price --task regression --epochs 5 --hidden 4 --save prices
expect 0 "$minnow" explain --model prices flowers.csv --index 3
check "a number in the table's own unit" grep -q 'which stands for .*, where 109 is right' stdout
expect 0 "$minnow" explain --model prices flowers.csv --index 3 --label 200
check "another number" grep -q 'which stands for .*, where 200 is right' stdout
refuse 2 'what is right for this sample' "$minnow" explain --model prices - <<<$'length,colour,kind\n1,red,rose'
refuse 2 'was trained on a table' "$minnow" explain --model prices DATA
refuse 2 'expected 1 number' "$minnow" explain --model prices flowers.csv --label much
finish
