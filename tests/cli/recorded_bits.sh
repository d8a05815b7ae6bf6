#!/usr/bin/env bash
# Every way to train ends in the parameters it ended in when these commands were recorded, to the last bit: no change
# of the program may move them. `recorded_bits.sh PROGRAM --record` prints what PROGRAM gives now, in place of checking.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
recording=${2-}

# Images of bytes, four fifths of them 0, and the same as floats that are no bytes / 256.
csv_data bytes 300 20
mkdir floats
cp bytes/*_labels.csv floats
for subset in train test; do
    awk -F, -v OFS=, '{ for (i = 1; i <= NF; i++) $i = sprintf("%.7g", $i * 0.7); print }' bytes/${subset}_images.csv \
        >floats/${subset}_images.csv
done

# of_training OPTION…: the parameters' checksum at the end of a run.
of_training() {
    run "$minnow" train --json "$@"
    sed -n 's/.*"params_crc32": *"\([0-9a-f]*\)".*/\1/p' stdout
}

# of_values OPTION…: of the files that the original program's interface writes.
of_values() {
    rm -rf values
    MINNOW_DATA=bytes run "$minnow" "$@"
    cat values/weights_*.csv values/biases_*.csv 2>/dev/null | cksum | cut -d ' ' -f 1
}

# same CHECKSUM of_… OPTION…
same() {
    local recorded=$1 found
    shift
    found=$("$@")
    if [ -n "$recording" ]; then
        printf 'same %s %s\n' "$found" "$*"
        return
    fi
    checks=$((checks + 1))
    [ "$found" = "$recorded" ] || complain "parameters $found, recorded were $recorded: $*"
}

cp "$here/recorded/checkpoint.safetensors" "$here/recorded/network.safetensors" .
same aab0b368 of_training --data bytes --epochs 2 --hidden 20,16 --activation relu --loss softmax
same 28d244f6 of_training --data bytes --epochs 2 --hidden 20,16 --activation relu --loss logistic
same ecf3227e of_training --data bytes --epochs 2 --hidden 20,16 --activation relu --loss quadratic
same 0f54b3b9 of_training --data bytes --epochs 2 --hidden 20,16 --activation sigmoid --loss softmax
same b7ee1395 of_training --data bytes --epochs 2 --hidden 20,16 --activation sigmoid --loss logistic
same 60c6a957 of_training --data bytes --epochs 2 --hidden 20,16 --activation sigmoid --loss quadratic
same 2b47b4ae of_training --data bytes --epochs 2 --hidden 20,16 --activation tanh --loss softmax
same 8b8a4f32 of_training --data bytes --epochs 2 --hidden 20,16 --activation tanh --loss logistic
same 3ceb37a5 of_training --data bytes --epochs 2 --hidden 20,16 --activation tanh --loss quadratic
same 1ff4fc9e of_training --data bytes --epochs 1 --hidden 33,10 --batch 1 --lr 0.02 --sparse on
same 1ff4fc9e of_training --data bytes --epochs 1 --hidden 33,10 --batch 1 --lr 0.02 --sparse off
same cd928fac of_training --data floats --epochs 1 --hidden 33,10 --batch 1 --lr 0.02 --sparse on
same cd928fac of_training --data floats --epochs 1 --hidden 33,10 --batch 1 --lr 0.02 --sparse off
same 96afb496 of_training --data bytes --epochs 2 --hidden 33,10 --batch 7 --sparse on
same 96afb496 of_training --data bytes --epochs 2 --hidden 33,10 --batch 7 --sparse off
same 73b30dff of_training --data floats --epochs 2 --hidden 33,10 --batch 7 --sparse on
same 73b30dff of_training --data floats --epochs 2 --hidden 33,10 --batch 7 --sparse off
same 5850a004 of_training --data bytes --epochs 3 --hidden 128,64 --batch 64 --sparse on
same 1f93c868 of_training --data floats --epochs 3 --hidden 128,64 --batch 64 --sparse on
same 1f93c868 of_training --data floats --epochs 3 --hidden 128,64 --batch 64 --sparse off --threads 1
same d0637bff of_training --data bytes --epochs 3 --hidden 130,70 --batch 127 --sparse on --threads 2
same d0637bff of_training --data bytes --epochs 3 --hidden 130,70 --batch 127 --sparse off --threads 2
same 451b1878 of_training --data floats --epochs 3 --hidden 130,70 --batch 127 --sparse on --threads 1
same 9d277342 of_training --data floats --epochs 2 --hidden 256 --batch 1000
same 48a14156 of_training --data bytes --epochs 3 --hidden none --lr 0.1
same 4d6fa7cb of_training --data floats --epochs 3 --hidden none --batch 1 --lr 0.01
same 6cdf5325 of_training --data bytes --epochs 3 --hidden 64,48,32,24,16 --seed 7
same 163ee8d4 of_training --data bytes --epochs 3 --hidden 32 --schedule constant --lr 0.1
same 661ef9a0 of_training --data bytes --epochs 3 --hidden 32 --schedule cosine --warmup 0.5
same d52d7824 of_training --data bytes --epochs 3 --hidden 32 --schedule linear --warmup 2 --validation last:40 --keep-epoch last
same 21469dd6 of_training --data bytes --epochs 3 --hidden 48,16 --isa scalar --seed 11
same 0ccb038f of_training --data bytes --epochs 2 --init network.safetensors --batch 16
same 92588b29 of_training --data bytes --resume checkpoint.safetensors
same 1381588760 of_values -l 0.17
same 3944937748 of_values -l 0.3 -s 30 -t 20
same 3583454369 of_values -l 0.05 -s 12 -t 9

finish
