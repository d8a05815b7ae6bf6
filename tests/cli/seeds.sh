#!/usr/bin/env bash
# minnow train --seeds: each network is the one of a run of its own, whatever stands beside it; mean and spread; what is saved.
. "$(dirname "$0")/common.sh"
export OMP_NUM_THREADS=1 # where a run does not say otherwise
csv_data CSV 300 60
expect 0 "$minnow" convert CSV DATA
options=(--data DATA --hidden 16 --epochs 3 --batch 7)
crcs() { grep -o '"params_crc32":"[0-9a-f]*"' "${1:-stdout}" | cut -d'"' -f4 | tr '\n' ' '; }

# ---- The networks of single runs
wanted=
for seed in 3 4 5 6 7; do
    expect 0 "$minnow" train "${options[@]}" --seed $seed --json --save single$seed
    wanted+=$(tail -n 1 stdout | crcs /dev/stdin)
done
for threads in 1 2 3 4; do
    expect 0 "$minnow" train "${options[@]}" --seed 3 --seeds 5 --json --threads $threads
    check "$threads threads: $(crcs), not $wanted" test "$(crcs)" = "$wanted"
    check "in order" test "$(grep -o '"seed":[0-9]*' stdout | tr '\n' ' ')" = '"seed":3 "seed":4 "seed":5 "seed":6 "seed":7 '
done
expect 0 "$minnow" train "${options[@]}" --seeds 6-7,3 --json --threads 2
check "a list of seeds" test "$(crcs)" = "$(set -- $wanted; echo "$4 $5 $1 ")"
expect 0 "$minnow" train "${options[@]}" --distort --elastic-fields 20 --optimizer adam --ema 0.9 --seed 4 --json
wanted_distorted=$(crcs)
expect 0 "$minnow" train "${options[@]}" --distort --elastic-fields 20 --optimizer adam --ema 0.9 --seeds 3-5 --json --threads 3
check "distorted, averaged" test "$(crcs | cut -d' ' -f2)" = "${wanted_distorted% }"

# ---- Mean and spread
expect 0 "$minnow" train "${options[@]}" --seeds 4 --json
check "mean, deviation, least and most" awk '
    /"network"/ { match($0, /"test_accuracy":[0-9.]*/); x[n++] = substr($0, RSTART + 16, RLENGTH - 16) }
    function part(name,    t) { match($0, "\"" name "\":[0-9.e-]*"); t = substr($0, RSTART, RLENGTH); sub(/.*:/, "", t); return t }
    /"done","networks"/ {
        least = 2
        for (i in x) { sum += x[i]; if (x[i] < least) least = x[i]; if (x[i] > most) most = x[i] }
        for (i in x) squares += (x[i] - sum / n) ^ 2
        sub(/.*"test_accuracy":/, "")
        seen = n == 4 && (part("mean") - sum / n) ^ 2 < 1e-18 && part("least") == least && part("most") == most &&
               (part("deviation") - sqrt(squares / (n - 1))) ^ 2 < 1e-18
    }
    END { exit !seen }' stdout
expect 0 "$minnow" train "${options[@]}" --seeds 2 --quiet
check "a line for each" test "$(grep -c '^seed [12] ' stdout)" = 2
check "and for all" grep -q '^test accuracy: mean .* %, standard deviation .*, .* % to .* %$' stdout

# ---- Saving
expect 0 "$minnow" train "${options[@]}" --seeds 3-5 --threads 2 --save 'all-{seed}'
for seed in 3 4 5; do
    expect 0 "$minnow" inspect single$seed --json
    one=$(crcs | cut -d' ' -f1)
    expect 0 "$minnow" inspect all-$seed --json
    check "seed $seed is saved" test -n "$one" -a "$(crcs | cut -d' ' -f1)" = "$one"
    expect 0 "$minnow" train --data DATA --like all-$seed --json
    check "and says how it was trained" test "$(tail -n 1 stdout | crcs /dev/stdin)" = "$one "
done
hard=("${options[@]}" --hidden 3 --lr 0.02 --epochs 1)
expect 0 "$minnow" train "${hard[@]}" --validation 50 --seeds 3-7 --threads 3 --save best --json
best=$(grep -o '"best_seed":[0-9]*' stdout | cut -d: -f2)
check "the best is the first of the highest on the validation samples" test "$best" = "$(awk '
    /"network"/ { match($0, /"seed":[0-9]*/); seed = substr($0, RSTART + 7, RLENGTH - 7); match($0, /"validation_accuracy":[0-9.]*/)
                  value = substr($0, RSTART + 22, RLENGTH - 22); if (value + 0 > most + 0) { most = value; at = seed } }
    END { print at }' stdout)"
told=$(grep '"network",.*"seed":'"$best," stdout | crcs /dev/stdin | tr -d ' ')
expect 0 "$minnow" inspect best --json
check "and is saved" test "$(crcs | cut -d' ' -f1)" = "$told"
refuse 2 'train: --save x with --seeds: which of the networks' "$minnow" train "${options[@]}" --seeds 3 --save x
check "nothing is saved" test ! -e x

# ---- As an ensemble
expect 0 "$minnow" train "${hard[@]}" --seeds 3 --threads 2 --ensemble --save ensemble --json
told=$(grep -o '"ensemble":{[^}]*}' stdout)
check "the seeds are told" grep -q -a '"ensemble_seeds":"3"' ensemble
expect 0 "$minnow" test --data DATA --model ensemble --json
accuracy=$(grep -o '"accuracy":[0-9.]*' stdout | head -n 1 | cut -d: -f2)
check "tested as it was told: $accuracy in $told" grep -q "\"test_accuracy\":${accuracy}[,}]" <<<"$told"
expect 0 "$minnow" predict --model ensemble DATA/t10k-images-idx3-ubyte
check "asked" test "$(wc -l <stdout)" -ge 60
expect 0 "$minnow" inspect ensemble --json
check "three networks" grep -q '"networks":3,' stdout
check "with their tensors" test "$(grep -o '"members\.[0-2]\.layers\.[01]\.weight"' stdout | wc -l)" = 6
expect 0 "$minnow" convert ensemble copy.safetensors
check "a copy is the same" cmp ensemble copy.safetensors
expect 0 "$minnow" convert ensemble ensemble.onnx
expect 0 "$minnow" convert ensemble ensemble.h
check "three networks in C" test "$(grep -c '_member_[0-9]_predict(const float' ensemble.h)" = 3
refuse 2 'ensemble of 3' "$minnow" convert --int8 ensemble bytes.h
refuse 2 'training takes one network; this is an ensemble of 3' "$minnow" train "${options[@]}" --hidden 3 --init ensemble
expect 0 "$minnow" train "${hard[@]}" --seeds 3 --threads 1 --ensemble --isa scalar --json
check "the same on other threads and tables" test "$(grep -o '"ensemble":{[^}]*}' stdout)" = "$told"

# ---- One that diverges is told by its name; the others are trained, and the status tells
expect 1 "$minnow" train "${options[@]}" --seeds 2 --lr 1e6 --loss softmax --activation identity --json
check "named" grep -q '^minnow: seed 1: .*diverged' stderr
check "both" test "$(grep -c '"done":false' stdout)" = 2

# ---- Interrupted
rm -f stdout stderr # or the last run's lines would be taken for this one's
"$minnow" train "${options[@]}" --epochs 100000 --seeds 4 --threads 2 --json >stdout 2>stderr &
pid=$!
await '^networks: ' stderr
sleep 0.3
kill -TERM $pid
ended 143
check "what was not trained is said" grep -q '"event":"interrupted","networks":4,"trained":0' stdout
finish
