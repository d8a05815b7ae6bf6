#!/usr/bin/env bash
# minnow predict: the labels that minnow test counts, from any form of the images, with the same probabilities to the
# last bit however they come; and networks that diverged, of which every command warns.
. "$(dirname "$0")/common.sh"
csv_data DATA 600 300
expect 0 "$minnow" convert DATA idx
expect 0 "$minnow" train --hidden 16 --epochs 3 --class-names 'zero,one,two,three,four,five,six,seven,eight,"nine"' \
    --save net
csv=DATA/test_images.csv idx=idx/t10k-images-idx3-ubyte
predict() { "$minnow" predict --model net --json "$@" | sed 's/"input":"[^"]*",//'; }

# ---- What it says
expect 0 "$minnow" predict --model net --json $csv
check "a line per image" test "$(wc -l <stdout)" = 300
check "each as described" test "$(grep -c -E '^\{"input":"DATA/test_images.csv","index":[0-9]+,"label":[0-9],"class":"[a-z]+|\\"nine\\"","probabilities":\[([-+.e0-9]+,){9}[-+.e0-9]+\]\}$' stdout)" = 300
sed 's/"input":"[^"]*",//' stdout >expected
awk -F, '{ for (c = 1; c <= 10; c++) if ($c == 1) print c - 1 }' DATA/test_labels.csv >labels
sed 's/.*"label":\([0-9]\).*/\1/' expected >found
right=$(paste found labels | awk '$1 == $2 { n++ } END { print n + 0 }')
expect 0 "$minnow" test --model net --json
check "as many right as minnow test counts: $right" grep -q "\"correct\":$right," stdout
check "the network has learnt: $right" test "$right" -gt 200
check "the label has the largest probability, and they make 1" awk -F'[][,:]' '
    { label = $4; sum = 0; most = -1
      for (i = 0; i < 10; i++) { p = $(NF - 10 + i); sum += p; if (p > most) { most = p; best = i } }
      if (best != label || sum < 0.99999 || sum > 1.00001) { print; bad = 1 } }
    END { exit bad || NR != 300 }' expected

expect 0 "$minnow" predict --model net $csv
check "people see the class and the two that follow" test "$(grep -c -E '^[0-9]+: ("nine"|[a-z]+) [0-9.]+ %  \(("nine"|[a-z]+) [0-9.]+ %, ("nine"|[a-z]+) [0-9.]+ %\)$' stdout)" = 300
names=(zero one two three four five six seven eight '"nine"')
check "the class is the label" cmp <(while read -r label; do echo "${names[label]}"; done <found) <(cut -d' ' -f2 stdout)
expect 0 "$minnow" predict --model net $csv $idx
check "of several files, which one" test "$(grep -c "^$csv [0-9]*: " stdout) $(grep -c "^$idx [0-9]*: " stdout)" = '300 300'

# ---- The same bits, however they come
check "IDX" cmp expected <(predict $idx)
check "a pipe of IDX" cmp expected <(cat $idx | predict)
check "a pipe of CSV" cmp expected <(cat $csv | predict -)
check "a redirected file" cmp expected <(predict <$idx)
check "one thread, and no vectors" cmp expected <(predict $idx --threads 1 --isa scalar)
check "seven threads" cmp expected <(predict $idx --threads 7)
check "one at a time" cmp <(head -n 20 expected | sed 's/"index":[0-9]*/"index":0/') \
    <(for i in {1..20}; do sed -n ${i}p $csv | predict; done)
if command -v gzip >gzip.path; then
    check "compressed IDX" cmp expected <(gzip -c $idx | predict)
    check "compressed CSV" cmp expected <(gzip -c $csv | predict)
fi
for ((i = 0; i < 9; i++)); do cat $csv; done >long.csv
check "several batches" cmp <(for ((i = 0; i < 9; i++)); do cat expected; done | sed 's/"index":[0-9]*,//') \
    <(predict long.csv | sed 's/"index":[0-9]*,//')
check "numbered through" test "$(predict long.csv | tail -n 1 | sed 's/.*"index":\([0-9]*\),.*/\1/')" = 2699

