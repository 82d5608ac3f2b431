#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-one.sh NAME: runs one test under a time limit of $LIMIT seconds, with
# nothing on stdin, and leaves "passed failed skipped" in results/NAME.count
# and its output in results/NAME.log.  Started by Makefile.in in the build
# folder; always exits 0, summary.sh decides.
#
# NAME is tests/<folder>/run (a Check runner) or a script below $SRC.

name=$1
log=results/$name.log
mkdir -p "$(dirname "$log")"
case $name in
*/run) command=./$name ;;
*) command=$SRC/$name ;;
esac

export CK_DEFAULT_TIMEOUT="${CK_DEFAULT_TIMEOUT:-60}"
start=$(date +%s)
timeout -k 5 "$LIMIT" "$command" >"$log" 2>&1 </dev/null
status=$?
took=$(($(date +%s) - start))

passed=0
failed=0
skipped=0
counts=$(tail -n 1 "$log" |
    grep -Ex '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped')
checks=$(grep -E '^[0-9]+%: Checks: ' "$log" | tail -n 1)
if [ -n "$counts" ]; then
    # shellcheck disable=SC2046  # three numbers
    set -- $(echo "$counts" | tr -cd '0-9 ')
    passed=$1 failed=$2 skipped=$3
elif [ -n "$checks" ]; then
    # shellcheck disable=SC2046  # per cent, checks, failures, errors
    set -- $(echo "$checks" | tr -cd '0-9 ')
    failed=$(($3 + $4))
    passed=$(($2 - failed))
elif [ $status -eq 77 ]; then
    skipped=1
elif [ $status -eq 0 ]; then
    passed=1
fi
if [ $status -ne 0 ] && [ $status -ne 77 ] && [ "$failed" -eq 0 ]; then
    failed=1
fi
echo "$passed $failed $skipped" >"results/$name.count"

if [ "$failed" -ne 0 ]; then
    what="exit status $status"
    [ $status -lt 124 ] || [ $status -eq 126 ] || [ $status -eq 127 ] ||
        what="exit status $status, limit $LIMIT s"
    printf '  FAIL    %s (%s, %s s)\n' "$name" "$what" "$took"
    tail -n 40 "$log" | sed 's/^/          | /'
elif [ "$skipped" -ne 0 ] && [ "$passed" -eq 0 ]; then
    printf '  SKIP    %s: %s\n' "$name" "$(tail -n 1 "$log")"
else
    printf '  PASS    %s (%s checks, %s s)\n' "$name" "$passed" "$took"
fi
exit 0
