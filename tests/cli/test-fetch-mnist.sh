#!/bin/bash
# tools/fetch-mnist against a server on the loopback interface. The script runs in a copy whose checksums are those of
# small files made here, so that MNIST itself is not needed. Exits 77, skipped, without curl, gzip or python3.
set -u
source_root=$(cd "$(dirname "$0")/../.." && pwd)
for tool in curl gzip python3 sha256sum; do
    command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
folder=$(mktemp -d "${TMPDIR:-/tmp}/minnow-fetch.XXXXXX") || exit 99
server=
# shellcheck disable=SC2317,SC2329 # called by the trap
clean_up() {
    [ -n "$server" ] && kill "$server"
    rm -rf "$folder"
}
trap clean_up EXIT
cd "$folder" || exit 99
export HOME=$folder/home LC_ALL=C no_proxy='*'
unset XDG_CACHE_HOME http_proxy https_proxy all_proxy ALL_PROXY HTTPS_PROXY
names='t10k-images-idx3-ubyte t10k-labels-idx1-ubyte train-images-idx3-ubyte train-labels-idx1-ubyte'
first=t10k-images-idx3-ubyte
failures=0

complain() {
    echo "FAILED in $case_name: $*"
    sed 's/^/    stdout: /' stdout
    sed 's/^/    stderr: /' stderr
    failures=$((failures + 1))
}

# begin NAME: a new case with an empty folder `got` and an empty log of requests.
begin() {
    case_name=$1
    rm -rf got home
    mkdir -p got home
    : >log
}

# run STATUS ARGUMENT…
run() {
    local wanted=$1 status
    shift
    timeout 120 project/tools/fetch-mnist "$@" >stdout 2>stderr </dev/null
    status=$?
    [ "$status" = "$wanted" ] || complain "exit status $status, not $wanted: $*"
}

check() { "$@" || complain "$*"; }

# complete FOLDER: the four files are there and right, and nothing else is.
complete() {
    local name
    for name in $names; do
        cmp -s "served/$name.gz" "$1/$name.gz" || complain "$1/$name.gz is not what was served"
    done
    [ "$(find "$1" -type f | wc -l)" = 4 ] || complain "in $1: $(ls "$1")"
}

one_line() {
    [ "$(wc -l <stderr)" = 1 ] || complain "not one line on standard error"
    grep -q -- "$1" stderr || complain "standard error lacks: $1"
}

requests() { grep -c "$1" log; }

# ---- The copy, the files and the server ----

mkdir -p project/tools project/data served got home
cp "$source_root/tools/fetch-mnist" "$source_root/tools/lib.sh" project/tools/
for name in $names; do
    python3 -c 'import random, sys; random.seed(sys.argv[1]); sys.stdout.buffer.write(random.randbytes(20000))' \
        "$name" >"served/$name"
    (cd served && sha256sum "$name") >>project/data/mnist.sha256
    gzip -n "served/$name"
done
: >stdout
: >stderr
python3 "$source_root/tests/support/range_server.py" served log >port &
server=$!
until [ -s port ] || ! kill -0 $server; do sleep 0.1; done
[ -s port ] || { echo "the server did not start"; exit 99; }
base=http://127.0.0.1:$(cat port)
nobody=http://127.0.0.1:1 # where nothing listens

# ---- Cases ----

begin 'success, then nothing left to do'
run 0 --dir got --mirror "$base/good"
check complete got
check [ "$(requests ' 200 -')" = 4 ]
run 0 --dir got --mirror "$base/good/"
check [ "$(wc -l <log)" = 4 ]
check [ "$(grep -c 'there already' stdout)" = 4 ]

begin 'the default folder'
run 0 --mirror "$base/good"
check complete home/.cache/minnow/mnist
XDG_CACHE_HOME=$folder/home/xdg run 0 --mirror "$base/good"
check complete home/xdg/minnow/mnist
XDG_CACHE_HOME=relative run 0 --mirror "$nobody"
check grep -q 'MNIST is in .*home/.cache/minnow/mnist' stdout

begin 'a part is continued'
head -c 7000 "served/$first.gz" >"got/$first.gz.part"
run 0 --dir got --mirror "$base/good"
check complete got
check [ "$(requests "^/good/$first.gz 206 bytes=7000-")" = 1 ]
check [ "$(wc -l <log)" = 4 ]

