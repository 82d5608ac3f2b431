# SPDX-License-Identifier: GPL-2.0-or-later
# Monitor sessions on a machine without CPUs.
tests-monitor-objs += tests/dev/harness.o
tests-monitor-objs += tests/monitor/test-hmp.o
tests-monitor-objs += tests/monitor/test-line.o
