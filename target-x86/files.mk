# SPDX-License-Identifier: GPL-2.0-or-later
target-x86-objs += target-x86/decode.o target-x86/x86.o target-x86/flags.o
target-x86-objs += target-x86/gen-alu.o target-x86/gen-shift.o target-x86/gen-flow.o target-x86/gen-string.o
target-x86-objs += target-x86/gen-x87.o target-x86/gen-mmx.o target-x86/helper-fpu-env.o
target-x86-objs += target-x86/gen-sse.o target-x86/gen-sse-fp.o target-x86/gen-sse-move.o target-x86/gen-avx.o target-x86/helper-sse.o
target-x86-objs += target-x86/helper-int.o target-x86/helper-string.o
target-x86-objs += target-x86/x86-ops.o target-x86/cpus.o target-x86/mmu.o target-x86/cregs.o target-x86/seg.o target-x86/far.o
target-x86-objs += target-x86/task.o target-x86/except.o target-x86/msr.o target-x86/smm.o
target-x86-objs += target-x86/gen-sys.o target-x86/helper-seg.o target-x86/helper-sys.o target-x86/helper-xsave.o
target-x86-objs += target-x86/mxcsr.o target-x86/helper-fpu.o
