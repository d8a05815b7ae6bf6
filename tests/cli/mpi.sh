#!/usr/bin/env bash
# mpi.sh MINNOW MESSAGES MODULE: what mpirun starts. Skipped without it. MESSAGES is mpi_messages.c.
messages=$(realpath "$2") module=$(realpath "$3")
. "$(dirname "$0")/common.sh"
command -v mpirun >/dev/null || { echo "no mpirun"; exit 77; }
"$minnow" info --json | grep -q '"mpi":"' || { echo "minnow has no module for MPI"; exit 77; }

# Root must be allowed to, and more ranks than processors be wanted; without a network, only this host is asked.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_orte_execute_quiet=1
ranks() {
    local count=$1
    shift
    timeout 60 mpirun -n "$count" "$@"
}
ranks 2 true >stdout 2>stderr || { echo "mpirun does not work here: $(head -n 3 stderr)"; exit 77; }

expect 0 ranks 4 "$messages" "$module"
check "messages of four ranks" grep -q '^4 ranks, 4 on this host$' stdout
# Who lives but sends nothing is not waited for without end.
ranks 2 "$messages" "$module" hang >stdout 2>stderr
check "a rank that hangs" test $? != 124
check "and is named" grep -q '^last words: rank 0 .* has waited 1 seconds for rank 1, ' stderr

expect 0 ranks 4 "$minnow" --version
check "one of four ranks speaks" test "$(wc -l <stdout)" = 1
expect 2 ranks 4 "$minnow" inspect nothing
check "and one refuses" test "$(grep -c '^minnow: inspect: runs in one process' stderr)" = 1
expect 3 ranks 1 "$minnow" inspect nothing

# Training: as many ranks as divide the sub-batches, and the same bits. A sample of each is another rank's.
csv_data DATA 200 50
train=("$minnow" train --hidden 16 --batch 20 --epochs 3 --threads 1 --optimizer momentum --lr 0.05)
# crc_of COMMAND…: what it trained, in $crc; the rest of what it printed is in stdout.
crc_of() {
    expect 0 "$@" --json
    crc=$(sed -n 's/.*"event":"done".*"params_crc32":"\([0-9a-f]*\)".*/\1/p' stdout)
}
crc_of "${train[@]}" --sub-batches 8
wanted=$crc
check "a checksum" test -n "$wanted"
for count in 1 4; do
    crc_of ranks $count "${train[@]}" --checkpoint "ck$count" --log "log$count.csv"
    check "the bits of $count ranks" test "$crc" = "$wanted"
    check "one of $count speaks" test "$(grep -c '"event":"done"' stdout)" = 1
    check "and logs" test "$(wc -l <"log$count.csv")" = 4
done
expect 2 ranks 3 "${train[@]}"
check "which numbers do" test "$(grep -c '^minnow: train: --sub-batches 8: .* mpirun -n 1, 2, 4 or 8 can' stderr)" = 1
expect 3 ranks 2 "${train[@]}" --data nothing
check "one complains" test "$(grep -c '^minnow: nothing: ' stderr)" = 1

# What is wrong with one rank alone, here the last one: told by rank 0, and nobody waits for it.
# alone STATUS TEXT OPTIONS…: where the last of two ranks has these options beside those of the first.
alone() {
    local status=$1 text=$2
    shift 2
    expect "$status" timeout 60 mpirun -n 1 "${train[@]}" : -n 1 "${train[@]}" "$@"
    check "one says '$text'" test "$(grep -c "^minnow: rank 1.*$text" stderr)" = 1
}
csv_data OTHER 199 50
alone 3 'nothing: ' --init nothing
alone 3 'nothing: ' --data nothing
alone 2 'weight decay' --weight-decay 0.01
alone 2 'training samples' --data OTHER
alone 2 '--batc' --batc 20
expect 2 ranks 2 "${train[@]}" --rank-timeout 0.2
check "too short a silence" test "$(grep -c '^minnow: train: --rank-timeout 0.2: .* expected 2 or more' stderr)" = 1

# A rank that dies ends the run, and the checkpoint goes on, on fewer ranks.
long=("$minnow" train --hidden 16 --batch 20 --epochs 1000000 --threads 1 --checkpoint "$folder/killed" --checkpoint-every 0.1s)
OMPI_MCA_orte_execute_quiet=0 ranks 4 "${long[@]}" >stdout 2>stderr &
pid=$!
for _ in $(seq 200); do [ ! -s killed ] || break; sleep 0.1; done
check "a checkpoint" test -s killed
victim=$(pgrep -f "^$minnow train .*$folder/killed" | tail -n 1)
check "a rank to kill" kill -KILL "$victim"
wait $pid
status=$?
check "the run ended" test $status != 0
check "no rank is left" test -z "$(pgrep -f "^$minnow train .*$folder/killed")"
check "somebody says why" grep -qiE 'killed|signal 9|minnow: ' stderr
expect 0 "$minnow" inspect killed

refuse 2 'mpirun -n 2' "$minnow" bench --comm
expect 0 ranks 2 "$minnow" bench --comm --seconds 0 --json
check "messages" test "$(grep -c '"bench":"comm"' stdout)" -ge 1
check "steps" grep -q '"bench":"comm_step"' stdout
# What the model says of a step's bytes is what a step sends.
sed -n 's/.*"bytes_sent":\([0-9.e+]*\),"measured_bytes_sent":\([0-9.e+]*\)}.*/\1 \2/p' stdout >bytes
check "waiting, which is part of a step" awk -F '[:,}]' '{ for (i = 1; i < NF; i++) value[$i] = $(i + 1) }
    /comm_step/ { steps++; if (!(value["\"measured_wait_seconds\""] <= value["\"measured_seconds\""])) exit 1 }
    END { exit steps != 3 }' stdout
check "bytes" awk '$1 != $2 || $1 < 100000 { exit 1 } END { exit NR != 3 }' bytes
expect 0 "$minnow" bench --comm --predict
check "it says that it predicts" grep -q '^Predicted, not measured' stdout
check "and a network of README, on each fabric" test "$(grep -c '^| 784-128-64-10 ' stdout)" = 3

# Where the launcher is another library's, every process would believe that it is alone.
refuse 2 'sees 1' env OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 "$minnow" bench --comm
finish
