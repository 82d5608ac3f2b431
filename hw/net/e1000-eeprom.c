/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EEPROM (93C46, 64 words) and PHY (88E1000) of the 82540EM: e1000.h. */
#include "config.h"
#include <string.h>
#include "hw/net/e1000.h"
#include "util/endian.h"
#include "util/log.h"

#define EEPROM_SUM 0xbaba
#define EEPROM_COMMAND_BITS 9    /* start, two of operation, six of address */
#define EEPROM_READ 6

enum eecd { EECD_SK = 1, EECD_CS = 2, EECD_DI = 4, EECD_DO = 8, EECD_REQ = 0x40, EECD_GNT = 0x80, EECD_PRESENT = 0x100, EECD_WRITABLE = 0x77 };
enum eerd { EERD_START = 1, EERD_DONE = 0x10 };
enum mdic { MDIC_WRITE = 1, MDIC_READ = 2, MDIC_READY = 1 << 28, MDIC_ERROR = 1 << 30 };
enum phy_reg { PHY_CTRL = 0, PHY_STATUS = 1, PHY_ID1 = 2, PHY_ID2 = 3, PHY_ADVERTISE = 4, PHY_PARTNER = 5, PHY_1000_CTRL = 9, PHY_1000_STATUS = 10,
               PHY_SPEC_CTRL = 16, PHY_SPEC_STATUS = 17, PHY_EXT_CTRL = 20 };
enum phy_ctrl { PHY_RESTART = 0x200, PHY_RESET = 0x8000 };

void e1000_eeprom_init(struct e1000_eeprom *e, const uint8_t mac[6])
{
    uint16_t sum = 0;

    memset(e, 0, sizeof(*e));
    for (int i = 0; i < 3; i++)
        e->word[i] = ld16_le(mac + 2 * i);
    e->word[0x0a] = 0x4408;      /* initialization control: the subsystem's numbers are here */
    e->word[0x0b] = 0x1100;      /* subsystem, its vendor, device, vendor */
    e->word[0x0c] = 0x1af4;
    e->word[0x0d] = 0x100e;
    e->word[0x0e] = 0x8086;
    e->word[0x0f] = 0x3040;
    for (int i = 0; i < E1000_EEPROM_WORDS - 1; i++)
        sum += e->word[i];
    e->word[E1000_EEPROM_WORDS - 1] = (uint16_t)(EEPROM_SUM - sum);
}

uint32_t e1000_read_eecd(const struct e1000_eeprom *e)
{
    return e->eecd | (e->out ? EECD_DO : 0) | (e->eecd & EECD_REQ ? EECD_GNT : 0) | EECD_PRESENT;
}

/* Bits go in and out with the rising clock; the command ends with chip select. */
void e1000_write_eecd(struct e1000_eeprom *e, uint32_t val)
{
    bool rises = val & ~(uint32_t)e->eecd & EECD_SK;

    e->eecd = val & EECD_WRITABLE;
    if (!(val & EECD_CS)) {
        e->in = 0;
        e->nin = e->nout = 0;
        e->out = 0;
        return;
    }
    if (!rises)
        return;
    if (e->nin < EEPROM_COMMAND_BITS) {
        if (!e->nin && !(val & EECD_DI))
            return;              /* the start bit is 1 */
        e->in = (uint16_t)(e->in << 1 | (val & EECD_DI ? 1 : 0));
        if (++e->nin == EEPROM_COMMAND_BITS) {
            e->address = e->in & (E1000_EEPROM_WORDS - 1);
            if (e->in >> 6 != EEPROM_READ)
                log_unimp("e1000: EEPROM operation %u", e->in >> 6);
        }
        e->out = 0;
        return;
    }
    if (e->in >> 6 != EEPROM_READ)
        return;
    e->out = e->word[e->address] >> (15 - e->nout) & 1;
    if (++e->nout == 16) {
        e->nout = 0;
        e->address = (uint8_t)((e->address + 1) % E1000_EEPROM_WORDS);
    }
}

uint32_t e1000_write_eerd(const struct e1000_eeprom *e, uint32_t val)
{
    unsigned address = val >> 8 & 0xff;

    if (!(val & EERD_START))
        return val & 0xff00;
    return (address < E1000_EEPROM_WORDS ? (uint32_t)e->word[address] << 16 : 0) | (val & 0xff00) | EERD_DONE;
}

/* ---- PHY --------------------------------------------------------------------------------------- */

void e1000_phy_reset(struct e1000_phy *p)
{
    memset(p, 0, sizeof(*p));
    p->reg[PHY_CTRL] = 0x1140;
    p->reg[PHY_STATUS] = 0x796d;         /* the link is up, negotiation done */
    p->reg[PHY_ID1] = 0x0141;
    p->reg[PHY_ID2] = 0x0c20;
    p->reg[PHY_ADVERTISE] = 0x0de1;
    p->reg[PHY_PARTNER] = 0x45e1;
    p->reg[PHY_1000_CTRL] = 0x0e00;
    p->reg[PHY_1000_STATUS] = 0x7c00;
    p->reg[PHY_SPEC_CTRL] = 0x0360;
    p->reg[PHY_SPEC_STATUS] = 0xac08;    /* 1000 Mb/s, full duplex, resolved, link */
    p->reg[PHY_EXT_CTRL] = 0x0d60;
}

static void write_phy(struct e1000_phy *p, unsigned reg, uint16_t val, bool *restarted)
{
    switch (reg) {
    case PHY_CTRL:
        if (val & PHY_RESET)
            e1000_phy_reset(p);
        else
            p->reg[PHY_CTRL] = val & 0x7dff;
        *restarted = val & (PHY_RESET | PHY_RESTART);
        break;
    case PHY_STATUS: case PHY_ID1: case PHY_ID2: case PHY_PARTNER: case PHY_1000_STATUS: case PHY_SPEC_STATUS:
        break;
    default:
        p->reg[reg] = val;
        break;
    }
}

uint32_t e1000_write_mdic(struct e1000_phy *p, uint32_t val, bool *restarted)
{
    unsigned reg = val >> 16 & 31, phy = val >> 21 & 31, op = val >> 26 & 3;

    *restarted = false;
    val &= ~(uint32_t)(MDIC_ERROR | MDIC_READY);
    if (phy != 1 || (op != MDIC_READ && op != MDIC_WRITE))
        return val | MDIC_READY | MDIC_ERROR;
    if (op == MDIC_WRITE)
        write_phy(p, reg, (uint16_t)val, restarted);
    else
        val = (val & 0xffff0000) | p->reg[reg];
    return val | MDIC_READY;
}
