#!/usr/bin/env bash
# What a new user meets first: minnow without anything, help, the version, and the words people try.
. "$(dirname "$0")/common.sh"
csv_data DATA 60 20

# Nothing at all, or a cry for help: the short help, which fits a screen, and nothing done.
expect 0 "$minnow"
cp stdout short
check "common commands" test "$(sed -n '/^Common commands/,/^$/p' stdout | grep -cE '^  (train|test|predict|convert) ')" = 4
check "three examples" test "$(sed -n '/^Examples/,/^$/p' stdout | grep -c '^  minnow ')" = 3
check "where the rest is" grep -q 'minnow help COMMAND' stdout
check "a screen of 24 lines of 100 characters" test "$(awk '{ if (length > n) n = length } END { print NR <= 24 && n <= 100 }' stdout)" = 1
for ask in help -h --help; do
    expect 0 "$minnow" $ask
    check "minnow $ask is the short help" diff short stdout
    check "and says nothing else" test ! -s stderr
done
check "nothing was trained or written" test ! -e values

# Help of a command, in each way to ask for it; topics.
for command in $("$minnow" help all | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    expect 0 "$minnow" "$command" --help
    cp stdout wanted
    for ask in "help $command" "--help $command" "-h $command" "$command -h"; do
        # shellcheck disable=SC2086
        expect 0 "$minnow" $ask
        check "minnow $ask" diff wanted stdout
    done
done
check "commands were found" test "$command" = version
expect 0 "$minnow" help data
check "the topic of data" grep -q 'train-images-idx3-ubyte' stdout
refuse 2 "unknown command 'trian'; did you mean 'minnow train'" "$minnow" help trian
refuse 2 "unexpected argument 'test'" "$minnow" help train test
refuse 2 "help: --json: has no effect" "$minnow" help --json
expect 0 "$minnow" --
check "two dashes are nothing" diff short stdout
refuse 2 "did you mean .minnow train.?" "$minnow" TRAIN

# The version.
expect 0 "$minnow" version
cp stdout wanted
check "version" grep -Eqx 'minnow [0-9]+\.[0-9]+\.[0-9]+' stdout
for ask in -V --version; do
    expect 0 "$minnow" $ask
    check "minnow $ask" diff wanted stdout
done
expect 0 "$minnow" --version --json
check "the version as JSON" grep -Eqx '\{"version":"[0-9.]+"\}' stdout

# The original's options, with and without its name.
expect 0 "$minnow" original -h
cp stdout wanted
check "the original's options" grep -q '^  -f A,B,C ' stdout
expect 0 "$minnow" -h -s 3
check "-h beside its options is its help" diff wanted stdout
refuse 2 "'--epochs' is an option of 'minnow train'; a command comes before its options" "$minnow" --epochs 3
refuse 2 "'--model=x' is an option of 'minnow test'" "$minnow" --model=x

# crc OPTION…: of the network that a short run gives.
crc() {
    run "$minnow" train --data DATA --json "$@"
    sed -n 's/.*"event":"done".*"params_crc32":"\([0-9a-f]*\)".*/\1/p' stdout
}

# Each word is taken for the one behind it: the same run, the same bits. And not a word is said about it.
count=0
while IFS='|' read -r words name; do
    [ "$words" = '' ] && continue
    count=$((count + 1))
    # shellcheck disable=SC2086
    wanted=$(crc --hidden 4 --epochs 2 $name)
    # shellcheck disable=SC2086
    found=$(crc --hidden 4 --epochs 2 $words)
    check "$words is $name" test "$wanted" = "$found" -a "$wanted" != ''
    check "not a word about $words" test "$(grep -vc -e '^data: ' -e '^network: ' -e '^epoch ' stderr)" = 0
done <<'END'
--learning-rate 0.05|--lr 0.05
--learning_rate=0.05|--lr 0.05
--eta 0.05|--lr 0.05
--rate 0.05|--lr 0.05
--batch-size 7|--batch 7
--batch_size 7|--batch 7
--optim sgd|--optimizer sgd
--optimiser SGD|--optimizer sgd
--epoch 1|--epochs 1
--hidden-sizes 3,2|--hidden 3,2
--hidden_layer_sizes 3|--hidden 3
--random-state 7|--seed 7
--lr-schedule constant|--schedule constant
--schedule Cosine-Annealing|--schedule cosine
--schedule none|--schedule constant
--loss cross-entropy|--loss softmax
--loss CrossEntropy|--loss softmax
--loss ce|--loss softmax
--loss bce|--loss logistic
--optimizer nag|--optimizer nesterov
--loss binary_cross_entropy|--loss logistic
--activation ReLU|--activation relu
--activation LeakyReLU|--activation leaky_relu
--activation lrelu|--activation leaky_relu
--activation swish|--activation silu
--activation linear|--activation identity
--activation logistic|--activation sigmoid
--validation-size 20|--validation 20
--sparse false|--sparse off
-j 1|--threads 1
END
check "the table was read" test "$count" -ge 30
expect 0 "$minnow" train --data DATA --epochs 1 -q -o net
check "-o is --save, -q is --quiet" test -s net -a ! -s stderr
expect 0 "$minnow" test -m net --dataset DATA

# Words that are not ours, and names with a dash too few or an end missing: one line with the right word.
count=0
while IFS='|' read -r arguments line; do
    [ "$arguments" = '' ] && continue
    count=$((count + 1))
    # shellcheck disable=SC2086
    refuse 2 "$line" "$minnow" $arguments
done <<'END'
train --epohcs 3|did you mean --epochs?
train --epo 3|did you mean --epochs?
train --learning 3|did you mean --lr?
train --learnign-rate 3|did you mean --lr?
train --bacth_size 3|did you mean --batch?
train --checkp x|did you mean --checkpoint or --checkpoint-every?
train -epochs 3|unknown option '-epochs'; did you mean --epochs?
train -lr 0.1|unknown option '-lr'; did you mean --lr?
train --thr 2|did you mean --threads?
train --model x|--init FILE is a network to start from, --save FILE
train --load x|--resume FILE goes on from a checkpoint
train --gpu|minnow computes on the CPU alone
train --num_classes 3|--classes N how many classes
train --test-data x|--data FOLDER holds both
train --hidden 30 10|unexpected argument '10'; commas separate the values of --hidden: N,N,...
train --activation softmax|softmax is of the outputs: --loss softmax
train --save net.pt|--save net.pt: the form of PyTorch is not written; .*: --save net.safetensors
train --save a/net.keras|the form of Keras is not written; .*: --save a/net.safetensors
predict --data DATA|named without an option: minnow predict --model FILE IMAGES
predict --output x|predictions go to standard output
inspect --model net|named without an option: minnow inspect FILE
convert --input net --output x|named without an option: minnow convert FROM TO
train --frobnicate|unknown option '--frobnicate'; usage: minnow train
fit|did you mean 'minnow train'?
evaluate|did you mean 'minnow test'?
benchmark|did you mean 'minnow bench'?
versoin|did you mean 'minnow version'?
END
check "the table was read" test "$count" -ge 27
check "nothing was written" test ! -e net.pt -a ! -e values

# Sizes that the data give already.
expect 0 "$minnow" train --data DATA --epochs 1 --hidden 784,3,10
check "they are said to be there twice" grep -qx 'note: --hidden 784,3,10 makes 784-784-3-10-10: the data give the first and the last size; without them twice, --hidden 3' stderr
expect 0 "$minnow" train --data DATA --epochs 1 --hidden 784,10
check "likewise without any between" grep -q '; without them twice, --hidden none$' stderr
expect 0 "$minnow" train --data DATA --epochs 1 --hidden 12,10
check "but not where only one is" test "$(grep -c '^note: ' stderr)" = 0

# What the help must say.
expect 0 "$minnow" help train
tr -s ' \n' ' ' <stdout >text
check "the outputs of each loss" grep -q 'softmax outputs, logistic binary cross-entropy and quadratic half the squared error over sigmoid outputs' text
check "the rate falls" grep -q 'learning rate at its highest; it falls as --schedule says' text
check "no other words in the help" test "$(grep -c -e batch-size -e 'eta ' stdout)" = 0
check "no blanks at the ends of lines" test "$(grep -c ' $' stdout)" = 0
finish
