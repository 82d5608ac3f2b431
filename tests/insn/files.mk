# SPDX-License-Identifier: GPL-2.0-or-later
test-progs += tests/insn/runner
tests/insn/runner-objs := tests/insn/runner.o
test-progs += tests/insn/runner-x86
tests/insn/runner-x86-objs := tests/insn/runner-x86.o
script-tests += tests/insn/run.sh
limit-tests/insn/run.sh := 300
