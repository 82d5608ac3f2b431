# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Read by the command line's tests. Each case ends in `passed` or `failed WHY`; `finish` prints the count that run-one.sh reads.

own=$SRC/roms/boot-arm/demo.bin
work=$BUILD/cli/$(basename "$0" .sh)
rm -rf "$work"
mkdir -p "$work"
npassed=0
nfailed=0
nskipped=0

passed() {
    npassed=$((npassed + 1))
}

failed() {
    echo "FAILED: $1"
    nfailed=$((nfailed + 1))
}

skipped() {
    echo "skipped: $1"
    nskipped=$((nskipped + 1))
}

finish() {
    echo "$npassed passed, $nfailed failed, $nskipped skipped"
    [ $nfailed -eq 0 ]
}

# The emulator with a time limit and nothing on stdin; output in $work/out and $work/err, status in $status.
run() {
    status=0
    timeout -k 5 20 "$TINAMOU" "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
}

# Wait until COMMAND succeeds, at most 10 s.
await() {
    tries=100
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.1
    done
}
