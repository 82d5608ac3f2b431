# SPDX-License-Identifier: GPL-2.0-or-later
tests-target-x86-objs += tests/target-x86/test-decode.o tests/target-x86/capstone.o
