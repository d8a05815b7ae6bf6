#!/usr/bin/env bash
# minnow report: one file that asks for nothing, with every figure of minnow test, whatever the names in it say.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1
csv_data CSV 400 60
expect 0 "$minnow" convert CSV DATA
expect 0 "$minnow" train --data DATA --hidden 16 --batch 10 --epochs 4 --validation 50 --seed 3 --json --save net
cp stdout run.jsonl
field() { grep -o "\"$1\":[^,}]*" stdout | head -n 1 | cut -d: -f2; }
# The data inside a page, one key a line.
inside() { sed -n 's|.*<script type="application/json" id="data">\(.*\)</script>.*|\1|p' "$1"; }

# ---- The page
expect 0 "$minnow" report net --data DATA --log run.jsonl -o page.html --json
check "told in JSON" grep -q '^{"report":"page.html","bytes":[0-9]*,"models":\[{' stdout
check "its size" test "$(field bytes)" = "$(wc -c <page.html)"
check "of at most 1.5 MB" test "$(field bytes)" -le 1500000
script=$(sed -n '/^<script>$/,/<.script>/p' page.html | wc -c)
check "a script of at most 60 KiB: $script" test "$script" -gt 5000 -a "$script" -le 61440
accuracy=$(field accuracy) loss=$(field loss) f1=$(field macro_f1)
expect 0 "$minnow" test --model net --data DATA --json
check "the accuracy of minnow test" test "$(field accuracy)" = "$accuracy"
check "its loss" test "$(field loss)" = "$loss"
check "its F1" test "$(field macro_f1)" = "$f1"
check "no address of another place" test "$(grep -v 'http://www.w3.org/2000/svg' page.html | grep -c -i -e 'https\?:' -e 'src="' -e "src='" -e '@import' -e ' href="[^d]')" = 0
check "held to that" grep -q "Content-Security-Policy\" content=\"default-src 'none'" page.html
inside page.html >data.json
check "with data" test -s data.json
if command -v python3 >/dev/null; then
    check "that are JSON, and as many confusions as samples" python3 -c '
import json
page = json.load(open("data.json"))
model = page["models"][0]
assert sum(map(sum, model["confusion"])) == model["samples"] == 60
assert sum(count for count, right, confidence in model["calibration"]) == 60
assert sum(right for count, right, confidence in model["calibration"]) == model["figures"]["correct"]
assert [row["epoch"] for row in model["log"]] == [0, 1, 2, 3, 4], model["log"]
assert len(model["layers"]) == 2 and model["layers"][0]["weights"]["total"] == 16 * model["sizes"][0]
for layer in model["layers"]:
    for kind in "weights", "activations":
        h = layer[kind]
        assert sum(h["counts"]) + h["zeros"] + h["left_out"] == h["total"]
assert "--hidden 16" in model["metadata"]["options"]
for row, label, predicted, right, confidence in model["shots"]:
    assert (label == predicted) == (right == confidence)'
fi
expect 0 "$minnow" report net --data DATA --log run.jsonl -o again.html --threads 3
check "the same page with other threads" cmp page.html again.html
expect 0 "$minnow" report net --data DATA
check "without a name" test -s report.html

# ---- Names that would like to be more
evil='</script><img src=x onerror=alert(1)>'
expect 0 "$minnow" train --data DATA --hidden 4 --epochs 1 --class-names "$evil,<!--,\"',&amp;,a,b,c,d,e,f" --save evil
cp evil "<b>.net"
if [ "$status" = 0 ]; then
    expect 0 "$minnow" report "<b>.net" --data DATA -o evil.html
    check "end no element" test "$(grep -c -e '</script><img' -e "<b>.net" -e '<img' evil.html)" = 0
    check "and are there" grep -q 'u003c/script>\\u003cimg src=x onerror' evil.html
    inside evil.html >data.json
    check "whole" grep -q '}$' data.json
fi

# ---- Several
expect 0 "$minnow" report net evil --data DATA --log run.jsonl, -o both.html --json
check "two models" test "$(grep -o '"accuracy"' stdout | wc -l)" = 2
check "side by side" grep -q '"agreements":\[\[[0-9]*,[0-9]*,[0-9]*,[0-9]*\]\]' both.html

