/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSI-X (PCI 3.0, 6.8.2): the table of messages and the pending bits in a BAR, the capability that switches them. A message is a write
 * to memory; the host says where such writes arrive.
 */
#include "config.h"
#include "hw/pci/pci.h"
#include "util/endian.h"
#include "util/log.h"

/* Capability (6.8.2.1 to 6.8.2.5). */
#define MSIX_CONTROL 2u
#define MSIX_TABLE 4u
#define MSIX_PBA 8u
#define MSIX_CAP_LEN 12u
enum msix_control { MSIX_FUNCTION_MASK = 0x4000, MSIX_ENABLE = 0x8000 };
/* The BAR: words of an entry (6.8.2.6 to 6.8.2.9), then the pending bits. */
enum msix_word { MSIX_ADDR, MSIX_ADDR_HIGH, MSIX_DATA, MSIX_VECTOR_CONTROL, MSIX_WORDS };
#define MSIX_MASKED 1u
#define MSIX_BAR_SIZE 0x1000u
#define MSIX_PBA_AT 0x800u

static uint16_t control(const struct pci_device *pci)
{
    return ld16_le(pci->config + pci->msix_cap + MSIX_CONTROL);
}

bool pci_msix_enabled(const struct pci_device *pci)
{
    return pci->msix_n && control(pci) & MSIX_ENABLE;
}

static bool is_held(const struct pci_device *pci, unsigned v)
{
    return control(pci) & MSIX_FUNCTION_MASK || pci->msix_table[v * MSIX_WORDS + MSIX_VECTOR_CONTROL] & MSIX_MASKED ||
           !(pci->config[PCI_COMMAND] & PCI_COMMAND_MASTER);
}

static void send(struct pci_device *pci, unsigned v)
{
    const uint32_t *e = &pci->msix_table[v * MSIX_WORDS];

    pci_host_message(pci->host, pci, (uint64_t)e[MSIX_ADDR_HIGH] << 32 | (e[MSIX_ADDR] & ~3u), e[MSIX_DATA]);
}

void pci_msix_send(struct pci_device *pci, unsigned v)
{
    if (!pci_msix_enabled(pci) || v >= pci->msix_n)
        return;
    if (is_held(pci, v))
        pci->msix_pending[v / 64] |= (uint64_t)1 << (v % 64);
    else
        send(pci, v);
}

static void send_pending(struct pci_device *pci, unsigned v)
{
    uint64_t bit = (uint64_t)1 << (v % 64);

    if (!(pci->msix_pending[v / 64] & bit) || is_held(pci, v) || !pci_msix_enabled(pci))
        return;
    pci->msix_pending[v / 64] &= ~bit;
    send(pci, v);
}

void pci_msix_update(struct pci_device *pci)
{
    for (unsigned v = 0; v < pci->msix_n; v++)
        send_pending(pci, v);
}

void pci_msix_reset(struct pci_device *pci)
{
    memset(pci->msix_table, 0, sizeof(pci->msix_table));
    memset(pci->msix_pending, 0, sizeof(pci->msix_pending));
    for (unsigned v = 0; v < pci->msix_n; v++)
        pci->msix_table[v * MSIX_WORDS + MSIX_VECTOR_CONTROL] = MSIX_MASKED;
}

static uint64_t msix_read(void *opaque, uint64_t off, unsigned size)
{
    const struct pci_device *pci = opaque;
    unsigned word = (unsigned)off / 4;

    (void)size;
    if (word < pci->msix_n * MSIX_WORDS)
        return pci->msix_table[word];
    if (off >= MSIX_PBA_AT && off < MSIX_PBA_AT + sizeof(pci->msix_pending))
        return (uint32_t)(pci->msix_pending[(off - MSIX_PBA_AT) / 8] >> (off & 4 ? 32 : 0));
    return 0;
}

static void msix_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pci_device *pci = opaque;
    unsigned word = (unsigned)off / 4;

    (void)size;
    if (word >= pci->msix_n * MSIX_WORDS) {
        log_guest_error("msix: write of offset 0x%x", (unsigned)off);
        return;
    }
    pci->msix_table[word] = word % MSIX_WORDS == MSIX_VECTOR_CONTROL ? (uint32_t)val & MSIX_MASKED : (uint32_t)val;
    if (word % MSIX_WORDS == MSIX_VECTOR_CONTROL)
        send_pending(pci, word / MSIX_WORDS);
}

static const struct mmio_ops msix_ops = { .read = msix_read, .write = msix_write, .min_size = 4, .max_size = 4 };

void pci_msix_init(struct pci_device *pci, unsigned n, unsigned bar)
{
    uint8_t *c;

    g_assert(n && n <= PCI_MSIX_MAX);
    pci->msix_n = n;
    pci->msix_cap = pci_add_capability(pci, PCI_CAP_MSIX, MSIX_CAP_LEN);
    c = pci->config + pci->msix_cap;
    st16_le(c + MSIX_CONTROL, (uint16_t)(n - 1));
    st32_le(c + MSIX_TABLE, bar);
    st32_le(c + MSIX_PBA, MSIX_PBA_AT | bar);
    st16_le(pci->wmask + pci->msix_cap + MSIX_CONTROL, MSIX_FUNCTION_MASK | MSIX_ENABLE);
    pci_add_bar(pci, bar, 0, MSIX_BAR_SIZE, &msix_ops, pci);
}
