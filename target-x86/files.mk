# SPDX-License-Identifier: GPL-2.0-or-later
# Linked once the system side (x86-ops.c) is there.
ifneq ($(wildcard $(srcdir)/target-x86/x86-ops.c),)
target-x86-objs += target-x86/decode.o target-x86/x86.o target-x86/flags.o
target-x86-objs += target-x86/gen-alu.o target-x86/gen-shift.o target-x86/gen-flow.o target-x86/gen-string.o
target-x86-objs += target-x86/helper-int.o target-x86/helper-string.o
endif
