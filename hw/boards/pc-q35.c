/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine "q35". */
#include "config.h"
#include "hw/boards/pc.h"

/* Devices 25 to 31 drive A# to D# as they come; the others go round E# to H#. */
unsigned pc_q35_route(unsigned devfn, unsigned pin)
{
    unsigned device = devfn >> 3;

    return device >= 25 ? pin & 3 : 4 + ((device + pin) & 3);
}