begin 'a part that is whole is taken'
cp "served/$first.gz" "got/$first.gz.part"
run 0 --dir got --mirror "$base/good"
check complete got
check [ "$(requests "$first")" = 0 ]

begin 'a part of something else is given up'
head -c 7000 /dev/zero >"got/$first.gz.part"
run 0 --dir got --mirror "$base/good"
check complete got
check [ "$(requests "^/good/$first.gz 200 -")" = 1 ]

begin 'a part that is too long is given up'
cat "served/$first.gz" stdout >"got/$first.gz.part"
run 0 --dir got --mirror "$base/good"
check complete got

begin 'a part, and a server that cannot continue'
head -c 7000 "served/$first.gz" >"got/$first.gz.part"
run 0 --dir got --mirror "$base/whole"
check complete got

begin 'a corrupt mirror, then a good one'
run 0 --dir got --mirror "$base/corrupt" --mirror="$base/good"
check complete got
check [ "$(requests '^/corrupt/.* 200')" = 4 ]
check [ "$(requests '^/good/.* 200')" = 4 ]

begin 'a corrupt mirror alone'
run 1 --dir got --mirror "$base/corrupt"
one_line 'wrong SHA-256'
check [ -z "$(ls got)" ]

begin 'a mirror of sound files with other content'
run 1 --dir got --mirror "$base/other"
one_line 'wrong SHA-256'
check [ -z "$(ls got)" ]
run 0 --dir got --mirror "$base/other" --mirror "$base/good"
check complete got

begin 'a mirror without the files, then a good one, keeping the part'
head -c 7000 "served/$first.gz" >"got/$first.gz.part"
run 0 --dir got --mirror "$base/elsewhere" --mirror "$base/good"
check complete got
check [ "$(requests "^/good/$first.gz 206 bytes=7000-")" = 1 ]

begin 'a damaged file is replaced'
run 0 --dir got --mirror "$base/good"
printf x | dd of="got/$first.gz" bs=1 seek=9000 conv=notrunc 2>dd.log
printf 'more' >>got/train-labels-idx1-ubyte.gz
: >log
run 0 --dir got --mirror "$base/good"
check complete got
check [ "$(wc -l <log)" = 2 ]
check [ "$(grep -c 'is damaged' stderr)" = 2 ]

begin 'offline'
run 1 --dir got --mirror "$nobody" --mirror "$nobody/again"
one_line "^fetch-mnist: $first.gz could not be fetched (is this machine offline?): "
check [ -z "$(ls got)" ]

begin 'offline, with a part that must be kept'
head -c 7000 "served/$first.gz" >"got/$first.gz.part"
run 1 --dir got --mirror "$nobody"
check [ "$(wc -c <"got/$first.gz.part")" = 7000 ]

begin 'an expanded file'
gzip -dc "served/$first.gz" >"got/$first"
run 0 --dir got --mirror "$base/good"
check [ "$(requests "$first")" = 0 ]
echo wrong >"got/$first"
run 1 --dir got --mirror "$base/good"
one_line "got/$first: is not MNIST's"
check grep -q wrong "got/$first"

begin 'a folder that cannot be made'
: >got/file
run 1 --dir got/file/sub --mirror "$base/good"
one_line 'got/file/sub: cannot be written'

begin 'without curl'
mkdir bin
for tool in sh env dirname basename cat cut gzip head mkdir mv rm sed sha256sum; do
    ln -s "$(command -v "$tool")" "bin/$tool"
done
timeout_path=$(command -v timeout)
PATH=$folder/bin "$timeout_path" 60 project/tools/fetch-mnist --dir got >stdout 2>stderr
check [ $? = 1 ]
one_line 'curl is missing'

begin 'usage'
run 0 --help
check grep -q '^Usage: tools/fetch-mnist' stdout
for arguments in --wrong --dir --mirror extra '--dir='; do
    run 2 "$arguments"
    one_line 'see tools/fetch-mnist --help'
done

[ "$failures" = 0 ] && echo "all checks held"
[ "$failures" = 0 ]
