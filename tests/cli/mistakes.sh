#!/usr/bin/env bash
# minnow test --mistakes: the worst first, drawn or listed, and as JSON.
. "$(dirname "$0")/common.sh"
unset COLUMNS

# A network too small to get all of the digits.
expect 0 "$minnow" train --data digits --hidden 4 --epochs 1 --save net --quiet
expect 0 env COLUMNS=60 "$minnow" test --data digits --model net --mistakes 7
captions() { grep -cE '^ *[0-9]+: [0-9], not [0-9]' stdout; }
check "seven mistakes are four rows of pictures in 60 columns" test "$(captions)" = 4
check "with both outputs" test "$(grep -oE '[0-9] [01]\.[0-9]{3}, [0-9] [01]\.[0-9]{3}' stdout | wc -l)" = 7
check "a mistake is one" bash -c '! grep -oE "[0-9], not [0-9]" stdout | grep -E "([0-9]), not \1"'
check "drawn in ASCII, where there is no terminal" bash -c 'grep -q "[#%@]" stdout && ! grep -q "[^ -~]" stdout'
check "within the width" test "$(awk '/worst mistakes/ { f = 1 } f && length > n { n = length } END { print n }' stdout)" -le 60
expect 0 env COLUMNS=10 "$minnow" test --data digits --model net --mistakes 2
check "one beside the other where there is room for one" test "$(captions)" = 2
expect 0 "$minnow" test --data digits --model net
check "none unless they are asked for" bash -c '! grep -q "worst mistakes" stdout'

expect 0 "$minnow" test --data digits --model net --mistakes 50 --json
checks=$((checks + 1))
python3 - stdout <<'END' || complain "the JSON of mistakes"
import json, sys
told = json.load(open(sys.argv[1]))
worst = told["mistakes"]
assert len(worst) == 50 and len({w["sample"] for w in worst}) == 50
assert all(w["label"] != w["predicted"] and w["output_of_label"] <= w["output_of_predicted"] for w in worst)
assert [w["output_of_label"] for w in worst] == sorted(w["output_of_label"] for w in worst)
END

# A table: a row's columns are those of its file.
{ echo length,colour,species
  for i in $(seq 300); do echo "$((i % 7 + (i % 3 == 0 ? 5 : 0))).5,$([ $((i % 2)) = 0 ] && echo red || echo blue),$([ $((i % 3)) = 0 ] && echo lily || echo tulip)"; done; } >table.csv
expect 0 "$minnow" train --data table.csv --epochs 1 --hidden 3 --lr 1e-6 --save flowers --quiet
expect 0 "$minnow" test --data table.csv --model flowers --mistakes 3
grep -A1 -E '^row [0-9]+: ' stdout | grep -v -- -- | paste - - | sed -E 's/^row ([0-9]+): ([a-z]+), not ([a-z]+); .*length = ([0-9.]+), colour = ([a-z]+)$/\1 \4,\5,\2/' >rows
check "rows are listed" test "$(wc -l <rows)" = 3
while read -r row text; do
    check "row $row as it stands in the file" test "$(sed -n "$((row + 2))p" table.csv)" = "$text"
done <rows

awk -F, 'NR > 1 { print $1 "," $2 "," $1 * 2.5 + 0.01 * NR; next } { print "length,colour,price" }' table.csv >prices.csv
expect 0 "$minnow" train --data prices.csv --label price --epochs 1 --save prices --quiet
expect 0 "$minnow" test --data prices.csv --model prices --mistakes 4
check "of numbers the worst rows with their columns" test "$(grep -cE '^  length = [0-9.]+, colour = (red|blue)$' stdout)" = 4
for usual in '--json --mistakes' '--mistakes --json' '--mistakes 10 --json'; do
    # shellcheck disable=SC2086
    expect 0 "$minnow" test --data digits --model net $usual
    check "$usual shows ten" test "$(grep -o '"predicted":' stdout | wc -l)" = 10
done
refuse 2 'mistakes' "$minnow" test --data digits --model net --mistakes -1
finish
