#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The A64 decode table against objdump. Skipped (77) without the arm64 binutils.
objdump=aarch64-linux-gnu-objdump
command -v $objdump > /dev/null || { echo "no $objdump"; exit 77; }
exec "$BUILD/tests/decode/check-disas" $objdump 200 a64
