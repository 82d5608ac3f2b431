# SPDX-License-Identifier: GPL-2.0-or-later
decode-files += target-arm/a32.decode target-arm/a32-uncond.decode
decode-files += target-arm/t16.decode target-arm/t32.decode
target-arm/a32-uncond.decode.inc: target-arm/a32.decode
target-arm/t16.decode.inc: target-arm/a32.decode
target-arm/t32.decode.inc: target-arm/a32.decode

target-arm-objs += target-arm/a32.o target-arm/a32-dp.o
target-arm-objs += target-arm/a32-ldst.o target-arm/a32-branch.o
target-arm-objs += target-arm/a32-media.o target-arm/a32-sys.o
target-arm-objs += target-arm/helper-int.o

decode-files += target-arm/a64.decode
target-arm-objs += target-arm/a64.o target-arm/a64-dp.o
target-arm-objs += target-arm/a64-branch.o target-arm/a64-sys.o
target-arm-objs += target-arm/a64-ldst.o target-arm/a64-fp-ldst.o \
	target-arm/a64-fp.o
decode-files += target-arm/a64-simd.decode
target-arm-objs += target-arm/simd-ir.o target-arm/a64-simd.o \
	target-arm/a64-simd-misc.o target-arm/a64-simd-shift.o \
	target-arm/a64-simd-elem.o target-arm/a64-simd-ldst.o \
	target-arm/a64-crypto.o target-arm/helper-crypto.o
decode-files += target-arm/a64-simdfp.decode
target-arm-objs += target-arm/a64-simdfp.o target-arm/a64-simdfp-cvt.o \
	target-arm/a64-half.o target-arm/helper-simdfp.o

decode-files += target-arm/vfp.decode target-arm/vfp-v8.decode
decode-files += target-arm/neon.decode
target-arm/vfp-v8.decode.inc: target-arm/vfp.decode

target-arm-objs += target-arm/a32-vfp.o target-arm/a32-neon.o
target-arm-objs += target-arm/a32-neon-wide.o target-arm/a32-neon-fp.o
target-arm-objs += target-arm/a32-neon-shift.o target-arm/a32-neon-misc.o
target-arm-objs += target-arm/a32-neon-ldst.o
target-arm-objs += target-arm/helper-fp.o target-arm/helper-simd.o

target-arm-objs += target-arm/arm-ops.o target-arm/cpus.o target-arm/except.o
target-arm-objs += target-arm/helper-sys.o target-arm/hyp-traps.o target-arm/mmu.o target-arm/mmu64.o \
	target-arm/mmu64-maint.o target-arm/mmu64-iss.o target-arm/psci.o
target-arm-objs += target-arm/sysregs.o target-arm/timer.o target-arm/pmu.o
target-arm-objs += target-arm/cpus64.o target-arm/arm64-ops.o
target-arm-objs += target-arm/sysregs64.o target-arm/sysregs64-access.o
target-arm-objs += target-arm/except64.o target-arm/helper-sys64.o target-arm/a64-priv.o target-arm/a64-names.o
target-arm-objs += target-arm/pauth.o target-arm/a64-pauth.o
