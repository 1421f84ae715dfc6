# Counts what Surefire's and Failsafe's XML reports say, and names why tests were skipped. The last line has the form
# "tests: N passed, N failed, N skipped".

function attribute(line, name) {
    return match(line, " " name "=\"[^\"]*\"") ? substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
}

# An assumption's message is the first line of the element's text, that of @Disabled an attribute.
function why(line) {
    if (match(line, /<!\[CDATA\[/)) {
        line = substr(line, RSTART + RLENGTH)
        sub(/\]\]>.*/, "", line)
        sub(/^[A-Za-z0-9.]*TestAbortedException: /, "", line)
        sub(/^Assumption failed: /, "", line)
        return line
    }
    line = attribute(line, "message")
    gsub(/&#10;.*/, "", line)
    gsub(/&quot;/, "\"", line)
    gsub(/&lt;/, "<", line)
    gsub(/&gt;/, ">", line)
    gsub(/&amp;/, "\\&", line)
    return line
}

/^<testsuite / {
    run += attribute($0, "tests")
    bad += attribute($0, "failures") + attribute($0, "errors")
    skipped += attribute($0, "skipped")
}

/^ *<skipped/ {
    reason = why($0)
    reasons[reason == "" ? "no reason given" : reason]++
}

END {
    for (reason in reasons) {
        printf "skipped %d: %s\n", reasons[reason], reason
    }
    printf "tests: %d passed, %d failed, %d skipped\n", run - bad - skipped, bad, skipped
}