# Results come while the pipe is open.
mkfifo pipe
"$minnow" predict --model net <pipe >piped &
pid=$!
exec 3>pipe
head -n 2 $csv >&3
until [ "$(wc -l <piped)" = 2 ] || ! kill -0 $pid; do sleep 0.05; done
check "two lines while the pipe is open" test "$(wc -l <piped)" = 2
exec 3>&-
wait $pid
check "exit status $?" test $? = 0

# ---- Scaling, as test does it: a network of another program, made for bytes / 255
expect 0 "$minnow" convert net arrays --to npy
form=(--activation relu --loss softmax)
expect 0 "$minnow" predict --model arrays "${form[@]}" --json $csv
check "the same network without its metadata" cmp <(sed 's/"class":[^[]*,//' expected) <(sed 's/"input":"[^"]*",//' stdout)
expect 0 "$minnow" predict --model arrays "${form[@]}" --input-scaling 1/255 --json $csv
sed 's/"input":"[^"]*",//' stdout >other
check "another scaling" test "$(cksum <expected)" != "$(cksum <other)"
expect 0 "$minnow" predict --model arrays "${form[@]}" --input-scaling 1/255 --json $idx
check "the same for bytes" cmp other <(sed 's/"input":"[^"]*",//' stdout)
awk -F, '{ for (i = 1; i <= NF; i++) printf("%s%.9g", (i > 1 ? "," : ""), $i * 256 / 255); print "" }' $csv >features
refuse 2 'input-scaling: has no effect: features holds features, which are taken as they are' \
    "$minnow" predict --model arrays "${form[@]}" --input-scaling 1/255 --json features
"$minnow" predict --model arrays "${form[@]}" --json features | sed 's/"input":"[^"]*",//' >found
check "features are taken as they are" awk -F'[][,:]' '
    { for (i = 5; i <= NF; i++) if (NR == FNR) expected[FNR, i] = $i; else bad += ($i - expected[FNR, i]) ^ 2 > 1e-8 }
    END { exit bad > 0 || NR != 600 }' other found

# ---- Bad input
refuse 3 'nowhere: ' "$minnow" predict --model nowhere $csv
refuse 3 'nowhere: cannot be opened' "$minnow" predict --model net nowhere
refuse 3 'DATA: is a folder' "$minnow" predict --model net DATA
refuse 3 'DATA/test_labels.csv: rows of 10 values, but the network takes 784' "$minnow" predict --model net DATA/test_labels.csv
refuse 3 'standard input: is empty' "$minnow" predict --model net - </dev/null
paste -d, <(cut -d, -f1 DATA/test_labels.csv) $csv >labelled
refuse 3 'labelled: rows of 785 values, but the network takes 784, and no label' "$minnow" predict --model net labelled
head -c 5000 $idx >short
refuse 3 'short: the header announces 235200 bytes of data, 4984 follow' "$minnow" predict --model net short
expect 3 "$minnow" predict --model net - <short
expect 3 "$minnow" predict --model net --strict $idx nowhere $csv
check "what came before was told" test "$(wc -l <stdout)" = 300
check "one line says why it ended" test "$(wc -l <stderr)" = 1
expect 3 "$minnow" predict --model net $idx nowhere $csv
check "the other files have their turn" test "$(wc -l <stdout)" = 600
check "one line says what is wrong" test "$(cat stderr)" = 'minnow: nowhere: cannot be opened: No such file or directory'
expect 3 "$minnow" predict --model net --json nowhere $csv
check "among the results" test "$(head -n 1 stdout)" = '{"input":"nowhere","error":"nowhere: cannot be opened: No such file or directory"}'

# A bad row among others has a line of its own, and they go on.
{ sed -n 1p $csv; echo 'a,"b'; sed -n 2p $csv; echo 1,2; sed -n '3,$p' $csv; } >rows
expect 3 "$minnow" predict --model net --json rows
check "the others are predicted" cmp <(sed 's/"index":[0-9]*,//' expected) <(grep -v '"error"' stdout | sed 's/"input":"rows","index":[0-9]*,//')
check "a line for each" test "$(grep -n '"error"' stdout)" = "$(printf '%s\n' \
    '2:{"input":"rows","index":1,"error":"rows: line 2, value 1: expected a finite number, found \"a\""}' \
    '4:{"input":"rows","index":3,"error":"rows: line 4: 2 values, expected 784 as in line 1"}')"
