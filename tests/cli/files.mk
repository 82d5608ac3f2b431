# SPDX-License-Identifier: GPL-2.0-or-later
script-tests += tests/cli/bad-input.sh tests/cli/help.sh tests/cli/options.sh \
	tests/cli/serial.sh tests/cli/dumpdtb.sh
