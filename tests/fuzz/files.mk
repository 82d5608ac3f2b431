# SPDX-License-Identifier: GPL-2.0-or-later
test-progs += tests/fuzz/fuzz
tests/fuzz/fuzz-objs := tests/fuzz/fuzz.o tests/fuzz/fuzz-targets.o tests/fuzz/fuzz-devices.o tests/fuzz/fuzz-mmio.o tests/fuzz/fuzz-pc.o tests/fuzz/virtio.o \
	tests/dev/harness.o tests/dev/virtio-driver.o

script-tests += tests/fuzz/short.sh
script-tests-long += tests/fuzz/long.sh
limit-tests/fuzz/long.sh := 900
