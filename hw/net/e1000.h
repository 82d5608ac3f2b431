/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between e1000.c and e1000-eeprom.c: the adapter's EEPROM and PHY behind their serial registers. */
#ifndef HW_NET_E1000_H
#define HW_NET_E1000_H

#include <stdbool.h>
#include <stdint.h>

#define E1000_EEPROM_WORDS 64
#define E1000_PHY_REGS 32

/* Microwire device: what the bits of EECD have told it. */
struct e1000_eeprom {
    uint16_t word[E1000_EEPROM_WORDS];
    uint16_t in;             /* bits of the command */
    uint8_t nin, nout, address, eecd, out;
};

struct e1000_phy {
    uint16_t reg[E1000_PHY_REGS];
};

/* Contents for a station address, with its checksum. */
void e1000_eeprom_init(struct e1000_eeprom *e, const uint8_t mac[6]);
/* EECD and EERD (SDM 13.4.3, 13.4.4). */
uint32_t e1000_read_eecd(const struct e1000_eeprom *e);
void e1000_write_eecd(struct e1000_eeprom *e, uint32_t val);
uint32_t e1000_write_eerd(const struct e1000_eeprom *e, uint32_t val);
void e1000_phy_reset(struct e1000_phy *p);
/* MDIC (SDM 13.4.7): the register's value afterwards; *restarted: the PHY negotiates again. */
uint32_t e1000_write_mdic(struct e1000_phy *p, uint32_t val, bool *restarted);

#endif
