/* SPDX-License-Identifier: MIT */
/*
 * PCI: gives every function on bus 0 its addresses and interrupt, and INT 1Ah AH=B1h (PCI BIOS
 * Specification 2.1). The same services for 32-bit callers are in pci32.S.
 */
#include "bios.h"
#include "pci32.h"

enum {
    ADDRESS = 0xcf8,
    DATA = 0xcfc,

    REG_COMMAND = 0x04,
    REG_CLASS = 0x08, /* revision in the low byte */
    REG_HEADER = 0x0c,
    REG_BAR = 0x10,
    REG_ROM = 0x30,
    REG_LINE = 0x3c,
    REG_PIRQ = 0x60, /* PIIX */

    IO_FIRST = 0xc000,
    NONE = 0xffffffffu,

    OK = 0x00,
    NOT_SUPPORTED = 0x81,
    BAD_VENDOR = 0x83,
    NOT_FOUND = 0x86,
    BAD_REGISTER = 0x87,
};
#define MEMORY_FIRST 0xe0000000u /* above any RAM; the first is the display's frame buffer */
#define PIIX3        (1 << 3)
#define PIIX3_IDE    (1 << 3 | 1)
#define PIIX4_PM     (1 << 3 | 3)

static void address(u32 bdf, u32 reg)
{
    outl(0x80000000u | bdf << 8 | (reg & 0xfc), ADDRESS);
}

static u32 read32(u32 bdf, u32 reg)
{
    address(bdf, reg);
    return inl(DATA);
}

static void write32(u32 bdf, u32 reg, u32 val)
{
    address(bdf, reg);
    outl(val, DATA);
}

static void write8(u32 bdf, u32 reg, u8 val)
{
    address(bdf, reg);
    outb(val, DATA + (reg & 3));
}

int pci_present(void)
{
    return read32(0, 0) != NONE && (inl(ADDRESS) & 0x80000000u);
}

/* A register of the host bridge. */
void pci_set_pam(u32 reg, u8 val)
{
    write8(0, reg, val);
}

/* The next function that is there, from bdf on, or 256. */
static u32 next_function(u32 bdf)
{
    for (; bdf < 256; bdf++) {
        if (bdf & 7 && !(read32(bdf & ~7u, REG_HEADER) & 0x800000)) {
            continue; /* a device of one function */
        }
        if (read32(bdf, 0) != NONE) {
            break;
        }
    }
    return bdf;
}

u32 pci_next_rom(u32 bdf, u32 *address, u32 *id)
{
    for (; (bdf = next_function(bdf)) < 256; bdf++) {
        *address = read32(bdf, REG_ROM) & 0xfffff800u;
        *id = read32(bdf, 0);
        if (*address && read32(bdf, REG_CLASS) >> 24 != 3) {
            break;
        }
    }
    return bdf;
}

void pci_enable_rom(u32 bdf, u32 on)
{
    write32(bdf, REG_ROM, (read32(bdf, REG_ROM) & 0xfffff800u) | on);
}

void pci_map_upper(u32 base, u32 bytes, u8 mode)
{
    if (!pci_present()) {
        return;
    }
    for (u32 at = base & ~0x3fffu; at < base + bytes; at += 0x4000) {
        u32 n = (at - 0xc0000) >> 14, reg = 0x5a + n / 2, shift = (n & 1) * 4;
        u8 pam = read32(0, reg) >> (reg & 3) * 8;

        write8(0, reg, (pam & ~(3 << shift)) | mode << shift);
    }
}

/* PIRQA-D to interrupt lines; level-triggered then. */
static u8 line_of(u8 pirq)
{
    return pirq < 2 ? 10 : 11;
}

static void route_interrupts(void)
{
    for (u8 n = 0; n < 4; n++) {
        write8(PIIX3, REG_PIRQ + n, line_of(n));
    }
    outb(0x0c, 0x4d1); /* ELCR: 10 and 11 */
}

static void assign(u32 bdf, u32 *io, u32 *memory)
{
    u8 enable = 0, pin;
    u32 size;

    for (u32 reg = REG_BAR; reg < REG_BAR + 24; reg += 4) {
        u32 *next = memory;

        write32(bdf, reg, NONE);
        size = read32(bdf, reg);
        if (!size) {
            continue;
        }
        if (size & 1) {
            size = (~(size & 0xfffffffcu) & 0xffff) + 1;
            next = io;
            enable |= 1;
        } else {
            size = ~(size & 0xfffffff0u) + 1;
            enable |= 2;
        }
        *next = (*next + size - 1) & ~(size - 1);
        write32(bdf, reg, *next);
        *next += size;
    }
    write32(bdf, REG_ROM, 0xfffff800u);
    size = read32(bdf, REG_ROM) & 0xfffff800u;
    if (size) {
        size = ~size + 1;
        *memory = (*memory + size - 1) & ~(size - 1);
        write32(bdf, REG_ROM, *memory);
        *memory += size;
        enable |= 2;
    }
    pin = read32(bdf, REG_LINE) >> 8;
    if (pin) {
        write8(bdf, REG_LINE, line_of(((bdf >> 3) + pin + 2) & 3));
    }
    if (enable) {
        write8(bdf, REG_COMMAND, read32(bdf, REG_COMMAND) | enable);
    }
}

