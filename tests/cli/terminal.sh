#!/usr/bin/env bash
# What people see on a terminal of any width, with and without UTF-8, colour and redrawing; and that a pipe sees none of it.
. "$(dirname "$0")/common.sh"
command -v script >which.out || { echo "script(1) is missing"; exit 77; }
csv_data DATA 1300 40

# terminal COLUMNS COMMAND: runs it on a terminal of that width; what it wrote is in stdout, with its carriage returns.
terminal() {
    expect 0 script -qec "stty cols $1 rows 24; $2" /dev/null </dev/null
}

# lines: what has been on the screen, a line each, without escape sequences and with one byte a character.
lines() {
    tr '\r' '\n' <stdout | sed "s/$(printf '\033')\[[0-9;]*[mK]//g" | LC_ALL=C tr -d '\200-\277'
}

# widest PATTERN: the width of the widest of the lines that match it.
widest() {
    lines | grep -a "$1" | awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }'
}

train="$minnow train --data DATA --hidden 8 --epochs 3 --validation 100 --threads 1"
for form in '20 C' '30 C.UTF-8' '60 C' '80 C.UTF-8' '130 C.UTF-8'; do
    columns=${form% *} locale=${form#* }
    export TERM=xterm LC_ALL=$locale
    terminal "$columns" "$train --save net"
    check "$columns columns: lines of epochs fit" test "$(widest '[123]/3')" -le "$columns"
    check "$columns columns: the loss of each epoch" test "$(lines | grep -a -c '^\(epoch \)\?[123]/3 ')" -ge 3
    lines | sed -n '/^validation acc/,/^next/p' | tail -n +3 >drawn
    check "$columns columns: curve and mistakes fit" test "$(awk '{ if (length($0) > m) m = length($0) } END { print m + 0 }' drawn)" -le "$columns"
    [ "$locale" != C ] || check "ASCII alone" test "$(LC_ALL=C tr -d '\000-\177' <stdout | wc -c)" = 0
done
check "the curve" grep -q '^loss  *█.*▁' stdout
check "the validation's curve" grep -q '^validation  [▁▂▃▄▅▆▇█]*  [0-9.]* → [0-9.]* %' stdout
check "the bar" grep -q '━' stdout
check "all parts where there is room" grep -q 'epoch 3/3  .*loss .*accuracy .*validation .*rate .*images/s.* GFLOP/s.* left' stdout
check "the matrix" grep -q 'predicted as' stdout
check "colours" grep -q "$(printf '\033\[32m')" stdout
check "the line is redrawn" grep -q "$(printf '\r\033\[K')" stdout

# Each command that is suggested can be given as it stands.
lines | sed -n 's/^  \(minnow .*\)  # .*/\1/p' | sed 's/--show PICTURE.png/DATA\/test_images.csv/; s/SAMPLES.csv/DATA\/test_images.csv/' >next
check "what to do next" test "$(wc -l <next)" = 5
while read -r line; do
    expect 0 bash -c "${line/#minnow/$minnow}"
done <next
terminal 80 "$train"
check "without --save" grep -q '  minnow train --save net.safetensors' stdout
terminal 80 "$train --save 'a b' --checkpoint ck"
check "a name is quoted" grep -q "  minnow inspect 'a b'" stdout
terminal 80 "$train --save a.onnx --checkpoint ck"
check "the checkpoint, where others cannot read the network" grep -q '  minnow test --model ck --data DATA' stdout
terminal 20 "$train --save net"
check "no room for a matrix" grep -q '^mistakes' <(lines)

NO_COLOR=1 terminal 80 "$train"
check "no colour" test "$(grep -c "$(printf '\033')\[[0-9;]*m" stdout)" = 0
check "redrawn all the same" grep -q "$(printf '\r\033\[K')" stdout
TERM=dumb terminal 80 "$train"
check "a dumb terminal: no escape sequence" test "$(grep -c "$(printf '\033')" stdout)" = 0
check "and no carriage return" test "$(tr -d '\n' <stdout | sed "s/$(printf '\r')\r*//g" | grep -c 'epoch 1/3.*epoch 1/3')" = 0
check "but the curve" grep -q '^loss' stdout

# --quiet leaves the result; --json says on standard output what it says to a pipe.
terminal 80 "$train --quiet"
check "quiet" test "$(grep -c -v -e '^test accuracy' -e '^best of' stdout)" = 0
terminal 80 "$train --json 2>errors"
check "JSON alone" test "$(grep -c -v '^{' stdout)" = 0
terminal 80 "$minnow test --model net --data DATA 2>errors | cat"
check "no escape sequence in a pipe" test "$(grep -c "$(printf '\033')" stdout)" = 0

# A pipe gets plain lines.
export LC_ALL=C
# shellcheck disable=SC2086
expect 0 $train
check "plain lines of epochs" test "$(grep -c '^epoch [123]/3  loss [0-9.]*  accuracy  *[0-9.]* %  validation  *[0-9.]* %  rate [0-9.e-]*  [0-9,]* images/s  [0-9:]* left$' stderr)" = 3
check "two lines of results" test "$(grep -c -e '^test accuracy' -e '^best of' stdout) $(wc -l <stdout)" = '2 2'

# Numbers instead of classes.
awk 'BEGIN { print "a,b,y"; for (i = 0; i < 100; i++) print i % 7 "," i % 5 "," i % 7 * 1.5 + i % 5 }' >numbers.csv
LC_ALL=C.UTF-8 terminal 120 "$minnow train --data numbers.csv --label y --epochs 3 --validation 20 --save numbers"
check "of numbers" grep -q 'epoch 3/3.*loss.*validation RMSE.*rows/s' stdout
check "no matrix of them" test "$(grep -c -e 'predicted as' -e '^mistakes' stdout)" = 0
check "their curve" grep -q '^validation  [▁▂▃▄▅▆▇█]*  [0-9.]* → [0-9.]*' stdout
finish
