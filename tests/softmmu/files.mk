# SPDX-License-Identifier: GPL-2.0-or-later
tests-softmmu-objs += tests/softmmu/test-bus.o
tests-softmmu-objs += tests/softmmu/test-irq.o
