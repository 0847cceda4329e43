/* SPDX-License-Identifier: MIT */
/*
 * The PCI bus (PCI Local Bus Specification 2.1): configuration mechanism #1 at CF8h-CFFh, base
 * address registers that open and close as the guest programs them, and INTA# routing.
 *
 * A function is part of its device's struct: the device has the state table (PCI_STATE) and calls
 * pci_reset() and pci_loaded() from its own reset and loaded.
 */
#ifndef HW_PCI_H
#define HW_PCI_H

#include "base/physmem.h"
#include "base/state.h"
#include "hw/io.h"

struct machine;
struct pci_bus;

#define PCI_DEVFN(device, function) ((device) << 3 | (function))

enum {
    PCI_VENDOR_ID = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08,
    PCI_CLASS_PROG = 0x09,
    PCI_CLASS = 0x0a, /* 16 bits: subclass, class */
    PCI_HEADER_TYPE = 0x0e,
    PCI_BAR0 = 0x10,
    PCI_SUBSYSTEM_VENDOR = 0x2c,
    PCI_SUBSYSTEM = 0x2e,
    PCI_ROM = 0x30,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,

    PCI_COMMAND_IO = 1 << 0,
    PCI_COMMAND_MEMORY = 1 << 1,
    PCI_COMMAND_MASTER = 1 << 2,
};

#define PCI_BARS    7 /* six, and the expansion ROM */
#define PCI_BAR_ROM 6

struct pci_bar {
    uint32_t size; /* power of two; 0: not there */
    bool io;
    unsigned handle; /* of the I/O window or the memory region */
    uint32_t at;     /* where it is open; 0: closed */
};

struct pci_id {
    uint16_t vendor, device, class; /* class << 8 | subclass */
    uint8_t prog_if, revision;
    bool multifunction;
    uint8_t pin; /* 1: INTA#; 0: none */
};

struct pci_function {
    uint8_t config[256];
    bool irq; /* drives its interrupt pin */

    /* Set up at creation, or made again from config; not saved. */
    uint8_t writable[256]; /* bits that a program can change */
    uint8_t clears[256];   /* bits that writing 1 clears */
    struct pci_bar bar[PCI_BARS];
    struct pci_bus *bus;
    const char *name;
    uint8_t devfn, pin;
    /* Told after a write to config; may be NULL. */
    void (*config_written)(void *opaque, unsigned offset, unsigned len);
    void *opaque;
    struct pci_function *next;
};

extern const struct state_field pci_state[];
/* In the device's table: its `struct pci_function field`. */
#define PCI_STATE(type, field) STATE_SUB(type, field, struct pci_function, pci_state)

/*
 * pirq is told the level of PIRQA-D (n 0-3). fallback: what byte and word accesses at CF8h-CFBh go
 * to, since only a dword write is the address register's (the 82371's CF9h is there).
 */
struct pci_host {
    void (*pirq)(void *opaque, unsigned n, bool level);
    uint32_t (*fallback_read)(void *opaque, uint16_t port, unsigned size);
    void (*fallback_write)(void *opaque, uint16_t port, uint32_t val, unsigned size);
    void *opaque, *fallback_opaque;
};
struct pci_bus *pci_bus_create(struct machine *m);
/* The south bridge's part, when it is there. */
void pci_bus_set_host(struct pci_bus *bus, const struct pci_host *host);

void pci_add(struct pci_bus *bus, struct pci_function *f, unsigned devfn, const char *name,
             const struct pci_id *id, void *opaque);
/* The first free device number from 3 on, where cards go. 32: none left. */
unsigned pci_free_slot(const struct pci_bus *bus);

/* Base address registers; size in bytes, a power of two, at least 4 (I/O) or 4096. */
void pci_bar_io(struct pci_function *f, unsigned n, uint32_t size, io_read_fn rd, io_write_fn wr,
                void *opaque);
void pci_bar_mmio(struct pci_function *f, unsigned n, uint32_t size, const struct mmio_ops *ops,
                  void *opaque);
/* prefetchable memory; bytes stay the device's */
void pci_bar_ram(struct pci_function *f, unsigned n, uint32_t size, uint8_t *bytes);
/* An image made for any card (identifiers 0, as iPXE's are) becomes this one's; byte 6 keeps the
 * sum. size: at least 4096. */
void pci_rom_set_ids(const struct pci_function *f, uint8_t *rom, uint32_t size);
void pci_bar_rom(struct pci_function *f, uint32_t size, const uint8_t *bytes);

/* Configuration registers: as the guest sees them, and their defaults. */
void pci_set(struct pci_function *f, unsigned offset, unsigned size, uint32_t val);
uint32_t pci_get(const struct pci_function *f, unsigned offset, unsigned size);
void pci_writable(struct pci_function *f, unsigned offset, unsigned size, uint32_t bits);

/* RST#: command, status, base addresses and line register 0; INTA# off. */
void pci_reset(struct pci_function *f);
void pci_loaded(struct pci_function *f);
void pci_set_irq(struct pci_function *f, bool level);
/* The function may master the bus now. */
static inline bool pci_is_master(const struct pci_function *f)
{
    return f->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

/* Each function, by device and function number. */
void pci_each(struct pci_bus *bus, void (*fn)(void *arg, const struct pci_function *f), void *arg);

#endif
