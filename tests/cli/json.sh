#!/usr/bin/env bash
# --json: one object per line, nothing else, with the members that the documentation promises.
. "$(dirname "$0")/common.sh"
csv_data DATA 120 50
python=$(command -v python3)

# lines COUNT: as many, each an object; the strict part needs python3.
lines() {
    checks=$((checks + 1))
    [ "$(wc -l <stdout)" = "$1" ] || complain "not $1 lines"
    [ "$(grep -c '^{.*}$' stdout)" = "$1" ] || complain "not $1 objects"
    [ -z "$python" ] || "$python" -c '
import json, sys
def no(constant): raise ValueError(constant)
for line in open("stdout"): json.loads(line, parse_constant=no)' || complain "not JSON"
}
# members PATTERN NAME…: the line that matches has exactly these members, in this order.
members() {
    local line names
    line=$(grep -e "$1" stdout) || complain "no line $1"
    shift
    names=$(printf '%s' "$line" | grep -o '"[a-z0-9_]*":' | tr -d '":' | tr '\n' ' ')
    checks=$((checks + 1))
    [ "$names" = "$* " ] || complain "members $names"
}

expect 0 "$minnow" train --epochs 3 --hidden 8 --json --save net
lines 4
members '"epoch":2' event epoch train_loss train_accuracy seconds samples_per_second
members '"event":"done"' event epochs train_seconds load_seconds test_accuracy isa threads params_crc32 data
check "a CRC of eight digits" grep -Eq '"params_crc32":"[0-9a-f]{8}"' stdout
expect 0 "$minnow" train --epochs 2 --hidden none --json --test-each-epoch --validation 20 --quiet
lines 3
members '"epoch":1,' event epoch train_loss train_accuracy seconds samples_per_second validation_accuracy test_accuracy
check "--quiet" test ! -s stderr

# From the start of the program to the first mini-batch, whatever it waited for.
mkfifo slow
{ exec 3>slow; sleep 0.3; cat net >&3; } &
expect 0 "$minnow" train --epochs 1 --init slow --json
wait
check "load_seconds" awk -F '"load_seconds":' '/done/ { exit !($2 + 0 >= 0.3) }' stdout

expect 0 "$minnow" test --model net --json
lines 1
members accuracy accuracy correct total loss errors_by_label confusion isa data
[ -z "$python" ] || check "the numbers agree" "$python" -c '
import json
t = json.load(open("stdout"))
c = t["confusion"]
assert t["total"] == 50 == sum(map(sum, c)) and len(c) == 10
assert t["correct"] == sum(c[i][i] for i in range(10)) and t["accuracy"] == t["correct"] / t["total"]
assert t["errors_by_label"] == [sum(c[i]) - c[i][i] for i in range(10)]'

expect 0 "$minnow" info --json
lines 1
members version version cpu features instruction_sets name built usable name built usable name built usable \
    name built usable isa isa_chosen_by threads threads_chosen_by cpu_quota omp_num_threads_ignored data data_chosen_by build compiler architecture openmp
expect 0 "$minnow" -w 1 --json
lines 1
expect 0 "$minnow" -f 0.1,0.2,0.05 --json
lines 3
expect 0 "$minnow" convert DATA idx --json
lines 2

# Other locales have other decimal points; these results do not.
for locale in $(locale -a 2>stderr | grep -iE '^(de|fr|cs|pl)_' | head -n 2); do
    expect 0 env LC_ALL="$locale" "$minnow" train --epochs 1 --hidden none --lr 0.25 --json
    lines 2
done
finish
