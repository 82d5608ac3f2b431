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
