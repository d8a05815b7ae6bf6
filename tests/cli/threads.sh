#!/usr/bin/env bash
# How many threads are taken, and whether minnow info tells the truth about why.
. "$(dirname "$0")/common.sh"

# threads EXPECTED COMMAND…: the line of minnow info about them.
threads() {
    local expected="threads           $1"
    shift
    expect 0 "$@"
    check "not '$expected': $*" grep -q -x -e "$expected" stdout
}

expect 0 "$minnow" info --json
if grep -q '"openmp":0' stdout; then
    threads "1: built without OpenMP" env OMP_NUM_THREADS=3 "$minnow" info --threads 2
    expect 0 "$minnow" bench --threads 2 --kernel forward --shape 8,8,8 --kernels-only --seconds 0.01 --json
    check "the work is not counted twice" grep -q '"threads":1,' stdout
    finish
fi

threads "5: --threads" env OMP_NUM_THREADS=3 "$minnow" info --threads 5
threads "3: OMP_NUM_THREADS" env OMP_NUM_THREADS=3,2 "$minnow" info
ignored="OMP_NUM_THREADS=abc is not a number of threads and is ignored"
threads "5: --threads; $ignored" env OMP_NUM_THREADS=abc "$minnow" info --threads 5
threads "[0-9]*: \(one per core\|the CPU quota\); $ignored" env OMP_NUM_THREADS=abc "$minnow" info
threads "[0-9]*: .*; OMP_NUM_THREADS=a?\[31m is not a number of threads and is ignored" \
    env OMP_NUM_THREADS=$'a\033[31m' "$minnow" info
expect 0 env OMP_NUM_THREADS=4x "$minnow" info --json
check "what is ignored, as JSON" grep -q '"omp_num_threads_ignored":"4x"' stdout
expect 0 env OMP_NUM_THREADS=4 "$minnow" info --json
check "nothing is ignored, as JSON" grep -q '"omp_num_threads_ignored":null' stdout

# Control groups of our own making, where a user may mount: one processor's time and a half of it, whatever this
# process's groups are called.
cat >with_quota <<'END'
quota=$1
shift
mount -t tmpfs none /sys/fs/cgroup && mkdir /sys/fs/cgroup/cpu || exit 99
echo "$quota 100000" >/sys/fs/cgroup/cpu.max
echo "$quota" >/sys/fs/cgroup/cpu/cpu.cfs_quota_us
echo 100000 >/sys/fs/cgroup/cpu/cpu.cfs_period_us
exec "$@"
END
quota() {
    unshare --mount --map-root-user bash with_quota "$@"
}
if quota max true 2>stderr; then
    threads "[0-9]*: one per core" quota max "$minnow" info
    check "no quota" test -z "$(grep '^CPU quota' stdout)"
    processors=$(sed -n 's/^threads *\([0-9]*\):.*/\1/p' stdout)
    threads "1: \(the CPU quota\|one per core\)" quota 50000 "$minnow" info
    check "the quota" grep -q -x "CPU quota         time of 0.5 processors, set by the system's control groups" stdout
    threads "$((processors < 2 ? processors : 2)): \(the CPU quota\|one per core\)" quota 150000 "$minnow" info
    check "the quota" grep -q -x "CPU quota         time of 1.5 processors, set by the system's control groups" stdout
    threads "$processors: one per core" quota 100000000 "$minnow" info
    threads "$processors: OMP_NUM_THREADS" env OMP_NUM_THREADS="$processors" \
        unshare --mount --map-root-user bash with_quota 50000 "$minnow" info
    threads "3: --threads" quota 50000 "$minnow" info --threads 3
    expect 0 quota 50000 "$minnow" train --epochs 1 --hidden 512 --batch 512 --json
    check "training keeps to the quota" grep -q '"threads":1,' stdout
    expect 0 quota 150000 "$minnow" info --json
    check "the quota as JSON" grep -q '"cpu_quota":1.5,' stdout
else
    echo "quotas: skipped, as mounting is not allowed here"
fi
finish
