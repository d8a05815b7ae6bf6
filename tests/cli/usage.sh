#!/usr/bin/env bash
# Wrong usage: exit status 2, one line on standard error, nothing else done.
. "$(dirname "$0")/common.sh"
csv_data DATA 40 20

refuse 2 "-s: expected a whole number from 1 to 65536, found '0'" "$minnow" -s 0
refuse 2 "-s: .*found '1e9'" "$minnow" -s 1e9
refuse 2 "-s: .*found '1000000000'" "$minnow" -s1000000000
refuse 2 "-t: .*found '-3'" "$minnow" -t -3
refuse 2 "-l: expected a number above 0.*found 'nan'" "$minnow" -l nan
refuse 2 "-l: .*found 'inf'" "$minnow" -l inf
refuse 2 "-l: .*found '0'" "$minnow" -l 0
refuse 2 "-l: .*found '0,17'" "$minnow" -l 0,17
refuse 2 "-l: its value is missing" "$minnow" -l
refuse 2 "-d: .*found '2'" "$minnow" -d 2
for rates in 1,2 1,2,3,4 1,2,0 1,2,-1 2,1,1 a,b,c 0,1,1 0.1,nan,0.1 0.1,1,1e-9 0.1,0.2,0.1x '' 1e-300,1,1e-300; do
    refuse 2 "-f: expected start,end,increase.*found '$rates'" "$minnow" -f "$rates"
done
refuse 2 "-d with -f" "$minnow" -d 1 -f 0.1,0.2,0.1
refuse 2 "-d with -w" "$minnow" -d 1 -w 1
refuse 2 "unknown option '-x'; usage: minnow original .*-s N" "$minnow" -x
refuse 2 "unexpected argument 'train'" "$minnow" -s 16 train

refuse 2 "unknown instruction set 'mmx'" "$minnow" train --isa mmx
refuse 2 "unknown instruction set ''" "$minnow" train --isa ''
refuse 2 "--threads: expected a whole number from 1 to 1024, found '0'" "$minnow" info --threads 0
refuse 2 "unknown command 'trian'; did you mean 'minnow train'" "$minnow" trian
refuse 2 "unknown command 'frobnicate'" "$minnow" frobnicate
refuse 2 "unknown command ''" "$minnow" ''

refuse 2 "unknown option '--epohcs'; did you mean --epochs" "$minnow" train --epohcs 3
refuse 2 "--epochs: its value is missing" "$minnow" train --epochs
refuse 2 "--save: its value is missing" "$minnow" train --save --json
refuse 2 "--json takes no value" "$minnow" train --json=yes
refuse 2 "--epochs: .*found '0'" "$minnow" train --epochs=0
refuse 2 "--epochs: .*found '1.5'" "$minnow" train --epochs 1.5
refuse 2 "--seed: .*found '18446744073709551616'" "$minnow" train --seed 18446744073709551616
refuse 2 "--hidden: expected sizes.*found '16,,16'" "$minnow" train --hidden 16,,16
refuse 2 "--hidden: .*found '0'" "$minnow" train --hidden 0
refuse 2 "--hidden: more than 63 sizes" "$minnow" train --hidden "$(printf '1,%.0s' {1..80})1"
refuse 2 "--loss: expected softmax, logistic, quadratic, mse, mae or huber, found 'hinge'" "$minnow" train --loss hinge
refuse 2 "--optimizer: expected sgd, momentum, nesterov, rmsprop, adam or adamw, found 'lion'" "$minnow" train --optimizer lion
refuse 2 "--lr: .*found '1e400'" "$minnow" train --lr 1e400
refuse 2 "--warmup 3: expected at most the number of epochs, 2" "$minnow" train --epochs 2 --warmup 3
refuse 2 "--validation 40: expected less than the 40 training samples" "$minnow" train --validation 40
refuse 2 "--data: expected a folder" "$minnow" train --data ''
refuse 2 "the built-in digits have 10 classes, not 12" "$minnow" train --data digits --classes 12
refuse 2 "unexpected argument 'more'" "$minnow" train more
refuse 2 "test: which network" "$minnow" test
refuse 2 "predict: which network" "$minnow" predict DATA/test_images.csv
refuse 2 "--activation and --loss go together" "$minnow" predict --model net --loss softmax DATA/test_images.csv
refuse 2 "an argument is missing" "$minnow" convert DATA
refuse 2 "DATA is data, which becomes csv or idx" "$minnow" convert DATA there --to values
refuse 2 "unknown option '--a.b'" "$minnow" train $'--a\nb'
check "nothing was written" test ! -e values -a ! -e there

# The last of duplicates wins, and both spellings are one.
expect 0 "$minnow" train --epochs=7 --epochs 1 --hidden 4 --quiet
check "one epoch" grep -q 'after 1 epoch,' stdout
check "--quiet is quiet" test ! -s stderr

for command in '' $("$minnow" help all | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    # shellcheck disable=SC2086
    expect 0 "$minnow" $command --help
    check "help of '$command' tells the usage" grep -q '^Usage: minnow' stdout
    check "help of '$command' is on standard output alone" test ! -s stderr
    check "help of '$command' fits a terminal" test "$(awk '{ if (length > n) n = length } END { print n + 0 }' stdout)" -le 100
done
check "commands were found: ${command}" test "$command" != ''
expect 0 "$minnow" original -h
check "-h lists the original's options" grep -q '^  -f A,B,C ' stdout
expect 0 "$minnow" train --epochs 3 --help
check "the help shows defaults, not what was given before it" grep -q -e '--epochs N .*\[10\]' stdout
expect 0 "$minnow" --version
check "--version" grep -Eqx 'minnow [0-9]+\.[0-9]+\.[0-9]+' stdout
finish
