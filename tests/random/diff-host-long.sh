#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# 50 million cases; see diff-host.sh.
exec sh "$SRC/tests/random/diff-host.sh" long
