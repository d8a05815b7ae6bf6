# shellcheck shell=bash disable=SC2034
# What the scripts beside this one share. Each is called with the program's path, works in a folder of its own, and
# ends through `finish`: 0 when every check held, 1 otherwise, 77 when it had to be skipped.
set -u
minnow=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
[ -x "$minnow" ] || { echo "no program: $minnow"; exit 99; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-cli.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99
given_data=${MINNOW_DATA:-}
unset MINNOW_DATA XDG_CACHE_HOME OMP_NUM_THREADS
export HOME=$folder LC_ALL=C
checks=0 failures=0

# complain TEXT…: a check did not hold; shows what the last program run printed.
complain() {
    echo "FAILED: $*"
    sed 's/^/    stdout: /' stdout | head -n 5
    sed 's/^/    stderr: /' stderr | head -n 5
    sed '1,5d; s/^/    stderr: … /' stderr | tail -n 3
    failures=$((failures + 1))
}

# run COMMAND…: keeps standard output, standard error and the exit status.
run() {
    "$@" >stdout 2>stderr
    status=$?
}

# expect STATUS COMMAND…
expect() {
    local wanted=$1
    shift
    run "$@"
    checks=$((checks + 1))
    [ "$status" = "$wanted" ] || complain "exit status $status, not $wanted: $*"
}

# refuse STATUS PATTERN COMMAND…: fails with that status, nothing on standard output, and on standard error one line
# of the program's own, matching the pattern.
refuse() {
    local wanted=$1 pattern=$2
    shift 2
    expect "$wanted" "$@"
    [ ! -s stdout ] || complain "printed results: $*"
    grep -v -e '^data: ' -e '^network: ' stderr >lines
    [ "$(wc -l <lines)" = 1 ] || complain "not one line: $*"
    grep -q '^minnow: ' lines || complain "no 'minnow: ': $*"
    grep -q -e "$pattern" lines || complain "nothing like '$pattern': $*"
}

# await PATTERN FILE: until the program in the background, whose process is $pid, has written it; a slow machine may take
# its time, as Meson has a limit of its own.
await() {
    until grep -q -s -e "$1" "$2"; do
        kill -0 "$pid" 2>kill.out || break
        sleep 0.05
    done
    grep -q -s -e "$1" "$2" || complain "waited in vain for '$1'"
}

# start COMMAND…: trains in the background until an epoch is over; that which trains must not be done by then.
start() {
    rm -f stdout stderr # or the last run's lines would be taken for this one's
    "$@" >stdout 2>stderr &
    pid=$!
    await '^epoch ' stderr
}

# ended STATUS: the program in the background has ended so.
ended() {
    wait $pid
    status=$?
    checks=$((checks + 1))
    [ $status = "$1" ] || complain "exit status $status, not $1"
}

# check TEXT COMMAND…: the command must succeed.
check() {
    local text=$1
    shift
    checks=$((checks + 1))
    "$@" >check.out 2>&1 || complain "$text: $*"
}

finish() {
    echo "$checks checks, $failures failed"
    [ "$failures" = 0 ] && [ "$checks" -gt 0 ]
    exit $?
}

# csv_data FOLDER TRAINING TEST: small images with a bright band per label among noise, as the original's CSV files.
csv_data() {
    mkdir -p "$1"
    csv_subset "$1/train" "$2" 1
    csv_subset "$1/test" "$3" 77777
}

csv_subset() {
    awk -v count="$2" -v seed="$3" -v images="$1_images.csv" -v labels="$1_labels.csv" '
    function draw() { return seed = seed * 16807 % 2147483647 }
    BEGIN {
        for (i = 0; i < count; i++) {
            label = draw() % 10
            line = ""
            for (p = 0; p < 784; p++) {
                row = int(p / 28)
                bright = row >= 2 * label + 3 && row < 2 * label + 6
                level = draw() % 100 < (bright ? 70 : 8) ? 64 + draw() % 192 : 0
                line = line (p ? "," : "") sprintf("%.8f", level / 256)
            }
            print line > images
            line = ""
            for (c = 0; c < 10; c++)
                line = line (c ? "," : "") (c == label ? "1" : "0")
            print line > labels
        }
    }'
}
