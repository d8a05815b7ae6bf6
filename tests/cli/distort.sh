#!/usr/bin/env bash
# Distortion: the same bits on every table and number of threads, and from a checkpoint; what does not fit is refused; and
# minnow augment shows it as a picture.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1 # where a run does not say otherwise
csv_data CSV 60 20
expect 0 "$minnow" convert CSV DATA
options=(--data DATA --hidden 16 --epochs 3 --batch 7 --seed 3)
crc() { sed -n 's/.*"params_crc32":"\([0-9a-f]*\)".*/\1/p' stdout; }

# ---- The same bits
expect 0 "$minnow" train "${options[@]}" --json
plain=$(crc)
expect 0 "$minnow" train "${options[@]}" --distort --gentle-classes 1,7 --elastic-fields 50 --json
expected=$(crc)
check "distortion changes the result" test -n "$expected" -a "$expected" != "$plain"
for isa in $("$minnow" info --data DATA --json | sed 's/.*"instruction_sets"://' | grep -o '"[a-z0-9]*","built":true,"usable":true' | sed 's/^"//; s/".*//'); do
    expect 0 "$minnow" train "${options[@]}" --distort --gentle-classes 7,1,7 --elastic-fields 50 --isa "$isa" --threads 3 --json
    check "$isa: $(crc), expected $expected" test "$(crc)" = "$expected"
done
expect 0 "$minnow" train "${options[@]}" --rotate 15 --stretch 0.15 --elastic-alpha 36 --elastic-fields 50 --gentle-classes 1,7 --sparse off --json
check "what --distort stands for: $(crc), expected $expected" test "$(crc)" = "$expected"
expect 0 "$minnow" train "${options[@]}" --distort --rotate 0 --stretch 0 --elastic-alpha 0 --json
check "a distortion of nothing: $(crc), expected $plain" test "$(crc)" = "$plain"

# ---- Checkpoints
set -m
mkfifo held
"$minnow" train "${options[@]}" --epochs 1000 --threads 1 --distort --elastic-fields 4 --checkpoint ck --save net --json >held 2>&1 &
pid=$!
exec 3<held
while read -r line <&3 && [[ $line != *'"epoch":2,'* ]]; do :; done
kill -INT $pid
cat <&3 >/dev/null
exec 3<&-
ended 130
check "the model tells of it" grep -q -a 'elastic_alpha.*36' net
refuse 2 "train: --rotate 10: the run of ck has --rotate 15" "$minnow" train --resume ck --rotate 10
refuse 2 "train: --gentle-classes 1: the run of ck has --gentle-classes none" "$minnow" train --resume ck --gentle-classes 1
refuse 2 "train: --elastic-fields 4000: the run of ck has --elastic-fields 4" "$minnow" train --resume ck --distort
expect 0 "$minnow" train --resume ck --rotate 15 --sparse off --json
resumed=$(crc)
expect 0 "$minnow" train "${options[@]}" --epochs 1000 --threads 1 --distort --elastic-fields 4 --json
check "resumed: $resumed, expected $(crc)" test "$resumed" = "$(crc)"

# ---- Refusals
refuse 2 "CSV: only images can be distorted, and these samples are rows of 784 numbers" "$minnow" train --data CSV --distort
refuse 2 "train: --elastic-sigma: has no effect without --elastic-alpha" "$minnow" train --elastic-sigma 4
refuse 2 "train: --elastic-fields: has no effect without --elastic-alpha" "$minnow" train --rotate 3 --elastic-fields 4
refuse 2 "train: --gentle-classes: has no effect without --rotate or --shear" "$minnow" train --stretch 0.1 --gentle-classes 1
refuse 2 "train: --gentle-classes 10: labels are below 10" "$minnow" train --distort --gentle-classes 1,10
refuse 2 "--stretch: expected a number of at least 0 and at most 0.9, found '1'" "$minnow" train --stretch 1
refuse 2 "augment: -o FILE is missing" "$minnow" augment

# ---- Pictures
if ! "$minnow" info --data DATA --json | grep -q '"libpng":true'; then
    refuse 1 "built without libpng" "$minnow" augment -o sheet.png
    finish
fi
png() { test "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a; }
expect 0 "$minnow" augment --data DATA -o sheet.png --elastic-fields 60 --json
check "a picture" png sheet.png
check "says what it is" grep -q '^{"event":"sheet","file":"sheet.png","samples":10,"epochs":12,"width":764,"height":582}$' stdout
expect 0 "$minnow" augment --data DATA -o again.png --elastic-fields 60 --threads 3 --isa scalar
check "the same picture" cmp sheet.png again.png
expect 0 "$minnow" augment --data DATA -o other.png --elastic-fields 60 --seed 2
check "another picture" test -n "$(cmp sheet.png other.png)"
expect 0 "$minnow" augment --data DATA -o large.png --samples 1000 --epochs 1 --zoom 1
check "all samples there are" grep -q '^large.png: 60 samples' stdout
refuse 2 "augment: a picture of 58068 × 582 pixels" "$minnow" augment --data DATA -o wide.png --epochs 1000
refuse 2 "augment: --elastic-fields: has no effect without --elastic-alpha" "$minnow" augment -o sheet.png --elastic-alpha 0 --elastic-fields 4
refuse 1 "none/sheet.png" "$minnow" augment --data DATA -o none/sheet.png
check "nothing half-written" test ! -e wide.png -a ! -e none
finish