check "numbered through" grep -q '"index":301,' stdout
check "one line at the end" test "$(cat stderr)" = 'minnow: rows: 2 of 302 samples bad, the first: rows: line 2, value 1: expected a finite number, found "a"'
expect 3 "$minnow" predict --model net rows rows
check "for people" test "$(grep -c '^rows 1: error: rows: line 2, value 1: ' stdout)" = 2
expect 3 "$minnow" predict --model net --json --strict rows
check "--strict ends at the first" test "$(wc -l <stdout)" = 1
check "and says why" test "$(cat stderr)" = 'minnow: rows: line 2, value 1: expected a finite number, found "a"'
{ echo x1,x2; cat $csv; } >headed
expect 3 "$minnow" predict --model net --json headed
check "a first row too" test "$(grep -c '"error"' stdout) $(wc -l <stdout)" = '1 301'
{ printf '\211PNG\r\n\032\n'; cat $csv; } >image
refuse 3 'image: .*PNG' "$minnow" predict --model net --json --strict image

# A client may send a bad row and go on: the pipe stays open, and each answer comes at once.
mkfifo pipe
"$minnow" predict --model net --json <pipe >answers 2>pipe.err &
pid=$!
exec 3>pipe
{ sed -n 1p $csv; echo nonsense; sed -n 2p $csv; } >&3
until [ "$(wc -l <answers)" = 3 ] || ! kill -0 $pid; do sleep 0.05; done
check "three answers while the pipe is open" test "$(grep -c '"label"' answers) $(grep -c '"error"' answers)" = '2 1'
exec 3>&-
wait $pid
check "exit status $?" test $? = 3
to_head() { "$@" --json long.csv long.csv long.csv | head -n 1 >first; return "${PIPESTATUS[0]}"; }
expect 141 to_head "$minnow" predict --model net
check "a broken pipe ends it quietly" test ! -s stderr
name=$(printf 'caf\351')
if cp $csv "$name" 2>copied; then
    expect 0 "$minnow" predict --model net --json "$name"
    check "a name that is not UTF-8" test "$(grep -c '^{"input":"caf?","index"' stdout)" = 300
fi

# ---- Networks that diverged: a warning
cp -r arrays diverged
printf '\0\0\300\177' | dd of=diverged/layers.1.bias.npy bs=1 seek=128 conv=notrunc status=none
warning='^minnow: warning: diverged: 1 of [0-9]* parameters are not finite'
for command in "predict --json $csv --model" "test --json --model" "inspect --json"; do
    # shellcheck disable=SC2086
    expect 0 "$minnow" $command diverged "${form[@]}"
    check "a warning of $command" test "$(grep -c "$warning" stderr)" = 1
    # shellcheck disable=SC2086
    expect 0 "$minnow" $command diverged "${form[@]}" --quiet
    check "none with --quiet: $command" test ! -s stderr
    check "JSON has no NaN: $command" test "$(grep -c -i -e nan -e inf stdout)" = 0
done
expect 1 "$minnow" convert diverged new.safetensors "${form[@]}"
check "it takes no place of a better one" test "$(grep -c 'not written: .* not finite' stderr)" = 1 -a ! -e new.safetensors

# A run that diverges keeps its last good checkpoint, which is only as good as it was.
expect 0 "$minnow" train --hidden 16 --epochs 2 --save good
cp good network
run "$minnow" train --hidden 16,16,16,16,16,16 --lr 1e5 --schedule constant --epochs 1000000 --warmup 1000000 \
    --checkpoint ck --save network
check "it says so" grep -q '^minnow: training diverged in epoch 9, mini-batch 5: .* lower learning rate' stderr
check "exit status $status" test "$status" = 1 -a -e ck
expect 1 "$minnow" train --resume ck
check "resumed, it diverges again" grep -q '^minnow: training diverged in epoch 9, mini-batch 5: ' stderr
expect 0 "$minnow" inspect ck
check "no warning of the last good one" test ! -s stderr
check "the network of before stays" cmp good network
finish
