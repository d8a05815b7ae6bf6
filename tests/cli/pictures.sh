#!/usr/bin/env bash
# A folder of pictures for each class, from training to a picture of one's own, and what the options of pictures do.
. "$(dirname "$0")/common.sh"

# picture FILE LEVEL LEVEL: 4 x 4 grey pixels, the upper half of one level and the lower of the other.
picture() {
    { printf 'P2 4 4 255\n' && printf "$2 %.0s" 1 2 3 4 5 6 7 8 && printf "$3 %.0s" 1 2 3 4 5 6 7 8; } >"$1"
}
mkdir -p set/train/up set/train/down set/test/up set/test/down
for i in 1 2 3 4 5 6 7 8 9; do
    picture set/train/up/$i.pgm 1${i}0 $i
    picture set/train/down/$i.pgm $i 1${i}0
done
picture set/test/up/a.pgm 200 20
picture set/test/down/a.pgm 20 200

expect 0 "$minnow" train --data set --hidden 8 --batch 3 --epochs 40 --save net
check "two test pictures" grep -q '18 training, 2 test samples of 16 values' stderr
check "both right" grep -q 'test accuracy 100.00 %' stdout
expect 0 "$minnow" train --data set --quiet
check "a dozen pictures are enough for the defaults" grep -q '^test accuracy 100.00 % after 40 epochs' stdout
expect 0 "$minnow" inspect net
check "how pictures became samples" grep -q '"method":"area","height":4,"width":4,"channels":1' stdout
check "the folders' names" grep -q '\["down","up"\]' stdout
expect 0 "$minnow" test --model net --data set
picture own.pgm 250 0
expect 0 "$minnow" predict --model net own.pgm
check "by its name" grep -q '^0: up ' stdout
expect 0 "$minnow" predict --model net --show own.pgm
check "shown in shades where there is no terminal" test "$(head -n 2 stdout)" = "$(printf '%%%%%%%%\n    ')"
refuse 2 'no-normalise.*has no effect' "$minnow" predict --model net --no-normalise own.pgm
refuse 2 'show.*has no place' "$minnow" predict --model net --show --json own.pgm
refuse 3 'a picture of 60000 × 60000 pixels' "$minnow" predict --model net - <<<'P5 60000 60000 255
1'

# Several of them, and a folder of them: each goes by its name.
mkdir -p own/further && cp own.pgm own/a.pgm && picture own/further/b.pgm 0 250 && echo none >own/notes.txt
expect 0 "$minnow" predict --model net own.pgm own/further/b.pgm
check "several pictures by their names" test "$(sed 's/ .*//' stdout | tr '\n' ' ')" = 'own.pgm: own/further/b.pgm: '
expect 0 "$minnow" predict --model net own
check "those of a folder" test "$(cut -d' ' -f1,2 stdout | tr '\n' ' ')" = 'own/a.pgm: up own/further/b.pgm: down '
echo text >own/b.png
expect 3 "$minnow" predict --model net own --format csv
check "one that is none" grep -q '^minnow: own/b.png: expected a PNG, JPEG, PGM or PPM picture$' stderr
check "has a row without a prediction" test "$(cut -d, -f1,2 stdout | tr '\n' ' ')" = 'id,prediction own/a.pgm,up own/b.png, own/further/b.pgm,down '
expect 3 "$minnow" predict --model net own --strict
check "or is the end" test "$(wc -l <stdout)" = 1
expect 3 "$minnow" predict --model net own/b.png own.pgm --json
check "JSON names it" grep -q '^{"input":"own/b.png",.*"error":' stdout
rm own/b.png

# A folder is read as far as it goes, each within it once, and what cannot be read is said.
mkdir -p walk/1/2/3/4/5/6 && cp own.pgm walk/1/2/3/4/5/6/deep.pgm && ln -s . walk/loop && ln -s ../.. walk/1/2/up
expect 0 "$minnow" predict --model net walk
check "deep down, and once" test "$(cut -d' ' -f1,2 stdout)" = 'walk/1/2/3/4/5/6/deep.pgm: up'
mkdir -p "walk/$(printf 'd/%.0s' {1..70})" && cp own.pgm "walk/$(printf 'd/%.0s' {1..70})x.pgm"
mkfifo walk/a.png
expect 3 timeout 20 "$minnow" predict --model net walk
check "no pipe is waited for" grep -q '^minnow: walk/a.png: not read; expected a picture, found no regular file$' stderr
check "a folder too deep" test "$(grep -c '^minnow: walk/d/.*/d: not read, as it lies too many folders deep' stderr)" = 1
check "the others have their turn" test "$(cut -d' ' -f1,2 stdout)" = 'walk/1/2/3/4/5/6/deep.pgm: up'
rm -r walk/d walk/a.png
mkdir walk/locked && chmod 000 walk/locked
if ! ls walk/locked >listed 2>&1; then # root may read everything
    expect 3 "$minnow" predict --model net walk
    check "a locked folder" grep -q '^minnow: walk/locked: Permission denied$' stderr
    check "and the rest" test "$(wc -l <stdout)" = 1
