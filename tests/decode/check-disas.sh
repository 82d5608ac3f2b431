#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The integer decode tables against Capstone and objdump.
# Skipped (77) without the armhf binutils.
objdump=arm-linux-gnueabihf-objdump
command -v $objdump > /dev/null || { echo "no $objdump"; exit 77; }
exec "$BUILD/tests/decode/check-disas" $objdump 200
