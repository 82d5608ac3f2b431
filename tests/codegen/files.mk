# SPDX-License-Identifier: GPL-2.0-or-later
# Shares the flat machine of tests/random.
test-progs += tests/codegen/codegen
tests/codegen/codegen-uses := util tcg
tests/codegen/codegen-objs = tests/codegen/codegen.o \
	tests/codegen/translate-arm.o tests/random/flat.o \
	$(filter target-arm/%,$(tests/random/diff-qemu-objs))

script-tests += tests/codegen/golden.sh
