# SPDX-License-Identifier: GPL-2.0-or-later
# Parts of CPUs in this process, in a machine whose memory the test writes.
tests-target-arm-objs += tests/dev/harness.o
tests-target-arm-objs += tests/target-arm/mmu64.o
tests-target-arm-objs += tests/target-arm/test-mmu64.o
tests-target-arm-objs += tests/target-arm/test-mmu64-s2.o
tests-target-arm-objs += tests/target-arm/test-mmu64-maint.o
tests-target-arm-objs += tests/target-arm/test-helper-simdfp.o
