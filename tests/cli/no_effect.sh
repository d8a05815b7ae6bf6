#!/usr/bin/env bash
# An option that makes no difference where it stands is refused: exit status 2 and one line that says why. Beside each
# refusal stand command lines in which the same option does make one, or says again what a file says.
. "$(dirname "$0")/common.sh"
csv_data DATA 40 20
expect 0 "$minnow" convert DATA idx
expect 0 "$minnow" train --epochs 1 --hidden 8,4 --activation tanh,relu --save net
expect 0 "$minnow" train --epochs 1 --hidden 8 --save uniform
expect 0 "$minnow" train --epochs 2 --hidden 8,4 --activation tanh,relu --checkpoint state
expect 0 "$minnow" convert net arrays --to npy
expect 0 "$minnow" original --data DATA
awk -F, '{ for (i = 1; i <= NF; i++) printf("%s%.7g", (i > 1 ? "," : ""), $i * 0.7); print "" }' DATA/test_images.csv >features
cp -r DATA floats
cp features floats/test_images.csv

# STATUS, the command line, and for a refusal the one line it prints.
count=0
while IFS='|' read -r wanted arguments line; do
    [[ $wanted == [0-9] ]] || continue
    count=$((count + 1))
    # shellcheck disable=SC2086 # one word per argument
    expect "$wanted" "$minnow" $arguments
    [ "$wanted" = 0 ] && continue
    [ ! -s stdout ] || complain "printed results: $arguments"
    grep -v -e '^data: ' stderr >lines
    check "the line of '$arguments'" test "$(cat lines)" = "minnow: $line"
done <<'END'
train
2|train --checkpoint-every 2|train: --checkpoint-every 2: of what? --checkpoint FILE is missing
0|train --epochs 1 --checkpoint-every 2 --checkpoint ck
2|train --class-names 0,1,2,3,4,5,6,7,8,9|train: --class-names: has no effect without --save FILE or --checkpoint FILE, which keeps the names
0|train --epochs 1 --class-names 0,1,2,3,4,5,6,7,8,9 --save named
0|train --epochs 1 --class-names 0,1,2,3,4,5,6,7,8,9 --checkpoint ck
2|train --hidden none --activation tanh|train: --activation: has no effect without hidden layers
2|train --epochs 2 --warmup 2 --schedule cosine|train: --schedule: has no effect: --warmup 2 takes all of the epochs
0|train --epochs 2 --warmup 1 --schedule cosine
0|train --epochs 1 --warmup 1 --schedule constant
2|train --quiet --test-each-epoch|train: --test-each-epoch: has no effect with --quiet, which hides the epochs; --json prints them
0|train --epochs 1 --quiet --test-each-epoch --json
2|train --explain-plan --save new|train: --save: has no effect with --explain-plan, which trains nothing
2|train --explain-plan --checkpoint new|train: --checkpoint: has no effect with --explain-plan, which trains nothing
2|train --explain-plan --test-each-epoch|train: --test-each-epoch: has no effect with --explain-plan, which trains nothing
2|train --explain-plan --class-names a|train: --class-names: has no effect with --explain-plan, which trains nothing
0|train --explain-plan --batch 1 --threads 2 --json
0|train --explain-plan --resume state
2|train --init net --resume state|train: --init with --resume: the checkpoint has its network already