# ---- Tables
awk 'BEGIN { srand(1); print "a,b,noise,y"; for (i = 0; i < 400; i++) { a = rand(); b = rand(); printf "%.4f,%.4f,%.4f,%.4f\n", a, b, rand(), 10 * a + b } }' >numbers.csv
awk -F, 'NR == 1 { print "a,b,noise,kind"; next } { print $1 "," $2 "," $3 "," ($1 > 0.5 ? "large" : "small") }' numbers.csv >kinds.csv
expect 0 "$minnow" train --data numbers.csv --label y --epochs 30 --save numbers --json
expect 0 "$minnow" train --data kinds.csv --label kind --epochs 30 --save kinds --json
expect 0 "$minnow" report numbers --data numbers.csv -o numbers.html --json
rmse=$(field rmse)
expect 0 "$minnow" test --model numbers --data numbers.csv --json
check "the RMSE of minnow test" test "$(field rmse)" = "$rmse"
check "residuals" grep -q '"points":\[\[' numbers.html
check "the column that matters comes first" grep -q '"importances":\[\["a",[0-9]' numbers.html
expect 0 "$minnow" report kinds --data kinds.csv -o kinds.html
check "of classes too" grep -q '"importances":\[\["a",0\.[1-9]' kinds.html
expect 0 "$minnow" report kinds --data kinds.csv -o seed.html --seed 1
check "by the seed" cmp kinds.html seed.html
expect 0 "$minnow" report kinds --data kinds.csv -o seed.html --seed 2
check "another seed draws anew" test "$(cmp -s kinds.html seed.html; echo $?)" = 1

# ---- Logs
printf 'epoch,train_loss,validation_accuracy\r\n1,0.5,0.8\r\n2,0.25,\r\n' >run.csv
expect 0 "$minnow" report net --data DATA --log run.csv -o csv.html
check "CSV" grep -q '"log":\[{"epoch":1.0,"train_loss":0.5,"validation_accuracy":0.8},{"epoch":2.0,"train_loss":0.25}\]' csv.html

# What minnow train --log writes, of epochs and of steps; the model holds the same curves itself.
train=("$minnow" train --data DATA --hidden 8 --batch 2 --validation 0.3 --schedule constant --quiet)
for ending in csv jsonl; do
    expect 0 "${train[@]}" --epochs 3 --log run.$ending --log-steps 1 --save own
    expect 0 "$minnow" report own --data DATA --log run.$ending -o log.html
    check "the log of a run: .$ending" test "$(grep -o '"log":\[[^]]*\]' log.html | grep -o '"epoch":' | wc -l)" = 3
    check "which is that of the model" bash -c '! grep -q "another run" stderr'
done
expect 0 "$minnow" report own --data DATA -o own.html
check "a model holds its curves" grep -q '"log":\[{"epoch":1,"train_loss":[0-9.]*,"train_accuracy":[0-9.]*,"validation_loss":[0-9.]*,"validation_accuracy":[0-9.]*,"learning_rate":' own.html
expect 0 "${train[@]}" --epochs 3 --seed 9 --log other.csv
expect 0 "$minnow" report own --data DATA --log other.csv -o other.html
check "the log of another run is told" grep -q 'own: the log is of another run: its training loss after epoch 1 is' stderr

# Of many epochs some, and the last; a resumed run has those of one never interrupted.
expect 0 "${train[@]}" --epochs 451 --save long --checkpoint long.ck
expect 0 "$minnow" report long --data DATA -o long.html
check "at most 200 points, and the last" bash -c 'n=$(grep -o "\"log\":\[[^]]*\]" long.html | grep -o "\"epoch\":[0-9]*" | tee epochs | wc -l); [ "$n" -le 201 ] && [ "$n" -gt 100 ] && [ "$(tail -n 1 epochs)" = "\"epoch\":451" ]'
(timeout -s INT 1 "${train[@]}" --epochs 100000 --checkpoint part.ck --save part >stdout 2>stderr)
done=$("$minnow" inspect part.ck --json 2>stderr | grep -o 'epochs_done[^,]*' | head -n 1 | tr -cd 0-9)
expect 130 timeout -s INT -k 60 --preserve-status 1 "$minnow" train --data DATA --resume part.ck --save part --quiet
again=$("$minnow" inspect part --json 2>stderr | grep -o 'epochs_done[^,]*' | head -n 1 | tr -cd 0-9)
expect 0 "$minnow" report part --data DATA -o part.html
grep -o '"log":\[[^]]*\]' part.html | grep -o '"epoch":[0-9]*' | tr -cd '0-9\n' >epochs
check "a resumed run, of $done and $again epochs, goes on with its curves" bash -c 'first=$(head -n 1 epochs) && last=$(tail -n 1 epochs) && [ "$first" -lt '"$done"' ] && [ "$last" = '"$again"' ]'
finish
