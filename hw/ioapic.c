/* SPDX-License-Identifier: MIT */
/*
 * 82093AA I/O APIC (Intel order 290566): 24 pins, each with a redirection entry that makes a
 * message for the local APIC of what happens there.
 *
 * Not modelled: the arbitration ID, SMI and INIT messages; ExtINT, which the 8259s have LINT0 for.
 */
#define _GNU_SOURCE /* open_memstream */
#include "hw/apic.h"

#include <stdio.h>

#include "hw/device.h"
#include "hw/machine.h"

enum {
    IOREGSEL = 0x00,
    IOWIN = 0x10,

    REG_ID = 0,
    REG_VERSION = 1,
    REG_ARBITRATION = 2,
    REG_TABLE = 0x10,

    PINS = 24,
    ENTRY_LOGICAL = 1 << 11,
    ENTRY_LOW_ACTIVE = 1 << 13,
    ENTRY_REMOTE_IRR = 1 << 14,
    ENTRY_LEVEL = 1 << 15,
    ENTRY_MASKED = 1 << 16,
};
#define IOAPIC_BASE    0xfec00000u
#define IOAPIC_VERSION 0x00170011u

struct ioapic {
    uint8_t select;
    uint32_t id;
    uint32_t low[PINS], high[PINS];
    uint32_t levels;  /* pins, as they are driven: an ISA board's are active high */
    uint32_t pending; /* edges that came while nobody took them */

    /* Wiring; not saved. */
    struct apic *apic;
};

/* Polarity is not looked at: what drives a pin here has one meaning, asserted. */
static void service(struct ioapic *s, unsigned pin)
{
    uint32_t e = s->low[pin];
    bool level = e & ENTRY_LEVEL;

    if (e & ENTRY_MASKED) {
        return;
    }
    if (level ? !(s->levels >> pin & 1) || e & ENTRY_REMOTE_IRR : !(s->pending >> pin & 1)) {
        return;
    }
    s->pending &= ~(1u << pin);
    if (apic_deliver(s->apic, (uint8_t)(s->high[pin] >> 24), e & ENTRY_LOGICAL,
                     (enum apic_mode)(e >> 8 & 7), (uint8_t)e, level) &&
        level) {
        s->low[pin] |= ENTRY_REMOTE_IRR;
    }
}

void ioapic_set_pin(struct ioapic *s, unsigned pin, bool level)
{
    bool rises = level && !(s->levels >> pin & 1);

    s->levels = (s->levels & ~(1u << pin)) | (uint32_t)level << pin;
    if (rises && !(s->low[pin] & (ENTRY_LEVEL | ENTRY_MASKED))) {
        s->pending |= 1u << pin;
    }
    if (level) {
        service(s, pin);
    }
}

static void end_of_interrupt(void *opaque, uint8_t vector)
{
    struct ioapic *s = opaque;

    for (unsigned pin = 0; pin < PINS; pin++) {
        if (s->low[pin] & ENTRY_REMOTE_IRR && (s->low[pin] & 0xff) == vector) {
            s->low[pin] &= ~(uint32_t)ENTRY_REMOTE_IRR;
            service(s, pin);
        }
    }
}

static uint32_t read_register(const struct ioapic *s)
{
    unsigned n = (s->select - REG_TABLE) / 2u;

    switch (s->select) {
    case REG_ID:
    case REG_ARBITRATION: return s->id;
    case REG_VERSION: return IOAPIC_VERSION;
    default: break;
    }
    if (s->select < REG_TABLE || n >= PINS) {
        return 0xffffffff;
    }
    return s->select & 1 ? s->high[n] : s->low[n];
}

static void write_register(struct ioapic *s, uint32_t val)
{
    unsigned n = (s->select - REG_TABLE) / 2u;

    if (s->select == REG_ID) {
        s->id = val & 0x0f000000;
    }
    if (s->select < REG_TABLE || n >= PINS) {
        return;
    }
    if (s->select & 1) {
        s->high[n] = val & 0xff000000;
        return;
    }
    s->low[n] = (val & 0x1afff) | (s->low[n] & ENTRY_REMOTE_IRR);
    if (!(s->low[n] & ENTRY_LEVEL)) {
        s->low[n] &= ~(uint32_t)ENTRY_REMOTE_IRR;
    }
    service(s, n);
}

static uint32_t ioapic_read(void *opaque, uint32_t offset, unsigned size)
{
    struct ioapic *s = opaque;

    (void)size;
    switch (offset) {
    case IOREGSEL: return s->select;
    case IOWIN: return read_register(s);
    default: return 0;
    }
}

static void ioapic_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    struct ioapic *s = opaque;

    (void)size;
    switch (offset) {
    case IOREGSEL: s->select = (uint8_t)val; break;
    case IOWIN: write_register(s, val); break;
    default: break;
    }
}

static void ioapic_reset(void *opaque)
{
    struct ioapic *s = opaque;

    s->select = 0;
    s->id = 0;
    s->pending = 0;
    for (unsigned n = 0; n < PINS; n++) {
        s->low[n] = ENTRY_MASKED;
        s->high[n] = 0;
    }
}

static const struct state_field ioapic_state[] = {
    STATE(struct ioapic, select),
    STATE(struct ioapic, id),
    STATE(struct ioapic, low),
    STATE(struct ioapic, high),
    STATE(struct ioapic, levels),
    STATE(struct ioapic, pending),
    STATE_END,
};

static const struct device_type ioapic_type = {
    .name = "ioapic",
    .reset = ioapic_reset,
    .state = ioapic_state,
};

struct ioapic *ioapic_create(struct machine *m, struct apic *apic)
{
    static const struct mmio_ops ops = {ioapic_read, ioapic_write};
    struct ioapic *s = device_new(m, &ioapic_type, sizeof(*s));

    s->apic = apic;
    physmem_map_mmio(&m->mem, IOAPIC_BASE, PAGE_SIZE, "ioapic", &ops, s);
    apic_on_eoi(apic, end_of_interrupt, s);
    return s;
}

char *ioapic_describe(struct ioapic *s)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    fprintf(f, "I/O APIC at %08x, id %u\n", IOAPIC_BASE, s->id >> 24);
    for (unsigned n = 0; n < PINS; n++) {
        uint32_t e = s->low[n];

        fprintf(f, "pin %2u %08x%08x%s%s%s%s\n", n, s->high[n], e,
                e & ENTRY_MASKED ? " masked" : "", e & ENTRY_LEVEL ? " level" : " edge",
                e & ENTRY_LOW_ACTIVE ? " active-low" : "", s->levels >> n & 1 ? " asserted" : "");
    }
    fclose(f);
    return text;
}
