#!/usr/bin/env bash
# Where data is looked for, in which order, and that the program says what it took.
. "$(dirname "$0")/common.sh"
csv_data here 40 20
mkdir -p cache/minnow
expect 0 "$minnow" convert here cache/minnow/mnist

# takes WHAT COMMAND…: info and train agree that this is the source.
takes() {
    local what=$1
    shift
    expect 0 "$@" "$minnow" info
    check "info: $what" grep -Eq "^data +$what( |\$)" stdout
    expect 0 "$@" "$minnow" train --epochs 1 --hidden none
    check "train: $what" grep -q "^data: $what (" stderr
}

takes "$folder/cache/minnow/mnist" env XDG_CACHE_HOME="$folder/cache"
mkdir .cache && cp -r cache/minnow .cache
takes "$folder/.cache/minnow/mnist" env
takes "$folder/.cache/minnow/mnist" env XDG_CACHE_HOME=cache
mkdir DATA
takes "$folder/.cache/minnow/mnist" env
cp here/test_* DATA
takes "$folder/.cache/minnow/mnist" env
expect 0 "$minnow" train --epochs 1 --hidden none --save net --quiet
expect 0 "$minnow" test --model net
check "DATA with test files is enough to test" grep -q '^data: DATA (' stderr
cp here/train_* DATA
takes DATA env
takes here env MINNOW_DATA=here
takes DATA env MINNOW_DATA=
expect 0 env MINNOW_DATA=here "$minnow" info --data "$folder/cache/minnow/mnist"
check "--data comes first" grep -q "^data .*cache/minnow/mnist (--data)" stdout
mkdir empty
refuse 3 'empty: .*MINNOW_DATA' env MINNOW_DATA=empty "$minnow" train
refuse 3 'empty: ' "$minnow" train --data empty
expect 0 env MINNOW_DATA=digits "$minnow" info --json
check "digits by name" grep -q '"data":"built-in digits","data_chosen_by":"MINNOW_DATA"' stdout
finish
