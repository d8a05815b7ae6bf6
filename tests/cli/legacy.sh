#!/usr/bin/env bash
# The original program's interface: its output lines, its files, each of its options.
. "$(dirname "$0")/common.sh"
csv_data DATA 2100 250

expect 0 "$minnow" -l 0.17
cp stdout trained
# The shape of the whole output, every number but the image numbers replaced.
sed -E 's/^(Your Label|Correct Label): [0-9]$/\1: L/; s/^Accuracy: (1\.0|0\.[0-9]{1,5})$/Accuracy: A/
        s/^[0-9]+\.[0-9]{1,3}% of ([0-9])/P% of \1/; s/^([0-9]): [0-9.]+% \([0-9]+ of [0-9]+\)$/\1: R/
        s/^(final accuracy is:) [0-9]+\.[0-9]{1,2}%$/\1 F%/' stdout >shape
{
    printf '\nTRAINING:\n\n'
    printf 'Current image number: %d\n' 0 1000 2000
    printf '\nsaving weights and biases to values directory\n\nTESTING:\n\n'
    printf -- '-- Image #%d --\nYour Label: L\nCorrect Label: L\nAccuracy: A\n\n' 1 101 201
    printf 'Percentage incorrect for each label:\n'
    printf "P%% of %d's were incorrect.\n" 0 1 2 3 4 5 6 7 8 9
    printf '\nError rate of each label:\n'
    printf '%d: R\n' 0 1 2 3 4 5 6 7 8 9
    printf '\nfinal accuracy is: F%%\n'
} >wanted
check "output of the original's shape" diff wanted shape
check "data, its folder and the training time are on standard error" \
    grep -q '^trained on 2100 images in [0-9.]* s$' stderr

# The ten lines are shares of all errors, and so make 100 %; accuracy and the true rates agree.
check "shares of all errors" awk "/'s were incorrect/ { sum += \$1 } END { exit !(sum > 99.9 && sum < 100.1) }" trained
check "true error rates" awk '
    /^[0-9]: / { gsub(/[()%]/, ""); wrong += $3; all += $5; if (($2 - 100 * $3 / $5)^2 > 1e-5) exit 1 }
    /^final/ { sub("%", ""); if (all != 250 || ($4 - 100 * (all - wrong) / all)^2 > 1e-4) exit 1 }' trained
check "training did something" awk '/^final/ { sub("%", ""); exit !($4 > 20) }' trained

# values/: the format of numpy.savetxt, read back to the same bits and the same results.
check "rows and columns of weights_1" awk -F, 'NF != 16 { exit 1 } END { exit NR != 784 }' values/weights_1.csv
check "rows of biases_3" awk -F, 'NF != 1 { exit 1 } END { exit NR != 10 }' values/biases_3.csv
check "numbers as %.18e" grep -Eqx -- '-?[0-9]\.[0-9]{18}e[-+][0-9]{2}' values/biases_1.csv
expect 0 "$minnow" -d 1
check "-d 1 tests the network that was saved" diff <(sed -n '/^TESTING/,$p' trained) <(sed -n '/^TESTING/,$p' stdout)
check "-d 1 does not train" test "$(grep -c TRAINING stdout)" = 0
expect 0 "$minnow" -d 1 --json
crc=$(sed 's/.*"params_crc32":"\([0-9a-f]*\)".*/\1/' stdout)
expect 0 "$minnow" -w 1 --json
check "-d 1 has the trained bits" grep -q "\"params_crc32\":\"$crc\"" stdout

# Options take effect.
rm -rf values
expect 0 "$minnow" -w 1
check "-w 1 saves nothing" test ! -e values
check "-w 1 does not say it does" test "$(grep -c saving stdout)" = 0
check "-w 1 prints the same otherwise" diff <(grep -v -e saving trained | cat -s) <(cat -s stdout)
expect 0 "$minnow" -s 5 -t7 -w 0
check "-s" awk -F, 'END { exit NF != 5 }' values/weights_1.csv
check "-t" awk -F, 'NF != 7 { exit 1 } END { exit NR != 5 }' values/weights_2.csv
expect 0 "$minnow" -d 1
for option in '-l 0.5' '-seed' '-t 8'; do
    [ "$option" = -seed ] && option='--seed 2'
    # shellcheck disable=SC2086
    expect 0 "$minnow" -w 1 --json $option
    check "$option changes the network" test "$(grep -c "\"params_crc32\":\"$crc\"" stdout)" = 0
