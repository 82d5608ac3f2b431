# SPDX-License-Identifier: GPL-2.0-or-later
# Flat memory and User mode: no softmmu, no system side of the target.
test-progs += tests/random/diff-qemu
tests/random/diff-qemu-uses := util tcg
tests/random/diff-qemu-objs := tests/random/diff-qemu.o tests/random/flat.o \
	tests/random/gen.o tests/random/gen-a64.o \
	$(patsubst %,target-arm/%.o,a32 a32-dp a32-ldst a32-branch a32-media \
	a32-sys a32-vfp a32-neon a32-neon-wide a32-neon-fp a32-neon-shift \
	a32-neon-misc a32-neon-ldst helper-int helper-fp helper-simd \
	a64 a64-dp a64-branch a64-sys a64-ldst a64-fp-ldst a64-fp simd-ir \
	a64-simd a64-simd-misc a64-simd-shift a64-simd-elem a64-simd-ldst \
	a64-pauth a64-simdfp a64-simdfp-cvt a64-half helper-simdfp a64-crypto helper-crypto)

script-tests += tests/random/diff-qemu.sh
script-tests += tests/random/diff-qemu-a64.sh
script-tests += tests/random/pauth-qemu.sh tests/random/bti-qemu.sh
script-tests-long += tests/random/diff-qemu-a64-long.sh
limit-tests/random/diff-qemu-a64-long.sh := 1800
script-tests-long += tests/random/diff-qemu-long.sh
limit-tests/random/diff-qemu-long.sh := 1800
script-tests += tests/random/diff-host.sh
script-tests-long += tests/random/diff-host-long.sh
limit-tests/random/diff-host-long.sh := 1800

# x86 against the host's processor
test-progs += tests/random/diff-host
tests/random/diff-host-uses := util tcg
tests/random/diff-host-objs := tests/random/diff-host.o tests/random/decode-host.o tests/random/host-x86.o tests/random/flat-x86.o \
	tests/random/gen-x86.o tests/random/gen-x86-state.o tests/random/gen-x86-rows.o tests/random/sys-x86.o \
	$(patsubst %,target-x86/%.o,decode x86 gen-sys helper-sys helper-xsave flags mxcsr helper-fpu helper-fpu-env gen-x87 gen-mmx gen-alu gen-shift gen-flow gen-string helper-int helper-string \
	gen-sse gen-sse-fp gen-sse-move gen-avx helper-sse)
