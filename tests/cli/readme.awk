# Takes README.md apart for readme.sh: `awk -v out=FOLDER -f readme.awk README.md` writes each fenced block that has a
# language into FOLDER/NNN.LANGUAGE, the text block that follows one of sh into FOLDER/NNN.wanted, and for each a line to
# standard output: its number, language, line, section and the HTML comment above it, separated by tabs. What stands
# between the blocks goes to FOLDER/prose.

function flush_block(    path) {
    if (language == "text" && follows) {
        path = out "/" last ".wanted"
        printf "%s", body >path
        close(path)
    } else if (language == "text") {
        printf "README.md:%d: an output that follows no command\n", start >"/dev/stderr"
        wrong = 1
    } else if (language != "") {
        last = sprintf("%03d", ++blocks)
        path = out "/" last "." language
        printf "%s", body >path
        close(path)
        printf "%s\t%s\t%d\t%d\t%s\n", last, language, start, section, comment == "" ? "-" : comment
    }
    follows = language == "sh"
    comment = ""
}

!inside && /^```/ {
    inside = 1
    start = NR
    language = substr($0, 4)
    body = ""
    next
}
inside && /^```$/ {
    inside = 0
    flush_block()
    next
}
inside {
    body = body $0 "\n"
    next
}
{ print >(out "/prose") }
/^## / { section++ }
/^<!-- .* -->$/ {
    comment = substr($0, 6, length($0) - 9)
    next
}
/./ {
    comment = ""
    follows = 0
}
END {
    if (inside) {
        printf "README.md:%d: a block without an end\n", start >"/dev/stderr"
        wrong = 1
    }
    exit wrong
}
