#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# native.sh NAMES PERCENT   the suite's work on the host, by the same commands. Started by run.py.
bench=$1 pct=$2
B=$(sh "$SRC/tools/get-guest.sh" busybox-amd64)/bin/busybox
PROGRAM=$BUILD/bench/bench-amd64
DATA_XZ=$BUILD/bench/data.xz
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
. "$SRC/bench/guest/commands"
