/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI (PCI Local Bus Specification 3.0; PCI Express Base 3.0 for the configuration window): one root bus, its functions, messages.
 *
 * A PCI device type embeds struct pci_device first and has .bus = "PCI". Its realize calls pci_device_init, then pci_add_bar,
 * pci_add_capability and pci_msix_init as it needs; its reset calls pci_device_reset, its unrealize pci_device_fini, its post_load
 * pci_device_post_load; PCI_PROPS and PCI_STATE begin its tables. The board puts the host (a struct pci_host) into dev.parent_bus before.
 * Everything runs with the device lock held.
 *
 * The guest may write anything to configuration space. BARs with registers never enter the machine's own bus: the host has fixed windows
 * there, and looks up in them what is enabled at the time. BARs of memory are regions of that bus. A BAR outside of the windows answers
 * nowhere; of several with registers at one address the one of the lowest function and number answers.
 */
#ifndef HW_PCI_PCI_H
#define HW_PCI_PCI_H

#include "softmmu/device.h"

#define PCI_CONFIG_SIZE 256
#define PCI_NBARS 6
#define PCI_FUNCTIONS 256        /* of a bus: 32 devices of 8 */
#define PCI_PINS 4
#define PCI_LINES 8              /* outputs of a host at most */
#define PCI_ROM PCI_NBARS        /* number of the expansion ROM among the BARs */
#define PCI_MEMORY_SIZE ((uint64_t)1 << 52)
#define PCI_MSIX_MAX 128

enum pci_reg {
    PCI_VENDOR_ID = 0x00, PCI_DEVICE_ID = 0x02, PCI_COMMAND = 0x04, PCI_STATUS = 0x06, PCI_REVISION = 0x08, PCI_CLASS = 0x09,
    PCI_HEADER_TYPE = 0x0e, PCI_BAR0 = 0x10, PCI_SUBSYSTEM_VENDOR = 0x2c, PCI_SUBSYSTEM = 0x2e, PCI_ROM_ADDRESS = 0x30, PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c, PCI_INTERRUPT_PIN = 0x3d, PCI_FIRST_CAPABILITY = 0x40,
};
enum pci_command { PCI_COMMAND_IO = 1, PCI_COMMAND_MEMORY = 2, PCI_COMMAND_MASTER = 4, PCI_COMMAND_INTX_OFF = 0x400 };
enum pci_status { PCI_STATUS_INTERRUPT = 8, PCI_STATUS_CAPABILITIES = 0x10 };
enum pci_bar_bits { PCI_BAR_IO = 1, PCI_BAR_MEM64 = 4, PCI_BAR_PREFETCH = 8 };
enum pci_capability { PCI_CAP_VENDOR = 0x09, PCI_CAP_MSIX = 0x11 };

struct pci_host;

struct pci_bar {
    uint64_t size;               /* power of two; 0: there is none */
    uint8_t bits;
    const struct mmio_ops *ops;
    void *opaque;
    struct bus_region *region;   /* of one that is memory */
};

struct pci_ids {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint32_t class_code;         /* 24 bits */
    uint8_t revision;
    uint8_t intx;                /* 1 to 4: it uses INTA# to INTD#; 0: none */
};

struct pci_device {
    struct device dev;
    char *addr, *bus_name;       /* properties */
    bool multifunction;
    struct pci_host *host;
    uint8_t devfn;
    uint8_t config[PCI_CONFIG_SIZE];
    uint8_t initial[PCI_CONFIG_SIZE];    /* config after reset */
    uint8_t wmask[PCI_CONFIG_SIZE];      /* bits that the guest may change */
    struct pci_bar bar[PCI_NBARS + 1];
    uint8_t *rom;                /* expansion ROM; NULL: none */
    char *romfile;               /* property: the file for it, which the board finds and adds; empty: none */
    const char *default_rom;     /* set by realize: the file when the user names none; NULL: none */
    unsigned cap_end;            /* where the next capability goes */
    uint8_t intx;                /* level the device asks for */
    bool intx_out;               /* what the bus sees of it */
    /* MSI-X (6.8.2). */
    unsigned msix_n, msix_cap;   /* vectors, 0: none; its capability */
    uint32_t msix_table[PCI_MSIX_MAX * 4];
    uint64_t msix_pending[PCI_MSIX_MAX / 64];
    /* The guest wrote len bytes of configuration space at off; and is about to read some. May be NULL. */
    void (*config_written)(struct pci_device *pci, unsigned off, unsigned len);
    void (*config_read)(struct pci_device *pci, unsigned off, unsigned len);
};

#define PCI_PROPS(type)                                                                                                  \
    PROP(struct pci_device, addr, "addr", PROP_STR, 0, "place on the bus: DEVICE[.FUNCTION] in hexadecimal; the first free one if not given"), \
    PROP(struct pci_device, bus_name, "bus", PROP_STR, 0, "pcie.0"),                                                     \
    PROP(struct pci_device, multifunction, "multifunction", PROP_BOOL, false, "there are more functions at its place"),  \
    PROP(struct pci_device, romfile, "romfile", PROP_STR, 0, "file of its expansion ROM; empty: none")

#define PCI_STATE                                                                                              \
    STATE_ARRAY(struct pci_device, config), STATE(struct pci_device, intx), STATE_ARRAY(struct pci_device, msix_table), \
    STATE_ARRAY(struct pci_device, msix_pending)

/* ---- for devices ---- */

