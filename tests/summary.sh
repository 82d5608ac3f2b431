#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# summary.sh NAME...: adds up what run-one.sh left for these tests, prints it
# as the last line, and fails if a test did.

passed=0
failed=0
skipped=0
for name; do
    if read -r p f s <"results/$name.count"; then
        passed=$((passed + p))
        failed=$((failed + f))
        skipped=$((skipped + s))
    else
        failed=$((failed + 1))
    fi
done
[ $failed -eq 0 ] || echo "Logs are in $(pwd)/results"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
