#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The host code of the instructions in arm.txt is what arm.x86-64 says.  A
# difference is not wrong in itself: look at it, then run
#     SRC=... BUILD=... tests/codegen/golden.sh update
set -eu
dir=$SRC/tests/codegen
out=$BUILD/tests/codegen/arm.x86-64

for f in avx2 bmi2 fma movbe abm; do
    grep -q "^flags.* $f\( \|\$\)" /proc/cpuinfo || {
        echo "the golden code is that of a host with $f"
        exit 77
    }
done
"$BUILD/tests/codegen/codegen" "$dir/arm.txt" > "$out"
if [ "${1:-}" = update ]; then
    cp "$out" "$dir/arm.x86-64"
    exit 0
fi
diff -u "$dir/arm.x86-64" "$out"
