#!/usr/bin/env bash
# minnow lr-find: the same numbers everywhere, a rate that trains, and a curve for every kind of terminal.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1 # where a run does not say otherwise
csv_data CSV 400 50
expect 0 "$minnow" convert CSV DATA
options=(--data DATA --hidden 16 --batch 10 --seed 3)
field() { grep -o "\"$1\":[^,}]*" stdout | cut -d: -f2; }

# ---- The same bits
expect 0 "$minnow" lr-find "${options[@]}" --json
cp stdout expected
check "a rate is suggested" grep -q '"minimum_tenth":0\.[0-9]' stdout
check "it ends when the loss rises" grep -q '"diverged":true' stdout
rate=$(field minimum_tenth)
expect 0 "$minnow" lr-find "${options[@]}" --json --threads 3 --isa scalar --sparse off
check "other threads, another table" cmp expected stdout
expect 0 "$minnow" lr-find "${options[@]}" --json --seed 4
check "another seed is another network" test "$(cmp -s expected stdout; echo $?)" = 1

# ---- What it suggests trains; a hundred times as much does not
accuracy() { grep -o '"test_accuracy":[^,]*' stdout | cut -d: -f2; }
expect 0 "$minnow" train "${options[@]}" --lr "$rate" --json
good=$(accuracy)
expect 0 "$minnow" train "${options[@]}" --lr 30 --json
bad=$(accuracy)
check "--lr $rate: $good, --lr 30: $bad" awk "BEGIN { exit !($good > 0.8 && $bad < 0.5) }"

# ---- On terminals
expect 0 "$minnow" lr-find "${options[@]}"
check "an ASCII terminal gets ASCII" test "$(LC_ALL=C grep -c '[^ -~]' stdout)" = 0
check "with a curve" test "$(grep -c '|.*\*' stdout)" -gt 6
for columns in 24 40 80 200; do
    expect 0 env COLUMNS=$columns "$minnow" lr-find "${options[@]}"
    limit=$((columns > 100 ? 100 : columns))
    check "$columns columns" awk -v limit=$limit '/[|+^]|[0-9]  *1e/ && length($0) > limit { exit 1 }' stdout
done
expect 0 env COLUMNS=20 "$minnow" lr-find "${options[@]}"
check "too narrow for a curve" test "$(grep -c '|' stdout)" = 0
check "but told" grep -q -e '--lr 0' stdout
expect 0 env LC_ALL=C.UTF-8 "$minnow" lr-find "${options[@]}"
check "braille" grep -q $'\xe2\xa0' stdout

# ---- As a picture
expect 0 "$minnow" lr-find "${options[@]}" --svg curve.svg
check "an SVG file" grep -q '^<svg ' curve.svg
check "with both curves" test "$(grep -c '<polyline' curve.svg)" = 2
check "that ends" grep -q '^</svg>$' curve.svg
if command -v xmllint >/dev/null; then
    check "well-formed" xmllint --noout curve.svg
fi

# ---- Rates too low to learn anything
expect 1 "$minnow" lr-find "${options[@]}" --to 1e-5
check "nothing to suggest" grep -q 'the loss never fell' stdout
# Easier samples among the first few are no fall of the loss.
awk 'BEGIN { for (i = 0; i < 300; i++) { for (p = 0; p < 20; p++) printf "%.6g,", (i * 7919 + p * 104729) % 97 / 97; print substr("abc", i % 3 + 1, 1) } }' >few.csv
expect 1 "$minnow" lr-find --data few.csv --label last --batch 8
check "mini-batches that are too small" grep -q 'nothing to suggest; losses of 8 samples differ much by chance: try a larger --batch$' stdout
expect 1 "$minnow" lr-find "${options[@]}" --to 1e-5 --json
check "nor in JSON" grep -q '"steepest":null,"minimum":null,"minimum_tenth":null' stdout

# ---- A loss that is no number soon
expect 1 "$minnow" lr-find "${options[@]}" --from 1e5 --to 1e6 --loss softmax --activation identity
check "told" grep -q 'the loss' stdout
finish
