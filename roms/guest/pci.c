/* SPDX-License-Identifier: MIT */
/*
 * The PCI bus by configuration mechanism 1 (PCI Local Bus Specification 2.1): bus 0 alone.
 */
#include "guest.h"

enum {
    ADDRESS = 0xcf8,
    DATA = 0xcfc,
    ENABLE = 1u << 31,

    COMMAND = 0x04,
    CLASS = 0x08,
    HEADER_TYPE = 0x0c, /* bits 16-23 of that double word */
    MULTI_FUNCTION = 1 << 23,
};

uint32_t pci_read(uint32_t function, uint32_t offset)
{
    outl(ADDRESS, ENABLE | function << 8 | offset);
    return inl(DATA);
}

void pci_write(uint32_t function, uint32_t offset, uint32_t v)
{
    outl(ADDRESS, ENABLE | function << 8 | offset);
    outl(DATA, v);
}

bool pci_exists(void)
{
    uint32_t saved = inl(ADDRESS);

    outl(ADDRESS, ENABLE);
    bool exists = inl(ADDRESS) == ENABLE;

    outl(ADDRESS, saved);
    return exists;
}

/* Behind `function` (-1: the first); PCI_NONE: no more. */
uint32_t pci_next(uint32_t function)
{
    while (++function < 256) {
        bool later = function & 7;

        if (later && !(pci_read(function & ~7u, HEADER_TYPE) & MULTI_FUNCTION)) {
            continue;
        }
        if ((pci_read(function, 0) & 0xffff) != 0xffff) {
            return function;
        }
    }
    return PCI_NONE;
}

uint32_t pci_find(uint32_t mask, uint32_t value, uint32_t offset)
{
    for (uint32_t f = pci_next(PCI_NONE); f != PCI_NONE; f = pci_next(f)) {
        if ((pci_read(f, offset) & mask) == value) {
            return f;
        }
    }
    return PCI_NONE;
}

uint32_t pci_enable(uint32_t function, uint32_t bits)
{
    uint32_t command = pci_read(function, COMMAND) & 0xffff;

    pci_write(function, COMMAND, command | bits);
    return pci_read(function, COMMAND);
}

/* What a configuration register holds comes back, a read-only one does not change. */
static bool registers_work(uint32_t function)
{
    uint32_t id = pci_read(function, 0), line = pci_read(function, PCI_INTERRUPT);

    pci_write(function, 0, ~id);
    pci_write(function, PCI_INTERRUPT, line ^ 0x5a);
    bool good = pci_read(function, 0) == id && pci_read(function, PCI_INTERRUPT) == (line ^ 0x5a);

    pci_write(function, PCI_INTERRUPT, line);
    return good;
}

void check_pci(void)
{
    unsigned count = 0;
    uint32_t tested = PCI_NONE;

    check_label("PCI");
    if (!pci_exists()) {
        check_absent();
        return;
    }
    for (uint32_t f = pci_next(PCI_NONE); f != PCI_NONE; f = pci_next(f)) {
        count++;
        if (pci_read(f, PCI_INTERRUPT) >> 8 & 0xff) {
            tested = f; /* it has an interrupt pin, so a line register */
        }
    }
    uint32_t bridge = pci_read(0, 0);

    print("bridge %04x:%04x, %u functions", bridge & 0xffff, bridge >> 16, count);
    check_result(pci_read(0, CLASS) >> 16 == 0x0600 &&
                 (tested == PCI_NONE || registers_work(tested)));
}

static const char *class_name(uint32_t class)
{
    static const struct {
        uint16_t class;
        const char *name;
    } names[] = {{0x0000, "before classes"},
                 {0x0001, "VGA, before classes"},
                 {0x0100, "SCSI"},
                 {0x0101, "IDE"},
                 {0x0106, "SATA"},
                 {0x0200, "Ethernet"},
                 {0x0300, "VGA"},
                 {0x0380, "display"},
                 {0x0401, "sound"},
                 {0x0403, "sound"},
                 {0x0600, "host bridge"},
                 {0x0601, "ISA bridge"},
                 {0x0604, "PCI bridge"},
                 {0x0680, "bridge"},
                 {0x0c03, "USB"},
                 {0x0c05, "SMBus"}};

    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        if (names[i].class == class) {
            return names[i].name;
        }
    }
    return "";
}

static void list_function(uint32_t f)
{
    uint32_t id = pci_read(f, 0), class = pci_read(f, CLASS), pin;

    print("%02x.%u  %04x:%04x  %04x %s", f >> 3, f & 7, id & 0xffff, id >> 16, class >> 16,
          class_name(class >> 16));
    for (uint32_t bar = 0x10; bar < 0x28; bar += 4) {
        uint32_t at = pci_read(f, bar);

        if (at & 1) {
            print(", ports %x", at & ~3u);
        } else if (at) {
            print(", memory %x", at & ~15u);
        }
    }
    pin = pci_read(f, PCI_INTERRUPT);
    if (pin >> 8 & 0xff) {
        print(", INT%c irq %u", 'A' - 1 + (char)(pin >> 8 & 7), pin & 0xff);
    }
    put('\n');
}

void pci_list(void)
{
    if (!pci_exists()) {
        print("This machine has no PCI bus.\n");
        return;
    }
    for (uint32_t f = pci_next(PCI_NONE); f != PCI_NONE; f = pci_next(f)) {
        list_function(f);
    }
}
