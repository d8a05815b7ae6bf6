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
lines 5
epoch=(event epoch train_loss train_accuracy seconds samples_per_second learning_rate)
members '"epoch":2' "${epoch[@]}" collapsed
members '"event":"done"' event epochs train_seconds load_seconds test_accuracy test_loss saved collapsed isa threads ranks sub_batches params_crc32 data
check "the rate falls by itself" test "$(grep -o '"learning_rate":[^,]*' stdout | tr '\n' ' ')" = \
    '"learning_rate":null "learning_rate":0.25 "learning_rate":0.15 "learning_rate":0.05 '
check "a CRC of eight digits" grep -Eq '"params_crc32":"[0-9a-f]{8}"' stdout
expect 0 "$minnow" train --epochs 2 --hidden none --json --test-each-epoch --validation 20 --quiet
lines 4
held_out=(validation_accuracy validation_loss test_accuracy test_loss)
members '"epoch":1,' "${epoch[@]}" "${held_out[@]}" collapsed
check "--quiet" test ! -s stderr

# Epoch 0: before training. Without a hidden layer every output is a guess, and its loss near ln 10.
members '"epoch":0,' "${epoch[@]}" "${held_out[@]}" collapsed
check "untrained" grep -q '^{"event":"epoch","epoch":0,"train_loss":2\.[0-9]*,"train_accuracy":0\.[0-3][0-9]*,"seconds":0.0,"samples_per_second":null,"learning_rate":null,' stdout
cp stdout whole
expect 0 "$minnow" train --epochs 1 --hidden none --json --checkpoint ck
expect 0 "$minnow" train --resume ck --json
check "a run that goes on does not begin" test "$(grep -c '"epoch"' stdout)" = 0
[ -z "$python" ] || check "the last epoch and the end agree" "$python" -c '
import json
lines = [json.loads(line) for line in open("whole")]
for name in "validation_accuracy", "validation_loss", "test_accuracy", "test_loss":
    assert lines[-1][name] == lines[-2][name] != lines[0][name], name'

# Numbers have the fewest digits that read back: as Python, which does the same, has them.
[ -z "$python" ] || check "shortest numbers" "$python" -c '
import json, re
for line in open("whole"):
    for number in re.findall(r"[:,\[](-?[0-9][0-9.e+-]*)", line):
        if "." in number or "e" in number:
            assert len(number) <= len(repr(float(number))) and number == repr(json.loads(number)), number'

# From the start of the program to the first mini-batch, whatever it waited for.
mkfifo slow
{ exec 3>slow; sleep 0.3; cat net >&3; } &
expect 0 "$minnow" train --epochs 1 --init slow --json
wait
check "load_seconds" awk -F '"load_seconds":' '/done/ { exit !($2 + 0 >= 0.3) }' stdout

expect 0 "$minnow" test --model net --json
lines 1
members accuracy accuracy correct total loss errors_by_label confusion precision recall f1 macro_f1 class_names collapsed isa data
[ -z "$python" ] || check "the numbers agree" "$python" -c '
import json
t = json.load(open("stdout"))
c = t["confusion"]
assert t["total"] == 50 == sum(map(sum, c)) and len(c) == 10
assert t["correct"] == sum(c[i][i] for i in range(10)) and t["accuracy"] == t["correct"] / t["total"]
assert t["errors_by_label"] == [sum(c[i]) - c[i][i] for i in range(10)]
share = lambda part, whole: part / whole if whole else None
taken = [sum(row[i] for row in c) for i in range(10)]
assert t["precision"] == [share(c[i][i], taken[i]) for i in range(10)]
assert t["recall"] == [share(c[i][i], sum(c[i])) for i in range(10)]
assert t["f1"] == [share(2 * c[i][i], taken[i] + sum(c[i])) for i in range(10)]'

# Class names: in JSON all, for people those that are more than numbers.
expect 0 "$minnow" train --epochs 1 --hidden 8 --quiet --save named --class-names 'zero,1,two,3,4,5,6,7,8,"nine"'
expect 0 "$minnow" test --model named --json
check "class names" grep -q '"class_names":\["zero","1","two","3","4","5","6","7","8","\\"nine\\""\]' stdout
expect 0 "$minnow" test --model named
check "a name at its label" grep -qE '^    2  .* two$' stdout
check "no name that says nothing" grep -qE '^    1  .* (%|-) *$' stdout
expect 0 "$minnow" test --model net
check "numbers are no names" test "$(grep -cE '^ +[0-9]  .*(%|-) *$' stdout)" = 10

# --quiet hides progress, and not the figure that was asked for.
expect 0 "$minnow" train --epochs 2 --hidden 8 --validation 20 --quiet
check "the validation figure" grep -qE '^best of 2 epochs: [12], validation [0-9.]+ %; its weights are those that were tested$' stdout
check "nothing else" test "$(wc -l <stdout)" = 2 -a ! -s stderr

expect 0 "$minnow" info --json
lines 1
members version version cpu features instruction_sets name built usable name built usable name built usable \
    name built usable isa isa_chosen_by threads threads_chosen_by cpu_quota omp_num_threads_ignored data data_chosen_by build compiler architecture openmp \
    libraries libarchive libpng libjpeg libmicrohttpd mpi
expect 0 "$minnow" -w 1 --json
lines 1
expect 0 "$minnow" -f 0.1,0.2,0.05 --json
lines 3
expect 0 "$minnow" convert DATA idx --json
lines 2

# Other locales have other decimal points; these results do not.
for locale in $(locale -a 2>stderr | grep -iE '^(de|fr|cs|pl)_' | head -n 2); do
    expect 0 env LC_ALL="$locale" "$minnow" train --epochs 1 --hidden none --lr 0.25 --json
    lines 3
done
finish
