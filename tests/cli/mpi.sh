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

expect 0 ranks 4 "$minnow" --version
check "one of four ranks speaks" test "$(wc -l <stdout)" = 1
expect 2 ranks 4 "$minnow" inspect nothing
check "and one refuses" test "$(grep -c '^minnow: inspect: runs in one process' stderr)" = 1
expect 3 ranks 1 "$minnow" inspect nothing

refuse 2 'mpirun -n 2' "$minnow" bench --comm
expect 0 ranks 2 "$minnow" bench --comm --seconds 0 --json
check "messages" test "$(grep -c '"bench":"comm"' stdout)" -ge 1
check "steps" grep -q '"bench":"comm_step"' stdout
expect 0 "$minnow" bench --comm --predict
check "it says that it predicts" grep -q '^Predicted, not measured' stdout
check "and a network of README, on each fabric" test "$(grep -c '^| 784-128-64-10 ' stdout)" = 3

# Where the launcher is another library's, every process would believe that it is alone.
refuse 2 'sees 1' env OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 "$minnow" bench --comm
finish
