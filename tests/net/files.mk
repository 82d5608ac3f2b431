# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of net/ (with softmmu/names.c, so everything is linked).
tests-net-objs += tests/net/capture.o
tests-net-objs += tests/net/test-backends.o
tests-net-objs += tests/net/test-defrag.o
tests-net-objs += tests/net/test-gro.o
tests-net-objs += tests/net/test-net.o
tests-net-objs += tests/net/test-offload.o
tests-net-objs += tests/net/test-options.o

test-progs += tests/net/fuzz-user
tests/net/fuzz-user-objs := tests/net/fuzz-user.o
script-tests-long += tests/net/fuzz-user.sh