regularisation
2|train --loss quadratic --label-smoothing 0.1|train: --label-smoothing: has no effect with --loss quadratic
2|train --loss quadratic --mixup 0.2|train: --mixup: does not go with --loss quadratic, which takes one class a sample
2|train --batch 4 --sub-batches 8|train: --sub-batches: 8 is more than the samples of a mini-batch, --batch 4
2|train --plan columns --clip-norm 1|train: --plan: columns has no effect with --clip-norm, which leaves no layer to split
2|train --plan columns --max-norm 3|train: --plan: columns has no effect with --max-norm, which leaves no layer to split
2|train --plan columns --sub-batches 8|train: --plan: columns has no effect with --sub-batches, which leaves no layer to split
2|train --plan columns --batch 1|train: --plan: columns has no effect with --batch 1, which leaves no layer to split
0|train --epochs 1 --hidden 64 --plan columns
0|train --epochs 1 --hidden 64 --plan samples --clip-norm 1
2|train --dropout 0.5 --plan columns|train: --plan: columns has no effect with --dropout of all hidden layers, which leaves no layer to split
0|train --epochs 1 --hidden 64,64 --dropout 0.5,0 --plan columns
2|train --batch 1 --mixup 0.2|train: --mixup: has no effect with --batch 1: it mixes samples of a mini-batch
2|train --sparse on --noise 0.1|train: --sparse: has no effect with --noise, which leaves no zeros to skip
2|train --hidden none --dropout 0.5|train: --dropout: has no effect without hidden layers; --dropout-input is of the inputs
2|train --hidden 8,4 --dropout 0.5,0.2,0.1|train: --dropout: 3 shares for 2 hidden layers; expected one for all, or one for each
2|train --init net --init-weights he|train: --init-weights: has no effect with --init, whose network has its weights already
2|train --resume state --init-weights he|train: --init-weights: has no effect with --resume, whose network has its weights already
0|train --epochs 1 --hidden 8,4 --dropout 0.5,0.5 --dropout-input 0.1 --noise 0.1 --mixup 0.3 --label-smoothing 0.1 --init-weights orthogonal --checkpoint regular
0|train --resume regular --dropout 0.5 --mixup 0.3
0|train --epochs 1 --hidden 8 --sub-batches 4 --checkpoint cut
2|train --resume cut --sub-batches 8|train: --sub-batches 8: the run of cut has --sub-batches 4; to train its network in another way: minnow train --init cut
0|train --resume cut --sub-batches 4
2|train --resume regular --dropout 0.5,0.4|train: --dropout 0.5,0.4: the run of regular has --dropout 0.5; to train its network in another way: minnow train --init regular

optimizers: constants that they do not have
2|train --momentum 0.8|train: --momentum: has no effect with --optimizer sgd
2|train --optimizer adamw --momentum 0.8|train: --momentum: has no effect with --optimizer adamw
2|train --optimizer momentum --beta1 0.8|train: --beta1: has no effect with --optimizer momentum
2|train --optimizer nesterov --beta2 0.8|train: --beta2: has no effect with --optimizer nesterov
2|train --optimizer rmsprop --beta1 0.8|train: --beta1: has no effect with --optimizer rmsprop
2|train --epsilon 1e-6|train: --epsilon: has no effect with --optimizer sgd
0|train --epochs 1 --optimizer nesterov --momentum 0.8 --weight-decay 0.01 --clip-norm 1
0|train --epochs 1 --optimizer rmsprop --beta2 0.9 --epsilon 1e-6 --l2 0.001
0|train --epochs 1 --optimizer adam --beta1 0.8 --max-norm 3 --ema 0.9 --checkpoint adam
0|train --resume adam --beta1 0.8 --ema 0.9
2|train --resume adam --beta1 0.7|train: --beta1 0.7: the run of adam has --beta1 0.8; to train its network in another way: minnow train --init adam
2|train --resume adam --max-norm 4|train: --max-norm 4: the run of adam has --max-norm 3; to train its network in another way: minnow train --init adam

activations: one name, or one for each hidden layer
2|train --hidden 8 --activation relu,tanh|train: --activation: 2 names for 1 hidden layer of --hidden; expected one name for all, or one for each
2|train --hidden 8,4 --activation relu,tanh,relu|train: --activation: 3 names for 2 hidden layers of --hidden; expected one name for all, or one for each
2|train --init net --activation tanh,relu,tanh|train: --activation: 3 names for 2 hidden layers of net; expected one name for all, or one for each
2|train --init net --activation tanh|train: --activation tanh: the network of net has --activation tanh,relu
2|train --resume state --activation relu,tanh|train: --activation relu,tanh: the run of state has --activation tanh,relu
0|train --init net --activation tanh,relu --epochs 1
0|train --init uniform --activation relu --epochs 1
0|train --resume state --activation tanh,relu
0|train --init arrays --activation tanh,relu --loss softmax --epochs 1
2|train --init arrays --activation tanh,relu,relu --loss softmax|arrays: 3 activations given for 2 hidden layers

test
0|test --model net --activation tanh,relu --loss softmax
0|test --model arrays --activation tanh,relu --loss softmax
2|test --model net --loss softmax|--activation and --loss go together
2|test --model values --activation sigmoid --loss quadratic|--activation, --loss: values says what it is: sigmoid and quadratic
2|test --model net --data floats --input-scaling 1/255|test: --input-scaling: has no effect: floats holds features, which are taken as they are
0|test --model net --data idx --input-scaling 1/255