done

# The finder: one fresh training per rate, the end included, nothing saved.
rm -rf values
expect 0 "$minnow" -f 0.1,0.3,0.1
check "a head" diff <(echo 'Accuracy per learning rate:') <(head -n 1 stdout)
check "one line a rate" diff <(printf '%s\n' 0.1 0.2 0.3) <(sed -n 's/^\(0\.[123]\): [01]\.[0-9]*$/\1/p' stdout)
check "and no more" test "$(wc -l <stdout)" = 4
check "nothing but the data on standard error" test "$(grep -vc '^data: ' stderr)" = 0
cp stdout list
check "the finder saves nothing" test ! -e values
third=$(sed -n 's/^0.3: //p' list)
expect 0 "$minnow" -l 0.3 -w 1 --json
check "a rate of the finder gives what -l gives" awk -v want="$third" '
    match($0, /"accuracy":[0-9.]+/) { exit (substr($0, RSTART + 11, RLENGTH - 11) - want)^2 > 1e-10 }' stdout

# With and without the command's name, which replaces values/ and says so.
expect 0 "$minnow" original
check "values/ was not there" test "$(grep -c '^values/' stderr)" = 0
check "the command alone" diff trained stdout
printf '0\n' >values/biases_1.csv
expect 0 "$minnow" -l 0.17
check "values/ is replaced, and said to be" grep -qx 'values/ holds the network of another run, which this one replaces; -w 1 keeps it' stderr
check "it is replaced" test "$(wc -l <values/biases_1.csv)" = 16
expect 0 "$minnow" original -w 1
check "-w 1 replaces nothing" test "$(grep -c '^values/' stderr)" = 0

# No wrong answer at all: no division by zero. One image, labelled as the network sees it.
expect 0 "$minnow" original
label=$(sed -n 's/^Your Label: //p' stdout | head -n 1)
mkdir one
head -n 1 DATA/test_images.csv >one/test_images.csv
awk -v l="$label" 'BEGIN { for (c = 0; c < 10; c++) printf "%s%d", c ? "," : "", c == l; print "" }' >one/test_labels.csv
expect 0 "$minnow" -d 1 --data one
check "0.0 of each label" test "$(grep -c "^0\.0% of [0-9]'s were incorrect\.$" stdout)" = 10
check "1.0" grep -qx 'Accuracy: 1.0' stdout
check "100.0" grep -qx 'final accuracy is: 100.0%' stdout
check "labels that do not occur" test "$(grep -c ': no such image$' stdout)" = 9

# In file order: of one image, first called 0 many times and then 1, the later label stays.
mkdir order
for ((i = 0; i < 600; i++)); do cat one/test_images.csv; done >order/train_images.csv
for ((i = 0; i < 600; i++)); do [ $i -lt 500 ] && echo 1,0,0,0,0,0,0,0,0,0 || echo 0,1,0,0,0,0,0,0,0,0; done >order/train_labels.csv
cp one/test_images.csv order && echo 0,1,0,0,0,0,0,0,0,0 >order/test_labels.csv
expect 0 "$minnow" --data order -l 1 -w 1
check "file order" grep -qx 'Your Label: 1' stdout

# Files that do not fit.
printf '1\n2\n' >values/biases_2.csv
refuse 3 'values/' "$minnow" -d 1
rm -rf values
refuse 3 'values: ' "$minnow" -d 1

# values/ that cannot be written is found out before training. (Modes do not stop root, so no test by chmod.)
touch values
refuse 1 'values: ' "$minnow" original
rm values
mkdir -p values/biases_3.csv
refuse 1 'values/biases_3.csv: ' "$minnow" original
check "nothing half-written" test "$(find values -type f | wc -l)" = 0
finish
