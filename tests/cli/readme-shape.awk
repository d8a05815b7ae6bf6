# Compares what a command printed with what README.md shows, in shape: `awk -v exact=0 -f readme-shape.awk WANTED PRINTED`.
# Numbers become #, as times and rates are the machine's; what names the network stays, and with exact=1 the CRC-32. A line
# "…" stands for any number of lines. The exit status is 1, and the first line that differs is printed, if they do.

function shape(line,    kept) {
    kept = ""
    if (exact && match(line, /CRC-32 [0-9a-f]+$/)) {
        kept = substr(line, RSTART)
        line = substr(line, 1, RSTART - 1)
    }
    sub(/; (scalar|avx2|avx512|neon), [0-9]+ threads?$/, "; the machine", line)
    if (line !~ /^network: /) {
        sub(/CRC-32 [0-9a-f]+/, "CRC-32 #", line)
        gsub(/[0-9][0-9,]*[0-9]/, "#", line)
        gsub(/[0-9#]+(\.[0-9#]+)?(e[-+]?[0-9#]+)?/, "#", line)
        gsub(/, *#/, ",#", line)
        gsub(/(,#)+/, ",#", line)
    }
    gsub(/  +/, " ", line)
    return line kept
}

# Whether the lines wanted from w on are those printed from p on.
function matches(w, p) {
    for (; w <= wanted_count; w++) {
        if (wanted[w] == "…") {
            if (w == wanted_count)
                return 1
            for (; p <= printed_count; p++)
                if (printed[p] == wanted[w + 1] && matches(w + 1, p))
                    return 1
            if (w >= furthest) {
                furthest = w + 1
                found = "no such line"
            }
            return 0
        }
        if (p > printed_count || printed[p] != wanted[w]) {
            if (w >= furthest) {
                furthest = w
                found = p > printed_count ? "the end" : printed[p]
            }
            return 0
        }
        p++
    }
    if (p <= printed_count) {
        furthest = wanted_count + 1
        found = printed[p]
    }
    return p > printed_count
}

FNR == NR { wanted[++wanted_count] = shape($0); next }
{ printed[++printed_count] = shape($0) }
END {
    if (matches(1, 1))
        exit 0
    printf "expected: %s\n   found: %s\n", (furthest > wanted_count ? "the end" : wanted[furthest]), found
    exit 1
}