bool pci_device_init(struct pci_device *pci, const struct pci_ids *ids, GError **err);
void pci_device_fini(struct pci_device *pci);
void pci_device_reset(struct pci_device *pci);
bool pci_device_post_load(struct pci_device *pci, GError **err);
/* size: a power of two from 16; with PCI_BAR_IO from 4, and at most 256. PCI_BAR_MEM64 takes two numbers. */
void pci_add_bar(struct pci_device *pci, unsigned n, uint8_t bits, uint64_t size, const struct mmio_ops *ops, void *opaque);
/* A BAR that is memory: size bytes at mem, which outlive the machine's bus. */
void pci_add_memory_bar(struct pci_device *pci, unsigned n, uint8_t bits, uint64_t size, void *mem);
/* The expansion ROM: len bytes, copied. Once, in realize. */
void pci_add_rom(struct pci_device *pci, const void *data, size_t len);
/* len bytes with the two of the header, which is filled in; returns its offset. */
unsigned pci_add_capability(struct pci_device *pci, uint8_t id, unsigned len);
void pci_set_intx(struct pci_device *pci, bool level);
/* An access to BAR n from inside the function. Out of range reads 0. */
uint64_t pci_bar_read(struct pci_device *pci, unsigned n, uint64_t off, unsigned size);
void pci_bar_write(struct pci_device *pci, unsigned n, uint64_t off, unsigned size, uint64_t val);

/* MSI-X with n vectors, 1 to PCI_MSIX_MAX, in a BAR of its own. */
void pci_msix_init(struct pci_device *pci, unsigned n, unsigned bar);
bool pci_msix_enabled(const struct pci_device *pci);
/* Vectors that do not exist are ignored. */
void pci_msix_send(struct pci_device *pci, unsigned vector);

/* ---- between the files here ---- */

void pci_msix_reset(struct pci_device *pci);
/* Its control register, or bus mastering, may have changed. */
void pci_msix_update(struct pci_device *pci);
void pci_config_write(struct pci_device *pci, unsigned off, unsigned len, uint32_t val);
uint32_t pci_config_read(struct pci_device *pci, unsigned off, unsigned len);

/* ---- the host ---- */

/* A window of the machine's bus, and the addresses on this bus that it shows. */
struct pci_window {
    struct pci_host *host;
    uint64_t base, size;         /* bus addresses; size 0: there is none */
    bool io;
};
enum pci_window_kind { PCI_WINDOW_IO, PCI_WINDOW_MEM, PCI_WINDOW_HIGH, PCI_NWINDOWS };

/* A BAR that answers. */
struct pci_mapping {
    uint64_t start, size;
    struct pci_device *pci;
    uint8_t bar;
    bool io;
};

/* Outputs: INTA# to INTD# of device 0, or what route says. */
struct pci_host {
    struct device dev;
    const char *bus_name;        /* of the root bus: "pcie.0" */
    int bar_priority;            /* of BARs of memory on the machine's bus */
    unsigned (*route)(unsigned devfn, unsigned pin);     /* the output of pin 0 to 3 of a function; NULL: they go round */
    struct pci_device *function[PCI_FUNCTIONS];
    struct pci_window window[PCI_NWINDOWS];
    GArray *mappings;            /* struct pci_mapping */
    unsigned asserted[PCI_LINES]; /* functions that drive the line */
    uint64_t ecam_size, mem_base, mem_size, high_base, high_size;    /* properties */
    uint64_t msi_base, msi_size; /* where messages may go beside RAM */
    struct device *msi_target;   /* takes those to msi_base, NULL: they are writes on the machine's bus */
    void (*msi_message)(struct device *to, uint32_t requester, uint32_t data);
    void (*msi_write)(void *opaque, uint64_t addr, uint32_t data);   /* takes those to the range, NULL: likewise */
    void *msi_opaque;
    struct pci_device *bridge;
};

/* For the types of hosts: in realize, and in unrealize. lines: outputs. */
void pci_host_init(struct pci_host *host, const char *bus_name, unsigned lines);
void pci_host_fini(struct pci_host *host);
/* On a PC: all I/O ports and memory where nothing else is belong to the PCI bus. */
void pci_host_take_rest(struct pci_host *host);
extern const struct mmio_ops pci_ecam_ops, pci_window_ops, pci_io_window_ops;    /* opaque: the host; a struct pci_window */
/* Functions that are absent read all ones. size: 1, 2 or 4, reg aligned to it. */
uint32_t pci_host_config_read(struct pci_host *host, unsigned bus, unsigned devfn, unsigned reg, unsigned size);
void pci_host_config_write(struct pci_host *host, unsigned bus, unsigned devfn, unsigned reg, unsigned size, uint32_t val);

/* Find dev (any type with bus "PCI") a place. False with err when there is none or it is taken. */
bool pci_host_place(struct pci_host *host, struct pci_device *pci, GError **err);
/* Build the list of mappings anew. */
void pci_host_update(struct pci_host *host);
void pci_host_intx(struct pci_host *host, const struct pci_device *pci, bool level);
/* A write of a message by a function. */
void pci_host_message(struct pci_host *host, const struct pci_device *from, uint64_t addr, uint32_t data);
/* For boards whose interrupt controller asks who sent a message: messages to address msi-base go to `to`, with the requester ID. */
typedef void (*pci_msi_fn)(struct device *to, uint32_t requester, uint32_t data);
/* For boards where messages to a range of addresses are interrupts (x86). */
typedef void (*pci_msi_write_fn)(void *opaque, uint64_t addr, uint32_t data);
void pci_host_set_msi_write(struct device *host, uint64_t base, uint64_t size, pci_msi_write_fn write, void *opaque);
void pci_host_set_msi_target(struct device *host, struct device *to, pci_msi_fn message);

#endif
