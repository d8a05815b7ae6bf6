#!/usr/bin/env bash
# minnow tune: the same trials on any number of threads, a command that gives what was said, and a state to go on from.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1 # where a run does not say otherwise
csv_data CSV 400 60
expect 0 "$minnow" convert CSV DATA
options=(--data DATA --epochs 9 --hidden 8)
trials() { grep '"event":"trial"' "${1:-stdout}" | sed 's/.*"trial"://'; }
field() { grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d: -f2-; }

# ---- The same table
expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json
cp stdout expected
check "thirteen trials" test "$(trials | wc -l)" = 13
check "nine, three and one" test "$(grep -o '"epochs":[0-9]*' stdout | sort | uniq -c | awk '{ print $1 $2 }' | tr '\n' ' ')" = \
    "9\"epochs\":1 3\"epochs\":3 2\"epochs\":9 "
check "what is given is not drawn" test "$(grep -c -e '--hidden' <(trials))" = 0
for threads in 2 3; do
    expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json --threads $threads
    check "$threads threads" test "$(trials)" = "$(trials expected)"
done
expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json --seed 2
check "another seed draws others" test "$(trials)" != "$(trials expected)"

# ---- The best one, said in accuracy on the validation samples, and its command
best=$(tail -n 1 expected | grep -o '"best":{[^}]*}' | field validation_accuracy)
command=$(tail -n 1 expected | sed 's/.*"command":"\([^"]*\)".*/\1/')
check "the best is first" test "$best" = "$(head -n 1 expected | field validation_accuracy)"
check "no other is better" awk -v best="$best" '/"event":"trial"/ { match($0, /"validation_accuracy":[0-9.]*/)
    if (substr($0, RSTART + 22, RLENGTH - 22) > best) exit 1 }' expected
read -r -a words <<<"$command"
check "a command: $command" test "${words[*]:0:2}" = "minnow train"
expect 0 "$minnow" "${words[@]:1}" --json
check "the command gives $best" test "$(tail -n 1 stdout | field validation_accuracy)" = "$best"

# ---- State: killed at any time, it goes on to the same table
expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json --state state
cp state whole
check "with a state file, the same" test "$(trials)" = "$(trials expected)"
expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json --state state
check "all recalled, the same" test "$(trials)" = "$(trials expected)"
check "and kept" cmp state whole
rm -f stdout stderr state
"$minnow" tune "${options[@]}" --budget 13trials --state state >stdout 2>stderr &
pid=$!
await '^trial 2: ' stderr
kill -KILL $pid
wait $pid 2>kill.out
expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json --state state
check "killed, the same" test "$(trials)" = "$(trials expected)"
refuse 2 'of another tuning' "$minnow" tune "${options[@]}" --budget 13trials --state state --seed 5
refuse 2 'of another tuning' "$minnow" tune "${options[@]}" --budget 13trials --state state --activation tanh
for text in '' '{' '[]' '{"minnow_tune":1}' '{"minnow_tune":"1","key":"","trials":[]}'; do
    printf '%s' "$text" >bad
    refuse 3 'no .*state of minnow tune' "$minnow" tune "${options[@]}" --state bad
    check "untouched" test "$(cat bad)" = "$text"
done
sed 's/"figure": "[^"]*"/"figure": [7]/; s/"number": 1,/"number": "x",/' whole >odd
expect 0 "$minnow" tune "${options[@]}" --budget 13trials --json --state odd
check "rows that make no sense are tried again" test "$(trials)" = "$(trials expected)"

# ---- A time
expect 0 "$minnow" tune "${options[@]}" --budget 1s --quiet
check "a table and a command" test "$(tail -n 1 stdout | cut -d' ' -f1-2)" = "minnow train"

# ---- Tables, and nothing to try
awk 'BEGIN { print "a,b,y"; s = 1; for (i = 0; i < 300; i++) { s = s * 16807 % 2147483647; a = s % 100; s = s * 16807 % 2147483647
    b = s % 100; print a "," b "," (a > b ? "more" : "less") } }' >table.csv
expect 0 "$minnow" tune --data table.csv --label y --epochs 3 --budget 4trials --json
best=$(tail -n 1 stdout | grep -o '"best":{[^}]*}' | field validation_accuracy)
command=$(tail -n 1 stdout | sed 's/.*"command":"\([^"]*\)".*/\1/')
read -r -a words <<<"$command"
expect 0 "$minnow" "${words[@]:1}" --json
check "of a table too: $best" test "$(tail -n 1 stdout | field validation_accuracy)" = "$best"
"$minnow" train --help >help
dropout=()
! grep -q -e '^  --dropout ' help || dropout=(--dropout 0)
refuse 2 'nothing is left to try' "$minnow" tune "${options[@]}" --optimizer sgd --lr 1 --batch 8 --weight-decay 0 "${dropout[@]}"
finish
