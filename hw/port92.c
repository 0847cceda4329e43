/* SPDX-License-Identifier: MIT */
/*
 * System Control Port A, I/O port 92h (IBM PS/2 Technical Reference).
 *
 * Bit 1 drives the A20 gate; bit 0 resets the CPU on its rising edge.
 * Not modelled: security lock (bit 3), activity lights (bits 6-7). They read back as written.
 */
#include "hw/port92.h"

#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    P92_RESET = 1 << 0,
    P92_A20 = 1 << 1,
};

struct port92 {
    uint8_t latch; /* last value written */

    /* Wiring, set once; not saved. */
    struct line a20, cpu_reset;
    struct machine *machine;
};

static void port92_write(void *opaque, uint16_t port, uint8_t val)
{
    struct port92 *s = opaque;
    bool rising = val & ~s->latch & P92_RESET;

    (void)port;
    s->latch = val;
    line_set(&s->a20, val & P92_A20);
    if (rising) {
        line_pulse(&s->cpu_reset);
    }
}

static uint8_t port92_read(void *opaque, uint16_t port)
{
    struct port92 *s = opaque;

    (void)port;
    /* The 8042 drives the same gate: show what the gate is. */
    return (s->latch & ~P92_A20) | (s->machine->mem.a20_mask >> 20 & 1 ? P92_A20 : 0);
}

static void port92_reset(void *opaque)
{
    struct port92 *s = opaque;

    s->latch = 0; /* the gate itself is opened by the 8042's reset */
}

static const struct state_field port92_state[] = {
    STATE(struct port92, latch),
    STATE_END,
};

static const struct device_type port92_type = {
    .name = "port92",
    .reset = port92_reset,
    .state = port92_state,
};

void port92_create(struct machine *m, struct line a20, struct line cpu_reset)
{
    struct port92 *s = device_new(m, &port92_type, sizeof(*s));

    s->machine = m;
    s->a20 = a20;
    s->cpu_reset = cpu_reset;
    io_map8(m, 0x92, 1, port92_read, port92_write, s);
}
