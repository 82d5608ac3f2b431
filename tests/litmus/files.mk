# SPDX-License-Identifier: GPL-2.0-or-later
script-tests += tests/litmus/litmus.sh
limit-tests/litmus/litmus.sh := 240
