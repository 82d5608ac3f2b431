#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Compiles each header of the tree alone: a header includes what it needs.
# Started by make with SRC, CC, CPPFLAGS and CFLAGS set, in the build folder.

cd "$BUILD" || exit 1
find "$SRC" -name build -prune -o -name '*.h' -printf '%P\n' |
    grep -v '^\(roms\|bench\|tests/guest\)/' | sort >results/headers.txt

# shellcheck disable=SC2016,SC2086  # expanded by the inner shell; word lists
xargs -P 2 -I '{}' sh -c '
    printf "#include \"config.h\"\n#include \"%s\"\n" "$1" |
        $CC $CPPFLAGS $CFLAGS -Wno-unused -fsyntax-only -x c - ||
        { echo "$1 does not compile alone"; exit 1; }
' sh '{}' <results/headers.txt
