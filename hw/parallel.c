/* SPDX-License-Identifier: MIT */
/*
 * Standard parallel port (IBM PC/AT Technical Reference, "Printer Adapter"; direction bit of the
 * PS/2's) and the printer on its cable, with Centronics handshake.
 *
 * The falling edge of -STROBE hands a byte over: the printer is busy, then acknowledges. Pins are
 * inverted as in the adapter: the comments name what the bits read as. A printer that is not
 * selected takes nothing; -INIT makes it forget what it was doing.
 *
 * Not modelled: EPP and ECP, paper, errors, line feeds by -AUTO FEED.
 */
#include "hw/parallel.h"

#include "base/clock.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    STATUS_NO_IRQ = 1 << 2,   /* 0: an acknowledgement asked for an interrupt (PS/2) */
    STATUS_NO_ERROR = 1 << 3, /* -ERROR */
    STATUS_SELECT = 1 << 4,
    STATUS_PAPER_END = 1 << 5,
    STATUS_NO_ACK = 1 << 6, /* -ACK */
    STATUS_READY = 1 << 7,  /* BUSY, inverted */
    STATUS_UNUSED = 3,

    CONTROL_STROBE = 1 << 0, /* -STROBE, inverted */
    CONTROL_AUTO_FEED = 1 << 1,
    CONTROL_NO_INIT = 1 << 2,   /* -INIT */
    CONTROL_SELECT_IN = 1 << 3, /* -SELECT IN, inverted */
    CONTROL_IRQ_ENABLE = 1 << 4,
    CONTROL_INPUT = 1 << 5, /* PS/2: the data pins are inputs */
    CONTROL_UNUSED = 0xc0,

    PORTS = 3,
};
#define BUSY_NS 5000u /* from the strobe to the acknowledgement */
#define ACK_NS  5000u /* its length */

enum phase { PHASE_IDLE, PHASE_BUSY, PHASE_ACK };

struct parallel {
    uint8_t data, control;
    uint8_t phase; /* enum phase */
    bool irq_pending;
    struct clock_event phase_event;

    /* Not saved. */
    uint16_t base;
    struct line irq;
    struct chardev *chr;
};

static void update_irq(const struct parallel *s)
{
    line_set(&s->irq, s->irq_pending && s->control & CONTROL_IRQ_ENABLE);
}

static bool is_ready(const struct parallel *s)
{
    return s->phase == PHASE_IDLE && s->control & CONTROL_NO_INIT;
}

static void phase_ends(void *opaque)
{
    struct parallel *s = opaque;

    if (s->phase == PHASE_BUSY) {
        s->phase = PHASE_ACK;
        clock_schedule_in(&s->phase_event, ACK_NS);
        return;
    }
    s->phase = PHASE_IDLE;
    s->irq_pending = s->control & CONTROL_IRQ_ENABLE; /* the end of -ACK */
    update_irq(s);
}

static void strobe(struct parallel *s)
{
    if (!is_ready(s) || !(s->control & CONTROL_SELECT_IN)) {
        return;
    }
    chardev_write(s->chr, &s->data, 1);
    s->phase = PHASE_BUSY;
    s->irq_pending = false;
    clock_schedule_in(&s->phase_event, BUSY_NS);
}

static void write_control(struct parallel *s, uint8_t val)
{
    uint8_t before = s->control;

    s->control = (uint8_t)(val & ~CONTROL_UNUSED);
    if (!(val & CONTROL_NO_INIT)) {
        s->phase = PHASE_IDLE;
        clock_cancel(&s->phase_event);
    }
    if (val & ~before & CONTROL_STROBE) {
        strobe(s);
    }
    if (!(val & CONTROL_IRQ_ENABLE)) {
        s->irq_pending = false;
    }
    update_irq(s);
}

static uint8_t read_status(struct parallel *s)
{
    uint8_t val = STATUS_UNUSED | STATUS_NO_ERROR | STATUS_SELECT;

    val |= (uint8_t)(s->irq_pending ? 0 : STATUS_NO_IRQ);
    val |= (uint8_t)(s->phase == PHASE_ACK ? 0 : STATUS_NO_ACK);
    val |= (uint8_t)(is_ready(s) ? STATUS_READY : 0);
    s->irq_pending = false;
    update_irq(s);
    return val;
}

static uint8_t parallel_read(void *opaque, uint16_t port)
{
    struct parallel *s = opaque;

    switch (port - s->base) {
    case 0: return s->control & CONTROL_INPUT ? 0xff : s->data; /* nobody drives the pins */
    case 1: return read_status(s);
    default: return s->control | CONTROL_UNUSED;
    }
}

static void parallel_write(void *opaque, uint16_t port, uint8_t val)
{
    struct parallel *s = opaque;

    switch (port - s->base) {
    case 0: s->data = val; break;
    case 2: write_control(s, val); break;
    default: break;
    }
}

static void parallel_reset(void *opaque)
{
    struct parallel *s = opaque;

    s->data = 0;
    s->control = CONTROL_NO_INIT | CONTROL_SELECT_IN;
    s->phase = PHASE_IDLE;
    s->irq_pending = false;
    clock_cancel(&s->phase_event);
    update_irq(s);
}

static void parallel_loaded(void *opaque)
{
    struct parallel *s = opaque;

    s->phase = s->phase > PHASE_ACK || !clock_pending(&s->phase_event) ? PHASE_IDLE : s->phase;
    s->control &= (uint8_t)~CONTROL_UNUSED;
}

static const struct state_field parallel_state[] = {
    STATE(struct parallel, data),
    STATE(struct parallel, control),
    STATE(struct parallel, phase),
    STATE(struct parallel, irq_pending),
    STATE_EVENT(struct parallel, phase_event),
    STATE_END,
};

static const struct device_type parallel_type = {
    .name = "parallel",
    .reset = parallel_reset,
    .loaded = parallel_loaded,
    .state = parallel_state,
};

void parallel_create(struct machine *m, uint16_t base, struct line irq, struct chardev *chr)
{
    struct parallel *s = device_new(m, &parallel_type, sizeof(*s));

    s->base = base;
    s->irq = irq;
    s->chr = chr;
    clock_event_init(&s->phase_event, &m->clock, "parallel.phase", phase_ends, s);
    io_map8(m, base, PORTS, parallel_read, parallel_write, s);
}