predict
0|predict --model net idx/t10k-images-idx3-ubyte --input-scaling 1/255
0|predict --model arrays --activation tanh,relu --loss softmax DATA/test_images.csv
2|predict --model values --activation sigmoid --loss quadratic DATA/test_images.csv|--activation, --loss: values says what it is: sigmoid and quadratic

convert
2|convert DATA new --name a|convert: --name goes with C source, not idx
2|convert net new.onnx --int8|convert: --int8 goes with C source, not onnx
2|convert net new.h --scaled-input|convert: --scaled-input goes with ONNX, not c
2|convert net new.onnx --classes 10|convert: --classes: a network says how many classes it has
2|convert DATA new --activation relu|convert: --activation: goes with a network, not with data
2|convert DATA new --loss softmax|convert: --loss: goes with a network, not with data
2|convert DATA new --input-scaling 1/255|convert: --input-scaling: goes with a network, not with data
2|convert DATA new --threads 2|convert: --threads: has no effect without --int8
2|convert DATA new --isa scalar|convert: --isa: has no effect without --int8
2|convert DATA new --data idx|convert: --data: has no effect without --int8
2|convert net new.h --data idx|convert: --data: has no effect without --int8
2|convert net new.npy --to npy --input-scaling 1/255|convert: --input-scaling: npy cannot hold it
0|convert net byte.h --int8 --data idx --threads 2 --isa scalar
0|convert net scaled.onnx --input-scaling 1/255
0|convert arrays back --activation tanh,relu --loss softmax
0|convert DATA again --classes 12

inspect
2|inspect net --threads 2|inspect: --threads: has no effect: inspect runs no network
2|inspect net --isa scalar|inspect: --isa: has no effect: inspect runs no network
2|inspect net --input-scaling 1/255|inspect: --input-scaling 1/255: net says 0.00390625 itself
0|inspect net --input-scaling 1/256
0|inspect net --activation tanh,relu --loss softmax
0|inspect arrays --activation tanh,relu --loss softmax --input-scaling 1/255

info, selftest
0|info --isa scalar --threads 1 --data idx
0|info --isa scalar --threads 1 --plan 784,30,10 --batch 32
2|info --batch 32|info: --batch: has no effect without --plan N,N,...
2|info --plan 784,10 --data idx|info: --data: has no effect with --plan, which reads no data
2|info --plan 784|info: --plan: expected sizes of inputs and outputs at least, as 784,128,64,10

bench
2|bench --predict --kernel forward|bench: --kernel: has no effect with --predict, which times no kernels
2|bench --predict --shape 1,2,3|bench: --shape: has no effect with --predict, which times no kernels
2|bench --predict --kernels-only|bench: --kernels-only: has no effect with --predict, which times no kernels
2|bench --kernel list --shape 1,2,3|bench: --shape: has no effect with --kernel list, which times nothing
2|bench --kernel list --seconds 1|bench: --seconds: has no effect with --kernel list, which times nothing
2|bench --kernel list --kernels-only|bench: --kernels-only: has no effect with --kernel list, which times nothing
2|bench --kernel list --isa scalar|bench: --isa: has no effect with --kernel list, which times nothing
2|bench --kernel list --threads 2|bench: --threads: has no effect with --kernel list, which times nothing
2|bench --kernel list --json|bench: --json: has no effect with --kernel list, which times nothing
0|bench --kernel list

the original interface
2|-d 1 -f 0.1,0.2,0.1|-d with -f: saved parameters have no learning rate to find
2|-d 1 -w 1|-d with -w: saved parameters are not saved again anyway
2|-f 0.1,0.2,0.1 -w 1|-f with -w: the finder saves nothing anyway
2|-f 0.1,0.2,0.1 -l 0.3|original: -l: has no effect with -f, which tries rates of its own
2|-d 1 -l 0.3|original: -l: has no effect with -d, which does not train
2|-d 1 --seed 2|original: --seed: has no effect with -d, which does not train
2|-d 1 -s 17|-d with -s 17: the sizes are those of values/, not these
2|-d 1 -t 17|-d with -t 17: the sizes are those of values/, not these
0|-d 1 -s 16 -t 16
END
check "the table was read" test "$count" -gt 70
check "nothing was written" test "$(find . -name 'new*' | wc -l)" = 0
finish
