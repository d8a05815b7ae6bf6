#!/usr/bin/env bash
# Standard output that is closed or full: one line, exit status 1. A broken pipe: none, 141. Files that are not files: written
# straight through.
. "$(dirname "$0")/common.sh"
csv_data DATA 60 30
train=(train --epochs 1 --hidden 4)
expect 0 "$minnow" "${train[@]}" --save net

commands=('info' 'info --json' '--help' '--version' 'train --help' '-w 1' '-f 0.1,0.2,0.1' 'test --model net'
    'test --model net --json' 'predict --model net DATA/test_images.csv' 'predict --model net DATA/test_images.csv --json'
    "${train[*]}" "${train[*]} --json" "${train[*]} --json --save other")
to_closed() { "$@" >&-; }
to_full() { "$@" >/dev/full; }
all_closed() { "$@" <&- >&- 2>&-; }
for command in "${commands[@]}"; do
    # shellcheck disable=SC2086
    {
        refuse 1 'cannot write standard output: ' to_closed "$minnow" $command --quiet
        [ ! -c /dev/full ] || refuse 1 'cannot write standard output: No space' to_full "$minnow" $command --quiet
        expect 1 all_closed "$minnow" $command
        expect 0 "$minnow" $command 2>&-
    }
done

# Results that are worth more than the pipe they were to go to: the network is saved all the same.
rm -f other
"$minnow" train --epochs 3 --hidden 4 --json --save other 2>stderr | head -c 1 >stdout
status=${PIPESTATUS[0]}
check "a broken pipe: exit status $status" test "$status" = 141
check "not a word of it" test "$(grep -c '^minnow: ' stderr)" = 0
check "the network was saved" "$minnow" test --model other

# Unwritable targets are found out before training, and left as they are.
refuse 1 'nowhere/net: ' "$minnow" "${train[@]}" --save nowhere/net
refuse 1 'DATA: is a folder' "$minnow" "${train[@]}" --save DATA
refuse 2 'an empty one' "$minnow" "${train[@]}" --save ''
check "found out before training" test "$(grep -c epoch stderr)" = 0
before=$(cksum <net)
refuse 3 'nowhere: ' "$minnow" train --data nowhere --save net
check "a failed run leaves the old network" test "$(cksum <net)" = "$before"
refuse 3 'nowhere: ' "$minnow" train --data nowhere --save new
check "a failed run leaves nothing" test ! -e new
expect 1 "$minnow" "${train[@]}" --save /dev/full
check "a full device" grep -q '^minnow: /dev/full: .*No space' stderr
check "no temporary file stays" test -z "$(find . -name '*.tmp*')"

# A file that the system cuts short is no file: what was there stays.
limited() { (ulimit -f 1 && "$@"); }
before=$(cksum <net)
expect 1 limited "$minnow" "${train[@]}" --quiet --save net
check "the old network stays" test "$(cksum <net)" = "$before"
expect 1 limited "$minnow" original --quiet
check "no part of values/" test "$(find values -type f 2>stderr | wc -l)" = 0

expect 0 "$minnow" "${train[@]}" --save /dev/null
check "/dev/null stays a device" test -c /dev/null
mkfifo pipe
cat pipe >through &
expect 0 "$minnow" "${train[@]}" --save pipe
wait $!
check "a pipe stays a pipe" test -p pipe
check "a pipe carries the network" cmp net through
ln -s net link
expect 0 "$minnow" "${train[@]}" --epochs 2 --save link
check "a symbolic link is followed" test -L link
check "the file it names changed" test "$(cksum <net)" != "$before"

# Colour and redrawing only on a terminal.
expect 0 "$minnow" test --model net
check "no escape sequences in a file" test "$(cat stdout stderr | tr -d '\n -~' | wc -c)" = 0
finish
