#!/usr/bin/env bash
# Lists of options that have a name: presets, and the run that trained a model.
. "$(dirname "$0")/common.sh"

# crc: of the parameters, as the run that `run` kept says.
crc() { sed -n 's/.*CRC-32 \([0-9a-f]\{8\}\).*/\1/p' stdout; }

# A preset is the options that it prints, and options beside it win, wherever they stand.
for preset in seed nielsen fast best fashion; do
    expect 0 "$minnow" train --preset $preset --print-options
    check "$preset: not a command" grep -q '^minnow train --hidden [0-9,]* ' stdout
    words=$(sed 's/^minnow train //' stdout)
    # shellcheck disable=SC2086 # a word an option
    expect 0 "$minnow" train $words --print-options
    check "$preset: not the same when given by hand" test "$(sed 's/^minnow train //' stdout)" = "$words"
done
expect 0 "$minnow" train --epochs 2 --preset=nielsen --lr 1 --print-options
check "what stands beside a preset wins" grep -q -e ' --lr 1 .* --epochs 2$' stdout
check "the preset's rest holds" grep -q -e '--hidden 30 --activation sigmoid --loss quadratic' stdout
expect 0 "$minnow" train --print-options --class-names "it's,B c" --save x
check "quoted for the shell" grep -q -F -e "--class-names 'it'\\''s,B c'" stdout
refuse 2 "--preset: expected .*nielsen.*, found 'nilsen'" "$minnow" train --preset nilsen
refuse 2 "--like with --preset" "$minnow" train --preset fast --like x.safetensors

# A model tells the options of its run, which train it again.
options=(--hidden '12,9' --activation 'tanh,relu' --batch 20 --lr 0.05 --schedule cosine --epochs 2 --seed 7)
expect 0 "$minnow" train "${options[@]}" --save net.safetensors
first=$(crc)
check "no checksum" test -n "$first"
expect 0 "$minnow" train --like net.safetensors
check "not the same network: $(crc), not $first" test "$(crc)" = "$first"
expect 0 "$minnow" train --like net.safetensors --seed 8 --print-options
check "options beside --like win" grep -q -e '--hidden 12,9 .*--seed 8$' stdout
check "a name of a file is nobody's option" test -z "$(grep -e --save stdout)"

# A model that goes on has the options of the run that began; one that began with another's weights tells none.
expect 0 "$minnow" train "${options[@]}" --checkpoint ck.safetensors
expect 0 "$minnow" train --resume ck.safetensors --save again.safetensors
expect 0 "$minnow" train --like again.safetensors --print-options
check "the options of the beginning" grep -q -e '--hidden 12,9 .*--seed 7$' stdout
expect 0 "$minnow" train --init net.safetensors --epochs 1 --save other.safetensors
refuse 3 "other.safetensors: the model does not say" "$minnow" train --like other.safetensors
refuse 3 "nothing.safetensors" "$minnow" train --like nothing.safetensors

# Only options that decide on the result are taken from a model, whatever it says.
for bad in '--sparse on' '--save /tmp/stolen' '--batch' '--batch 20 extra' '--quiet --json' 'x'; do
    python3 - "$bad" <<'END' || break
import json, struct, sys
data = open('net.safetensors', 'rb').read()
size = struct.unpack('<Q', data[:8])[0]
header = json.loads(data[8:8 + size])
header['__metadata__']['options'] = sys.argv[1]
text = json.dumps(header).encode()
text += b' ' * (-len(text) % 8)
open('bad.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + data[8 + size:])
END
    run "$minnow" train --like bad.safetensors --print-options
    check "'$bad' was taken: $(cat stdout)" test "$status" != 0
done
check "a file was written" test ! -e /tmp/stolen
finish
