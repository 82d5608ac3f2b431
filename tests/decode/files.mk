# SPDX-License-Identifier: GPL-2.0-or-later
script-tests += tests/decode/run.sh tests/decode/check-disas.sh tests/decode/check-disas-a64.sh
test-progs += tests/decode/check-disas
tests/decode/check-disas-uses := util
tests/decode/check-disas-objs := tests/decode/check-disas.o \
	tests/random/gen.o tests/random/gen-a64.o
