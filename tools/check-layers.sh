#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fails when an #include "..." breaks the rules in tests/layers.txt.

src=${SRC:-$(cd "$(dirname "$0")/.." && pwd)}
cd "$src" || exit 1

list=$(mktemp)
trap 'rm -f "$list"' EXIT
find util tcg softmmu target-arm target-x86 accel hw chardev net block \
    monitor ui tools tests bench roms \
    -name '*.[ch]' -o -name '*.inc' 2>/dev/null | sort >"$list"

# shellcheck disable=SC2016  # awk's own variables
xargs awk '
function top(path) { return substr(path, 1, index(path, "/") - 1) }

# Is INC among the words of RULE?
function allowed(rule, inc,    words, n, i) {
    n = split(rule, words, " ")
    for (i = 1; i <= n; i++) {
        if (words[i] == "*" || words[i] == inc)
            return 1
        if (words[i] == top(inc) && inc !~ /\/internal\.h$/)
            return 1
    }
    return 0
}

BEGIN {
    while ((getline line < "tests/layers.txt") > 0) {
        if (line ~ /^#/ || line ~ /^[ \t]*$/)
            continue
        colon = index(line, ":")
        rules[substr(line, 1, colon - 1)] = substr(line, colon + 1)
    }
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    inc = part[2]
    dir = top(FILENAME)
    if (inc == "config.h" || top(inc) == dir || inc ~ /^[^\/]*\.inc$/)
        next
    if (inc !~ /\//) {
        printf "%s:%d: \"%s\": name it from the top of the tree\n", \
            FILENAME, FNR, inc
        bad++
        next
    }
    rule = (FILENAME in rules) ? rules[FILENAME] : rules[dir]
    if (!allowed(rule, inc)) {
        printf "%s:%d: %s must not include \"%s\"\n", FILENAME, FNR, dir, inc
        bad++
    }
}

END {
    if (bad)
        printf "%d includes break the rules of tests/layers.txt\n", bad
    exit bad ? 1 : 0
}
' <"$list"
