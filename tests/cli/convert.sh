#!/usr/bin/env bash
# minnow convert: data and networks change their form and no number.
. "$(dirname "$0")/common.sh"
csv_data first 50 20

expect 0 "$minnow" convert first idx
check "IDX file of the right size" test "$(wc -c <idx/train-images-idx3-ubyte)" = $((16 + 50 * 784))
check "its header" cmp <(printf '\0\0\10\3\0\0\0\62\0\0\0\34\0\0\0\34') <(head -c 16 idx/train-images-idx3-ubyte)
expect 0 "$minnow" convert idx second
check "CSV of one image a row" awk -F, 'NF != 784 { exit 1 } END { exit NR != 50 }' second/train_images.csv
check "one-hot labels" awk -F, '{ n = 0; for (i = 1; i <= NF; i++) n += $i; if (n != 1 || NF != 10) exit 1 }' second/test_labels.csv
for name in train_images train_labels test_images test_labels; do
    check "the numbers of $name" awk -F, -v other="first/$name.csv" '
        { getline line <other; n = split(line, a, ",")
          if (n != NF) exit 1
          for (i = 1; i <= n; i++) if (a[i] + 0 != $i + 0) exit 1 }' "second/$name.csv"
done
expect 0 "$minnow" convert second third --to idx
for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    check "round trip of $name" cmp "idx/$name-ubyte" "third/$name-ubyte"
done
mkdir part && cp second/test_*.csv part
expect 0 "$minnow" convert part half
check "one subset alone" test "$(ls half | wc -l)" = 2
sed -i 's/^[^,]*,/0.123,/' part/test_images.csv
refuse 2 'IDX' "$minnow" convert part none
check "IDX holds bytes only: nothing written" test ! -e none/t10k-images-idx3-ubyte

# A network: values/ to safetensors and back, to the same bytes.
expect 0 "$minnow" original --data idx
expect 0 "$minnow" convert values net
expect 0 "$minnow" convert net again
for file in values/*; do
    check "round trip of $file" cmp "$file" "again/$(basename "$file")"
done
expect 0 "$minnow" -d 1 --data idx --json
one=$(grep -o '"params_crc32":"[0-9a-f]*"' stdout)
rm -r values && mv again values
expect 0 "$minnow" -d 1 --data idx --json
check "the same parameters" test "$(grep -o '"params_crc32":"[0-9a-f]*"' stdout)" = "$one"
expect 0 "$minnow" test --model net --data idx
cp stdout by_file
expect 0 "$minnow" test --model values --data idx
check "a file and a folder test alike" cmp by_file stdout
expect 0 "$minnow" train --data idx --epochs 1 --hidden 4 --save relu
refuse 2 'lost: .*sigmoid' "$minnow" convert relu lost
check "nothing half-written" test ! -e lost

# NumPy's arrays, and what TO's name says.
expect 0 "$minnow" convert relu arrays --to npy
check "four arrays" test "$(ls arrays)" = "$(printf 'layers.%s.npy\n' 0.bias 0.weight 1.bias 1.weight)"
refuse 2 'arrays alone do not say' "$minnow" convert arrays back
refuse 2 'go together' "$minnow" convert arrays back --loss softmax
expect 0 "$minnow" convert arrays back --activation relu --loss softmax
expect 0 "$minnow" inspect relu
one=$(grep -o 'CRC-32 .*;' stdout)
expect 0 "$minnow" inspect back
check "the same parameters" test "$(grep -o 'CRC-32 .*;' stdout)" = "$one"
expect 0 "$minnow" convert net copy.safetensors
check "a copy by name" cmp net copy.safetensors
expect 0 "$minnow" test --model relu --data idx
cp stdout by_file
form=(--activation relu --loss softmax)
expect 0 "$minnow" test --model arrays --data idx "${form[@]}" --input-scaling 1/256
check "arrays test as the file they came from" cmp by_file stdout
expect 0 "$minnow" test --model arrays --data idx "${form[@]}" --input-scaling 1/1000
check "another scaling does not" test "$(cat by_file)" != "$(cat stdout)"
: >arrays/layers.1.bias.npy
refuse 3 'layers.1.bias.npy: not a .npy file' "$minnow" convert arrays back --activation relu --loss softmax
check "the good file stays" cmp back <("$minnow" convert back /dev/stdout --to safetensors 2>stderr)

# ONNX and C source; what 8 bits cost is measured on the data by the arithmetic of the source itself.
expect 0 "$minnow" convert relu relu.onnx
check "an ONNX file" grep -qa 'Softmax' relu.onnx
expect 0 "$minnow" convert relu relu.h --quiet
check "its functions" grep -q 'unsigned relu_predict_pixels(const uint8_t' relu.h
expect 0 "$minnow" convert relu small.h --int8 --data idx --name tiny
check "its name" grep -q 'unsigned tiny_predict(const float' small.h
check "the cost" grep -qE '^int8: accuracy [0-9.]+ % instead of [0-9.]+ %, [0-9]+ of 20 labels changed$' stdout
expect 0 "$minnow" convert relu small.h --int8 --data idx --json
check "the cost as JSON" grep -qE '^\{"event":"int8","accuracy_float":[0-9.]+,"accuracy_int8":[0-9.]+,"labels_changed":' stdout
accuracy=$(grep -oE '"accuracy_int8":[0-9.]+' stdout)
floats=$(grep -oE '"accuracy_float":[0-9.]+' stdout)
expect 0 "$minnow" test --model relu --data idx --json
check "the accuracy of floats" test "\"accuracy_float\":$(grep -oE '"accuracy":[0-9.]+' stdout | cut -d: -f2)" = "$floats"
# In a cross build the tools first in the path are another machine's, and cc makes nothing of them.
echo 'int main(void) { return 0; }' >probe.c
if cc -o probe probe.c 2>/dev/null && ./probe; then
    cat >count.c <<'END'
#include <stdio.h>
#include "small.h"
int main(void) {
    static uint8_t image[SMALL_INPUTS];
    float probabilities[SMALL_OUTPUTS];
    FILE *images = fopen("idx/t10k-images-idx3-ubyte", "rb"), *labels = fopen("idx/t10k-labels-idx1-ubyte", "rb");
    double right = 0, total = 0;
    fseek(images, 16, SEEK_SET);
    fseek(labels, 8, SEEK_SET);
    for (; fread(image, 1, sizeof image, images) == sizeof image; total++)
        right += small_predict_pixels(image, probabilities) == (unsigned)getc(labels);
    printf("\"accuracy_int8\":%.4g\n", right / total); /* 20 samples: two decimals */
    return 0;
}
END
    check "C99 without a warning" cc -std=c99 -Wall -Wextra -Wpedantic -Werror -o count count.c
    ./count >counted
    check "the compiled source's accuracy" test "$(cat counted)" = "$accuracy"
else
    echo "no compiler for this machine: the C source was not compiled here"
fi
refuse 2 'int8 goes with C source' "$minnow" convert relu other.onnx --int8
refuse 2 'scaled-input goes with ONNX' "$minnow" convert relu other.h --scaled-input
refuse 2 'expected a C identifier' "$minnow" convert relu other.h --name 1a
refuse 2 'name goes with C source' "$minnow" convert DATA other --name a
check "nothing written" test ! -e other -a ! -e other.h -a ! -e other.onnx
finish
