#!/usr/bin/env bash
# minnow train --init: training goes on from a network in a file.
. "$(dirname "$0")/common.sh"
csv_data DATA 60 20
crc() { grep -o '"params_crc32":"[0-9a-f]*"' stdout; }

# A rate too small to change any parameter shows the network as it was read.
expect 0 "$minnow" train --epochs 2 --hidden 8,4 --activation tanh --loss logistic --json --save net \
    --class-names a,b,c,d,e,f,g,h,i,j
first=$(crc)
expect 0 "$minnow" train --epochs 1 --lr 1e-30 --schedule constant --init net --json --save same
check "the parameters of the file" test "$(crc)" = "$first"
check "its form" grep -q '784-8-4-10, tanh, logistic' stderr
expect 0 "$minnow" inspect same
check "the names stay" grep -q '  class_names  *\["a","b","c","d","e","f","g","h","i","j"\]' stdout

# Two epochs of a constant rate without shuffling by a seed of their own are not one run of two; but they repeat.
expect 0 "$minnow" train --epochs 1 --init net --json --hidden 8,4 --activation tanh
one=$(crc)
check "training changes it" test "$one" != "$first"
expect 0 "$minnow" train --epochs 1 --init net --json --threads 1 --isa scalar
check "the same bits" test "$(crc)" = "$one"

expect 0 "$minnow" original --data DATA
expect 0 "$minnow" train --epochs 1 --init values --json
check "from values/" grep -q '784-16-16-10, sigmoid, quadratic' stderr

# A network of another program: the same numbers under other names, and no metadata.
expect 0 "$minnow" convert net arrays --to npy
expect 0 "$minnow" train --epochs 1 --init arrays --activation tanh --loss logistic --json
check "the same bits from arrays" test "$(crc)" = "$one"
names() { sed -e 's/layers\.0\./body_fc1./g' -e 's/layers\.1\./body_fc2./g' -e 's/layers\.2\./body_fc3./g' -e 's/"minnow"/"PyTorc"/'; }
names <net >foreign # of the same length, so that the offsets stay
expect 0 "$minnow" train --epochs 1 --init foreign --activation tanh --loss logistic --json
check "the same bits from safetensors" test "$(crc)" = "$one"
refuse 3 'foreign: .*activation and loss must be given' "$minnow" train --init foreign
refuse 3 'foreign: .*activation and loss must be given' "$minnow" train --init foreign --loss logistic
refuse 2 'arrays alone do not say how they are used' "$minnow" train --init arrays
expect 0 "$minnow" train --epochs 1 --init net --activation tanh --loss logistic --json
check "saying again what the file says" test "$(crc)" = "$one"
expect 0 "$minnow" train --epochs 1 --init values --activation sigmoid --loss quadratic
refuse 2 'activation relu: the network of net has --activation tanh' "$minnow" train --init net --activation relu --loss logistic
refuse 2 'activation relu: the network of values has --activation sigmoid' "$minnow" train --init values --activation relu --loss quadratic

refuse 2 'hidden 8: the network of net has --hidden 8,4' "$minnow" train --init net --hidden 8
refuse 2 'activation relu: the network of net has --activation tanh' "$minnow" train --init net --activation relu
refuse 2 'loss softmax: ' "$minnow" train --init net --loss softmax
refuse 2 'classes 12: ' "$minnow" train --init net --classes 12
refuse 3 'none' "$minnow" train --init none
expect 0 "$minnow" train --epochs 2 --hidden 4 --checkpoint state
refuse 2 'init with --resume' "$minnow" train --init net --resume state
expect 0 "$minnow" train --epochs 1 --init state --hidden 4
check "from a checkpoint, anew" grep -q '^epoch 1/1' stderr
awk -F, 'BEGIN { OFS = "," } { NF = 700; print }' DATA/train_images.csv >fewer.csv && cp -r DATA narrow && mv fewer.csv narrow/train_images.csv
awk -F, 'BEGIN { OFS = "," } { NF = 700; print }' DATA/test_images.csv >narrow/test_images.csv
refuse 3 'net takes 784 values a sample, but narrow has 700' "$minnow" train --init net --data narrow
finish
