# SPDX-License-Identifier: GPL-2.0-or-later
test-progs += tests/insn/runner
tests/insn/runner-objs := tests/insn/runner.o
script-tests += tests/insn/run.sh
limit-tests/insn/run.sh := 300
