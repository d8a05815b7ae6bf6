#!/usr/bin/env bash
# minnow inspect: what a file holds, as text and as JSON; networks of other programs; hostile metadata.
. "$(dirname "$0")/common.sh"
csv_data DATA 60 20
python=$(command -v python3)

expect 0 "$minnow" train --epochs 2 --hidden 8 --save net --seed 18446744073709551615 --class-names 'a,b,c,d,e,f,g,h,i,"j'
check "the CRC of training" grep -q "CRC-32 [0-9a-f]\{8\}" stdout
crc=$(grep -o 'CRC-32 [0-9a-f]*' stdout)
expect 0 "$minnow" inspect net
check "layers" grep -q '^net: 784-8-10, relu, softmax$' stdout
check "parameters and CRC" grep -q "^6370 parameters, $crc; $(wc -c <net) bytes$" stdout
for key in format_version architecture activation loss input_scaling input_shape class_names training dataset \
    minnow_version params_crc32; do
    check "metadata $key" grep -q "^  $key  *[^ ]" stdout
done
check "four tensors" test "$(grep -c '^layers\.[01]\.' stdout)" = 4
expect 0 "$minnow" inspect net --json
check "one line" test "$(wc -l <stdout)" = 1
check "design" grep -q '^{"layers":\[784,8,10\],"activation":"relu","loss":"softmax","parameters":6370,"params_crc32":"' stdout
[ -z "$python" ] || check "JSON agrees with the file" "$python" -c '
import json, math, struct
shown = json.load(open("stdout"))
raw = open("net", "rb").read()
length, = struct.unpack("<Q", raw[:8])
header, data = json.loads(raw[8:8 + length]), raw[8 + length:]
metadata = header.pop("__metadata__")
assert metadata == shown["metadata"] and len(raw) == shown["file_bytes"]
assert json.loads(metadata["class_names"])[9] == "\"j"
training = json.loads(metadata["training"])
assert training["seed"] == "18446744073709551615" and training["epochs"] == training["epochs_done"] == 2, training
assert training["learning_rate"] == 0.3 and training["schedule"] == "linear", training
assert json.loads(metadata["dataset"])["samples"] == 60
assert [t["name"] for t in shown["tensors"]] == list(header)
for t in shown["tensors"]:
    begin, end = header[t["name"]]["data_offsets"]
    x = struct.unpack("<%df" % ((end - begin) // 4), data[begin:end])
    mean = math.fsum(x) / len(x)
    std = math.sqrt(math.fsum((v - mean) ** 2 for v in x) / len(x))
    assert t["shape"] == header[t["name"]]["shape"] and t["min"] == min(x) and t["max"] == max(x), t
    assert abs(t["mean"] - mean) < 1e-12 and abs(t["std"] - std) < 1e-12 and t["zeros"] == x.count(0) / len(x), t'

# The fingerprint is that of the samples, not of the files they were in.
expect 0 "$minnow" inspect net --json
one=$(grep -o '"dataset":"{[^}]*}' stdout)
expect 0 "$minnow" convert DATA idx
expect 0 "$minnow" train --data idx --epochs 1 --hidden 8 --save other
expect 0 "$minnow" inspect other --json
check "the same samples from IDX" test "$(grep -o '"dataset":"{[^}]*}' stdout)" = "$one"
expect 0 "$minnow" train --data idx --epochs 1 --hidden 8 --save other --validation 5
expect 0 "$minnow" inspect other --json
check "fewer samples" test "$(grep -o '"dataset":"{[^}]*}' stdout)" != "$one"
refuse 2 'class-names: 3 names for 10 classes' "$minnow" train --class-names a,b,c --save bad
refuse 2 'UTF-8' "$minnow" train --epochs 1 --hidden none --save bad --class-names $'\xff,,,,,,,,,'
check "nothing saved" test ! -e bad

expect 0 "$minnow" original --data idx
expect 0 "$minnow" inspect values
check "a folder" grep -q '^values: 784-16-16-10, sigmoid, quadratic$' stdout
refuse 3 'none' "$minnow" inspect none
refuse 2 'argument is missing' "$minnow" inspect

# A network without minnow's metadata. 2 inputs, 3 outputs.
header='{"fc.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},"fc.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}}'
{
    printf "\\$(printf %03o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"
    head -c 36 /dev/zero
} >torch
refuse 3 'activation NAME --loss NAME' "$minnow" inspect torch
refuse 2 'go together' "$minnow" inspect torch --loss softmax
refuse 2 "'blue'" "$minnow" inspect torch --loss softmax --activation blue
refuse 2 'input-scaling 1/0' "$minnow" inspect torch --loss softmax --activation relu --input-scaling 1/0
refuse 3 'activation relu, but tanh' "$minnow" inspect net --activation tanh --loss softmax
refuse 2 'values' "$minnow" inspect values --activation sigmoid --loss quadratic
expect 0 "$minnow" inspect torch --activation relu --loss softmax --input-scaling 1/255
check "layers" grep -q '^torch: 2-3, relu, softmax$' stdout
check "scaling" grep -q 'input_scaling  *0.003921569$' stdout
check "all zero" grep -q '100.00 %$' stdout

# Nothing in a file's metadata reaches the terminal but text.
[ -z "$python" ] || {
    check "writes hostile metadata" "$python" -c '
import json, struct
raw = open("net", "rb").read()
length, = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + length])
header["__metadata__"]["k\x1b[31m"] = "v\x1b]0;x\x07\x9b\n\x7fend"
text = json.dumps(header).encode()
open("hostile", "wb").write(struct.pack("<Q", len(text)) + text + raw[8 + length:])'
    expect 0 "$minnow" inspect hostile
    check "printed harmlessly" grep -q '^  k?\[31m  *v?\]0;x????end$' stdout
}
finish