fi
rmdir walk/locked
mkdir empty
refuse 3 'empty: is a folder without pictures' "$minnow" predict --model net empty
refuse 2 'id: has no effect: own.pgm is no table' "$minnow" predict --model net own.pgm --id name
refuse 2 'net: without --data, .* data of another kind, pictures; name some: --data PATH' "$minnow" test --model net
refuse 2 'net: without --data' "$minnow" report net

expect 0 "$minnow" train --data set --size 2x2 --colour --hidden none --epochs 2
check "shrunk, and in colour" grep -q 'test samples of 12 values' stderr
refuse 2 'size.*28x28' "$minnow" train --data set --size 2

# An archive of the same folders gives the same samples.
if "$minnow" info --json | grep -q '"libarchive":true'; then
    tar -cf own.tar own
    expect 0 "$minnow" predict --model net own.tar
    check "those of an archive" test "$(cut -d' ' -f1,2 stdout | sort | tr '\n' ' ')" = 'own.tar/own/a.pgm: up own.tar/own/further/b.pgm: down '
    echo text >own/c.png && tar -cf bad.tar own
    expect 3 "$minnow" predict --model net bad.tar
    check "one that is none, in an archive" grep -q '^minnow: bad.tar/own/c.png: expected a PNG' stderr
    check "the others are told" test "$(wc -l <stdout)" = 2
    crc() { sed -n 's/.*"params_crc32":"\([0-9a-f]*\)".*/\1/p' stdout; }
    expect 0 "$minnow" train --data set --hidden 4 --epochs 2 --json
    wanted=$(crc)
    tar -cf set.tar set
    mkdir set/train/.hidden && cp own.pgm set/train/.hidden/1.pgm && echo text >set/train/up/notes.txt
    tar -czf set.tar.gz -C set test train
    # Python marks names beyond ASCII as UTF-8; in a C locale, as here, they were lost, and the pictures with them.
    if command -v python3 >which.out; then
        cp -r set umlaut && mv umlaut/train/up "umlaut/train/grün" && mv umlaut/test/up "umlaut/test/grün"
        expect 0 python3 -c 'import os, zipfile
with zipfile.ZipFile("umlaut.zip", "w") as archive:
    for folder, _, files in os.walk(os.fsencode("umlaut")):
        for file in files:
            path = os.path.join(folder, file)
            archive.writestr(path.decode("utf-8"), open(path, "rb").read())'
        expect 0 "$minnow" train --data umlaut.zip --hidden 4 --epochs 2 --save umlaut.net
        check "no picture is lost" grep -q '18 training, 2 test samples of 16 values' stderr
        expect 0 "$minnow" inspect umlaut.net
        check "and the class has its name" grep -q '"grün"' stdout
    fi
    for archive in set.tar set.tar.gz; do
        expect 0 "$minnow" train --data $archive --hidden 4 --epochs 2 --json
        check "$archive: the folder's bits" test "$(crc)" = "$wanted"
    done
    tar -czf whole.tgz -C set/train up down
    expect 0 "$minnow" data whole.tgz --size 2x2
    check "one set, divided" grep -q '^training *15 samples of 4 bytes (2 x 2), 2 classes: down: 8, up: 7$' stdout
    expect 0 "$minnow" data whole.tgz --json --colour
    check "in colour" grep -q '"features":48' stdout
    printf 'P5 60000 60000 255 ' >set/train/up/bomb.pgm
    tar -cf bomb.tar set
    refuse 3 'bomb.pgm: a picture of 60000' "$minnow" data bomb.tar
    rm set/train/up/bomb.pgm
fi
csv_data csv 20 10
refuse 2 'size: has no effect: the data are a table' "$minnow" data --size 4x4 - <<<$'a,b\n1,2'
refuse 2 'size has no effect: csv holds no pictures' "$minnow" data csv --size 4x4
refuse 2 'size has no effect: csv holds no pictures' "$minnow" train --data csv --size 4x4
refuse 2 'transpose has no effect' "$minnow" train --data digits --transpose
finish
