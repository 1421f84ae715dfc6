# Counts what Surefire's and Failsafe's XML reports say, and names why tests were skipped. The last line has the form
# "tests: N passed, N failed, N skipped".

function attribute(line, name) {
    return match(line, " " name "=\"[^\"]*\"") ? substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
}

function plain(text) {
    gsub(/&#10;.*/, "", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&apos;/, "'", text)
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&amp;/, "\\&", text)
    sub(/^Assumption failed: /, "", text)
    sub(/^.*TestAbortedException: /, "", text)
    return text
}

/^<testsuite / {
    run += attribute($0, "tests")
    bad += attribute($0, "failures") + attribute($0, "errors")
    skipped += attribute($0, "skipped")
}

/^ *<skipped/ {
    reason = plain(attribute($0, "message"))
    reasons[reason == "" ? "no reason given" : reason]++
}

END {
    for (reason in reasons) {
        printf "skipped %d: %s\n", reasons[reason], reason
    }
    printf "tests: %d passed, %d failed, %d skipped\n", run - bad - skipped, bad, skipped
}
