#!/usr/bin/env bash
# The names of files say what is written, or why it is not; and what is found by itself is used only where it fits.
. "$(dirname "$0")/common.sh"
csv_data DATA 120 40
train=("$minnow" train --epochs 1 --hidden 8)
expect 0 "${train[@]}" --save net.safetensors

# ---- train --save: the form that the name ends in, as convert writes it
for ending in onnx h c; do
    expect 0 "${train[@]}" --save "trained.$ending"
    expect 0 "$minnow" convert net.safetensors "converted.$ending"
    check ".$ending" cmp <(sed s/trained/converted/g "trained.$ending" | sed s/TRAINED/CONVERTED/g) "converted.$ending"
done
expect 0 "${train[@]}" --save run.1
check "digits are no ending" cmp run.1 net.safetensors
refuse 2 'train: --save x.npy: a network is written as a folder of arrays, .* x.safetensors FOLDER --to npy$' "${train[@]}" --save x.npy
refuse 2 'train: --checkpoint x.onnx: a checkpoint is a safetensors file, and ONNX has no place' "${train[@]}" --checkpoint x.onnx
refuse 1 'nowhere/x.onnx: ' "${train[@]}" --save nowhere/x.onnx

# ---- convert: an ending that says nothing is not taken for another form
refuse 2 'convert: x.pb2: no form is written to files that end in .pb2; endings are .safetensors, .onnx, .h, .c' \
    "$minnow" convert net.safetensors x.pb2
refuse 2 'convert: x.npy: .npy is a folder of NumPy arrays: .*; --to npy writes it under that name' "$minnow" convert net.safetensors x.npy
refuse 2 'convert: x.onnx: DATA is data, which is written to a folder' "$minnow" convert DATA x.onnx
check "nothing was written" test -z "$(ls -d x.* 2>ls.err)"
expect 0 "$minnow" convert net.safetensors x.npy --to npy
check "but if it is said" test -f x.npy/layers.0.weight.npy
expect 0 "$minnow" convert DATA data.v2 --to idx
mkdir existing.d
expect 0 "$minnow" convert DATA existing.d

# ---- --resume with more epochs
expect 0 "${train[@]}" --checkpoint ck
refuse 2 '--epochs 5: the run of ck has --epochs 1; to train its network further: minnow train --init ck --epochs 4$' \
    "$minnow" train --resume ck --epochs 5
refuse 2 '--lr 1: the run of ck has --lr 0.3; to train its network in another way: minnow train --init ck$' \
    "$minnow" train --resume ck --lr 1
refuse 2 '--hidden 9: the run of ck has --hidden 8$' "$minnow" train --resume ck --hidden 9
expect 0 "$minnow" train --init ck --epochs 4

# ---- convert --int8: measured where the data fit
awk 'BEGIN { s = 7; for (i = 0; i < 40; i++) { for (f = 0; f < 4; f++) { s = s * 16807 % 2147483647
    printf("%s%.9g", f ? "," : "", s / 2147483647) } print "" } }' >rows
mkdir table
cp rows table/train_images.csv
cp rows table/test_images.csv
awk '{ print NR % 2 ",", 1 - NR % 2 }' rows | tee table/train_labels.csv >table/test_labels.csv
expect 0 "$minnow" train --data table --classes 2 --epochs 1 --hidden 4 --save small
expect 0 "$minnow" convert small small.h --int8
check "not measured on ./DATA" test ! -s stdout
check "says so" grep -q '^not measured what 8 bits cost: DATA.*; name .* data with --data FOLDER$' stderr
expect 0 "$minnow" convert small small.h --int8 --json
check "a line of JSON all the same" grep -q '^{"event":"int8","accuracy_float":null,"accuracy_int8":null,"labels_changed":null,"total":0,"data":"DATA","reason":"DATA.*"}$' stdout
expect 0 env MINNOW_DATA=DATA "$minnow" convert small small.h --int8
check "nor on MINNOW_DATA" grep -q '^not measured what 8 bits cost: .*(MINNOW_DATA)' stderr
expect 0 "$minnow" convert small small.h --int8 --data table
check "measured on what fits" grep -q '^int8: accuracy ' stdout
expect 0 "$minnow" convert net.safetensors net.h --int8
check "found by itself" grep -q '^int8: accuracy ' stdout
rm small.h
expect 3 "$minnow" convert small small.h --int8 --data DATA
check "named data must fit, and nothing is written" test ! -e small.h

# ---- Percentages are of probabilities
expect 0 "$minnow" train --epochs 1 --hidden 8 --loss quadratic --save quadratic
expect 0 "$minnow" predict --model quadratic DATA/test_images.csv
check "activations" test "$(grep -cE '^[0-9]+: [0-9] activation [01]\.[0-9]{4}  \([0-9] activation ' stdout) $(grep -c % stdout)" = '40 0'
expect 0 "$minnow" predict --model net.safetensors DATA/test_images.csv
check "probabilities" test "$(grep -c activation stdout) $(grep -c % stdout)" = '0 40'

# ---- First aid looks at the beginning, however large the file
printf 'GGUF\3\0\0\0\1\0\0\0\0\0\0\0' >huge.gguf
if truncate -s 1T huge.gguf 2>truncate.err; then
    refuse 3 'huge.gguf: is a GGUF file' "$minnow" test --model huge.gguf
    refuse 3 'huge.gguf: is a GGUF file' "$minnow" test --model huge.gguf --activation relu --loss softmax
fi

# ---- A reader that has what it wanted
quietly() { # COMMAND…: into a pipe that is closed after a line
    "$@" 2>stderr | head -n 1 >stdout
    status=${PIPESTATUS[0]}
    checks=$((checks + 2))
    [ "$status" = 141 ] || complain "exit status $status, not 141: $*"
    [ ! -s stderr ] || complain "not quiet: $*"
}
for ((i = 0; i < 200; i++)); do cat DATA/test_images.csv; done >long
quietly "$minnow" predict --model net.safetensors long
quietly "$minnow" predict --model net.safetensors --json long
quietly "$minnow" train --epochs 200 --hidden 8 --json --quiet
finish
