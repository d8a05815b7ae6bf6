#!/usr/bin/env bash
# Ctrl-C during training, or a terminal that closes: exit status 130 or 129, the network so far saved; twice: at once.
. "$(dirname "$0")/common.sh"
set -m # or the shell would start programs in the background with SIGINT ignored
csv_data DATA 200 50
train=("$minnow" train --epochs 1000000 --hidden 16 --lr 0.01)

start "${train[@]}" --save net
await '^epoch *30/' stderr
kill -INT $pid
ended 130
check "says so" grep -q '^interrupted in epoch' stderr
check "no result of a run that did not end" test ! -s stdout
check "the network so far works" "$minnow" test --model net
check "and learnt something" awk '/^accuracy/ { exit !($2 > 30) }' check.out

start "${train[@]}"
kill -INT $pid
ended 130
check "says what is lost" grep -q 'nothing saved' stderr

start "${train[@]}" --json
kill -INT $pid
ended 130
check "an object says so" grep -q '^{"event":"interrupted","epochs":[0-9]' <(tail -n 1 stdout)

# A terminal that closes; but not under nohup, which has the signal ignored, as whoever runs this test may be.
heard=(env --default-signal=HUP)
"${heard[@]}" true 2>heard.out || heard=()
start "${heard[@]}" "${train[@]}" --save hung --checkpoint ck
kill -HUP $pid
ended 129
check "in good order" grep -q '^interrupted in epoch .*to go on: minnow train --resume ck' stderr
check "the network so far works" "$minnow" test --model hung
rm ck
start bash -c 'trap "" HUP; exec "$@"' bash "${train[@]}"
kill -HUP $pid
sleep 0.3
check "nohup" kill -0 $pid
kill -INT $pid
ended 130

# timeout(1) signals a program twice, at an instant. A program that is stopped meets both signals together.
start "${train[@]}" --save twice
kill -STOP $pid
kill -INT $pid
kill -TERM $pid
kill -CONT $pid
while kill -0 $pid 2>kill.out; do sleep 0.05; done # wait would return for its having been stopped
wait $pid
status=$?
check "exit status of two signals at an instant: $status" test $status = 130 -o $status = 143
check "they end it in good order" grep -q '^interrupted in epoch' stderr
check "the network so far works" "$minnow" test --model twice

# A pipe that nobody reads holds the program in saving, after its checkpoint; the second interrupt ends it all the same.
mkfifo pipe
start "${train[@]}" --checkpoint ck --checkpoint-every 1000000 --save pipe
kill -INT $pid
await checkpoint ck
sleep 0.2 # the time in which a second signal counts as the first
check "still saving" kill -0 $pid
kill -TERM $pid
ended 143
check "not in good order" test "$(grep -c '^interrupted' stderr)" = 0
finish
