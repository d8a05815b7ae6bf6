#!/usr/bin/env bash
# Input files that are missing, damaged or not what they claim: exit status 3 and one line that names the file.
. "$(dirname "$0")/common.sh"
csv_data csv 60 30
expect 0 "$minnow" convert csv good
images=train-images-idx3-ubyte labels=train-labels-idx1-ubyte

# damaged NAME: a fresh copy of good/ to spoil.
damaged() {
    rm -rf "$1"
    cp -r good "$1"
}
# bytes TEXT: as printf's %b writes them.
bytes() { printf '%b' "$1"; }
# overwrite FILE OFFSET TEXT
overwrite() { bytes "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

refuse 3 'nowhere: ' "$minnow" train --data nowhere
mkdir empty
refuse 3 'empty: holds no train-images-idx3-ubyte' "$minnow" train --data empty
refuse 3 'empty: ' "$minnow" original --data empty
refuse 3 'MINNOW_DATA' env MINNOW_DATA=empty "$minnow" train
refuse 3 'good/train-images-idx3-ubyte: ' "$minnow" train --data good/$images

damaged d && : >d/$images
refuse 3 "d/$images: " "$minnow" train --data d
damaged d && overwrite d/$images 0 '\0001'
refuse 3 "d/$images: .*magic" "$minnow" train --data d
damaged d && overwrite d/$labels 3 '\0003'
refuse 3 "d/$labels: " "$minnow" train --data d
damaged d && overwrite d/$images 4 '\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377'
refuse 3 "d/$images: " "$minnow" train --data d
damaged d && overwrite d/$images 4 '\0200\0000\0000\0000\0000\0001\0000\0000\0000\0002\0000\0000'
refuse 3 "d/$images: " "$minnow" train --data d
damaged d && head -c 1000 good/$images >d/$images
refuse 3 "d/$images: " "$minnow" train --data d
damaged d && printf x >>d/$images
refuse 3 "d/$images: " "$minnow" train --data d
damaged d && { bytes '\0000\0000\0010\0001\0000\0000\0000\0073' && tail -c 59 good/$labels; } >d/$labels
refuse 3 "d/$images: 60 images, but d/$labels has 59" "$minnow" train --data d
damaged d && overwrite d/$labels 20 '\0013'
refuse 3 "d/$labels: .*label 11" "$minnow" train --data d --classes 10
if command -v gzip >gzip.path; then
    damaged d && gzip d/$images
    expect 0 "$minnow" train --data d --epochs 1 --hidden 4
    head -c 500 d/$images.gz >short && mv short d/$images.gz
    refuse 3 "d/$images.gz: " "$minnow" train --data d
    damaged d && gzip d/$images
    overwrite d/$images.gz 300 'xxxx'
    refuse 3 "d/$images.gz: " "$minnow" train --data d
    head -c 300 /dev/urandom >d/$images.gz
    refuse 3 "d/$images.gz: " "$minnow" train --data d
fi
damaged d && rm d/t10k-labels-idx1-ubyte
refuse 3 't10k-labels-idx1-ubyte' "$minnow" train --data d
refuse 3 'label .* expected 0 to 4' "$minnow" train --data good --classes 5

# CSV
cp -r csv d2 && sed -i '3s/^[^,]*,//' d2/train_images.csv
refuse 3 'd2/train_images.csv: ' "$minnow" train --data d2
rm -r d2 && cp -r csv d2 && sed -i '5s/^[^,]*,/pixel,/' d2/test_images.csv
refuse 3 'd2/test_images.csv: ' "$minnow" train --data d2
rm -r d2 && cp -r csv d2 && sed -i '2s/1/0/' d2/train_labels.csv
refuse 3 'd2/train_labels.csv: ' "$minnow" train --data d2
rm -r d2 && cp -r csv d2 && sed -i 5d d2/train_labels.csv
refuse 3 "d2/train_labels.csv has labels for 59" "$minnow" original --data d2

# Networks
expect 0 "$minnow" train --data good --epochs 1 --hidden 4 --save net
refuse 3 'none: ' "$minnow" test --model none --data good
refuse 3 'empty: ' "$minnow" test --model empty --data good
head -c 2000 net >short
refuse 3 'short: ' "$minnow" test --model short --data good
: >short
refuse 3 'short: ' "$minnow" test --model short --data good
cp "$minnow" other
refuse 3 'other: ' "$minnow" test --model other --data good
mkdir small && cut -d, -f1-100 csv/test_images.csv >small/test_images.csv && cp csv/test_labels.csv small
refuse 3 'net takes 784 values a sample, but small has 100' "$minnow" test --model net --data small
cut -d, -f1-100 csv/train_images.csv >small/train_images.csv && cp csv/train_labels.csv small
cp csv/test_images.csv small
refuse 3 'small: training samples have 100 values, test samples 784' "$minnow" train --data small
# Files of another kind are named as what they are, with what to do.
bytes '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' >photo.png
refuse 3 'photo.png: .*PNG' "$minnow" predict --model net photo.png
refuse 3 'standard input: .*PNG' "$minnow" predict --model net - <photo.png
bytes 'PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0f\0\0\0digits/data.pkl' >digits.pt
refuse 3 'digits.pt: is a PyTorch file .*numpy.savetxt' "$minnow" train --data digits.pt
refuse 3 'nothing: ' "$minnow" convert nothing there
refuse 3 'empty: ' "$minnow" convert empty there
check "nothing half-written" test ! -e there
# Images that are not compressed stay in their file, which somebody cuts short meanwhile.
damaged d
"$minnow" train --data d --hidden none --sparse off --epochs 1000000 >stdout 2>stderr &
for ((i = 0; i < 600; i++)); do
    ! grep -q '^epoch' stderr || break
    sleep 0.05
done
: >d/$images
wait $!
status=$?
check "a file cut short while in use: exit status $status" test $status = 3
check "... one line" test "$(grep -c '^minnow: d: .*cut short' stderr)" = 1
finish
