#!/usr/bin/env bash
# Ctrl-C during training: exit status 130, the network so far saved; twice: at once.
. "$(dirname "$0")/common.sh"
set -m # or the shell would start programs in the background with SIGINT ignored
csv_data DATA 200 50

# await PATTERN FILE
await() {
    local i
    for ((i = 0; i < 600; i++)); do
        [ -e "$2" ] && grep -q -e "$1" "$2" && return
        sleep 0.05
    done
    complain "waited in vain for '$1'"
}
# start ARGUMENT…: trains in the background until the first epoch is over.
start() {
    rm -f stdout stderr # or the last run's lines would be taken for this one's
    "$minnow" train --epochs 1000000 --hidden 16 --lr 0.01 "$@" >stdout 2>stderr &
    pid=$!
    await '^epoch ' stderr
}

start --save net
kill -INT $pid
wait $pid
check "exit status $?" test $? = 130
check "says so" grep -q '^interrupted in epoch' stderr
check "no result of a run that did not end" test ! -s stdout
check "the network so far works" "$minnow" test --model net
check "and learnt something" awk '/^accuracy/ { exit !($2 > 30) }' check.out

start
kill -INT $pid
wait $pid
check "exit status without --save: $?" test $? = 130
check "says what is lost" grep -q 'nothing saved' stderr

start --json
kill -INT $pid
wait $pid
check "exit status with --json: $?" test $? = 130
check "an object says so" grep -q '^{"event":"interrupted","epochs":[0-9]' <(tail -n 1 stdout)

# A pipe that nobody reads holds the program in saving; the second interrupt ends it all the same.
mkfifo pipe
start --save pipe
kill -INT $pid
sleep 0.3
check "still saving" kill -0 $pid
kill -INT $pid
wait $pid
check "exit status of the second interrupt: $?" test $? = 130
finish