void pci_init(void)
{
    u32 io = IO_FIRST, memory = MEMORY_FIRST;

    if (!pci_present()) {
        return;
    }
    for (u32 bdf = next_function(0); bdf < 256; bdf = next_function(bdf + 1)) {
        assign(bdf, &io, &memory);
    }
    if (read32(PIIX3_IDE, 0) == 0x70108086u) {
        write32(PIIX3_IDE, 0x40, 0x80008000u); /* IDETIM: both channels are decoded */
    }
    if (read32(PIIX4_PM, 0) == 0x71138086u) {
        write32(PIIX4_PM, 0x40, 0x601); /* PMBA, as the FADT says */
        write8(PIIX4_PM, 0x80, 1);
        write8(PIIX4_PM, REG_LINE, 9);
        acpi_init();
    }
    route_interrupts();
}

/* ---- INT 1Ah AH=B1h ---- */

/* The SI-th function whose register, shifted, is `want`. */
static u8 find(struct regs *r, u32 reg, u32 shift, u32 want)
{
    u32 left = r->si;

    for (u32 bdf = next_function(0); bdf < 256; bdf = next_function(bdf + 1)) {
        if (read32(bdf, reg) >> shift == want && !left--) {
            r->bx = bdf;
            return OK;
        }
    }
    return NOT_FOUND;
}

/* 08h-0Ah read a byte, a word, a dword; 0Bh-0Dh write. */
static u8 access_register(struct regs *r)
{
    u8 kind = (r->al & 0x7f) - 8, size = 1 << kind % 3;
    u16 port = DATA + (r->di & 3);

    if (r->di & (size - 1) || r->di > 0xff) {
        return BAD_REGISTER;
    }
    if (r->bh) { /* no other bus */
        if (kind == 0) {
            r->cl = 0xff;
        } else if (kind == 1) {
            r->cx = 0xffff;
        } else if (kind == 2) {
            r->ecx = NONE;
        }
        return OK;
    }
    address(r->bl, r->di);
    switch (kind) {
    case 0: r->cl = inb(port); break;
    case 1: r->cx = inw(port); break;
    case 2: r->ecx = inl(port); break;
    case 3: outb(r->cl, port); break;
    case 4: outw(r->cx, port); break;
    default: outl(r->ecx, port); break;
    }
    return OK;
}

/* ES:DI: size of the buffer, far pointer to it. The slots are those of the $PIR table. */
static u8 routing_options(struct regs *r)
{
    extern ROM u8 pir_slots[], pir_slots_end[];
    u32 len = (u32)(pir_slots_end - pir_slots), to = peek32(r->es, r->di + 2);
    u16 room = peek16(r->es, r->di);

    poke16(r->es, r->di, len);
    r->bx = 0x0c00; /* lines that are PCI's alone */
    if (room < len) {
        return 0x89;
    }
    copy_far(to, FAR(0xf000, (u32)pir_slots), len);
    return OK;
}

/* CL: pin 0Ah-0Dh, CH: line, BX: device. */
static u8 set_line(struct regs *r)
{
    u8 pin = r->cl - 0x0a;

    if (pin > 3 || r->bh) {
        return NOT_SUPPORTED;
    }
    write8(PIIX3, REG_PIRQ + (((r->bl >> 3) + pin + 3) & 3), r->ch);
    return OK;
}

void int1a_pci(struct regs *r)
{
    u8 status = NOT_SUPPORTED;

    if (!pci_present()) {
        set_cf(r, 1);
        r->ah = NOT_SUPPORTED;
        return;
    }
    switch (r->al & 0x7f) {
    case 0x01:
        r->edx = 0x20494350; /* "PCI " */
        r->bx = 0x0210;
        r->cl = 0; /* last bus */
        r->al = 0x01;
        r->edi = 0xf0000 + PCI_ENTRY_32;
        status = OK;
        break;
    case 0x02:
        status = r->dx == 0xffff ? BAD_VENDOR : find(r, 0, 0, (u32)r->cx << 16 | r->dx);
        break;
    case 0x03: status = find(r, REG_CLASS, 8, r->ecx & 0xffffff); break;
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x0b:
    case 0x0c:
    case 0x0d: status = access_register(r); break;
    case 0x0e: status = routing_options(r); break;
    case 0x0f: status = set_line(r); break;
    default: break;
    }
    r->ah = status;
    set_cf(r, status != OK);
}
