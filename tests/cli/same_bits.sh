#!/usr/bin/env bash
# The trained parameters depend on neither the instruction set, nor the threads, nor the form of the data.
. "$(dirname "$0")/common.sh"
csv_data csv 300 60
expect 0 "$minnow" convert csv idx
"$minnow" info | grep -o '^ *\(instruction sets\)\? *[a-z0-9]* *usable' | awk '{ print $(NF - 1) }' >sets
check "scalar is among the instruction sets" grep -qx scalar sets

# crc COMMAND…: the CRC-32 of the parameters a run ends with.
crc() {
    expect 0 "$@" --json --quiet >&2
    grep -o '"params_crc32":"[0-9a-f]*"' stdout | tail -n 1
}
# same NAME ARGUMENT…: one CRC for every set, team, and form of the data; and for training, sparse or dense.
same() {
    local name=$1 set threads sparse sparsities=("--sparse=${first_sparse:-on}" --sparse=off)
    shift
    [ "$1" = train ] || sparsities=(--quiet)
    : >crcs
    while read -r set; do
        for threads in 1 2 3 7; do
            for sparse in "${sparsities[@]}"; do
                crc env OMP_NUM_THREADS=$threads "$minnow" "$@" "$sparse" --data csv --isa "$set" >>crcs
            done
        done
        crc "$minnow" "$@" --data idx --isa "$set" --threads 2 >>crcs
    done <sets
    check "$name: one result" test "$(sort -u crcs | wc -l)" = 1
    check "$name: $(wc -l <crcs) runs" test "$(grep -c crc crcs)" = $(((4 * ${#sparsities[@]} + 1) * $(wc -l <sets)))
}

same train train --epochs 2 --hidden 33,17
same tanh train --epochs 1 --hidden 100 --activation tanh --loss logistic --schedule cosine --warmup 0.5 --batch 7
same sigmoid train --epochs 1 --hidden 16,16 --activation sigmoid --loss quadratic --batch 127
same linear train --epochs 2 --hidden none --batch 300
same dropout train --epochs 2 --hidden 33,17 --dropout 0.5,0.2 --dropout-input 0.1 --init-weights orthogonal
regular=(--dropout 0.3 --dropout-input 0.1 --noise 0.1 --mixup 0.4 --label-smoothing 0.1 --optimizer adamw --l2 0.001
    --max-norm 2 --clip-norm 1 --ema 0.9 --schedule cosine --warmup 0.5 --init-weights glorot --batch 50)
first_sparse=auto # noise and mixup leave no zeros to skip
same 'all options' train --epochs 2 --hidden 33,17 "${regular[@]}"
first_sparse=on
same weights train --epochs 2 --hidden 33,17 --class-weight 0=2,3=0.25,9=0 --label-smoothing 0.1 --batch 50
same original -w 1

expect 0 env OMP_NUM_THREADS=2 "$minnow" train --data idx --epochs 1 --threads 1 --json
check "--threads is more than a name" grep -q '"threads":1,' stdout
# It limits all that is done, also before training. OpenMP itself tells of each thread that joins a team.
expect 0 env OMP_NUM_THREADS=3 OMP_DISPLAY_AFFINITY=true OMP_AFFINITY_FORMAT='a team of %N' \
    "$minnow" train --data idx --epochs 1 --hidden 33 --threads 2
grep -q 'a team of 3' stdout stderr
check "--threads 2 is no team of 3" test $? = 1

# And on the options they do depend.
first=$(crc "$minnow" train --data csv --epochs 1 --hidden 8)
for option in '--seed 2' '--lr 0.29' '--batch 63' '--schedule cosine' '--hidden 9' '--activation tanh' '--loss logistic' \
    '--warmup 0.5' '--sub-batches 2' '--validation 10' '--dropout 0.1' '--dropout-input 0.1' '--noise 0.01' '--mixup 0.1' '--label-smoothing 0.1' '--class-weight balanced' \
    '--init-weights glorot' '--init-weights lecun' '--init-weights orthogonal' '--init-weights normal'; do
    # shellcheck disable=SC2086
    check "$option changes the result" test "$(crc "$minnow" train --data csv --epochs 1 --hidden 8 $option)" != "$first"
done
finish
