/* SPDX-License-Identifier: MIT */
/*
 * 8254 programmable interval timer (Intel data sheet, order 231164) and system control port B, 61h
 * (IBM AT Technical Reference).
 *
 * Time is the number of CLK pulses since power-on, computed from guest ns by one multiplication and
 * division, so nothing drifts. A counter is known by the pulse at which it was loaded; its value
 * and its OUT follow from the pulses since then. Only counter 0's OUT goes to a line, so only it
 * has an event.
 *
 * Not modelled: the half CLK between a write and its effect; the speaker (OUT of counter 2 is
 * readable); parity and channel-check bits of port 61h read 0.
 */
#include "hw/pit.h"

#include "base/bits.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    PIT_RW_LATCH = 0,
    PIT_RW_LSB = 1,
    PIT_RW_MSB = 2,
    PIT_RW_BOTH = 3,
    PIT_READBACK = 3, /* SC field of a read-back command */
    PIT_READBACK_NO_COUNT = 1 << 5,
    PIT_READBACK_NO_STATUS = 1 << 4,
    PIT_STATUS_OUT = 1 << 7,
    PIT_STATUS_NULL = 1 << 6,
    PORTB_GATE2 = 1 << 0,
    PORTB_SPEAKER = 1 << 1,
    PORTB_WRITABLE = 0x0f,
    PORTB_REFRESH = 1 << 4,
    PORTB_OUT2 = 1 << 5,
};

#define REFRESH_TICKS 18 /* counter 1's count on a PC: bit 4 of port 61h toggles once a period */

struct pit_channel {
    uint8_t control; /* the control word's low six bits, as read-back shows them */
    uint8_t mode;    /* 0-5 */
    uint8_t rw;      /* PIT_RW_* */
    bool bcd;
    bool gate;
    bool loaded;     /* a count is in the counting element and may run */
    bool pending;    /* next_reload waits for the end of the period or a trigger (null count) */
    bool write_high; /* the next write of a PIT_RW_BOTH pair is the high byte */
    bool read_high;
    uint8_t write_low;
    bool count_latched, status_latched;
    uint8_t status;
    uint16_t latch;
    uint16_t idle_count; /* what an unloaded counter reads as */
    uint32_t reload;     /* count in effect, 1 to 65536 */
    uint32_t next_reload;
    uint64_t base; /* tick at which reload was loaded */
    uint64_t held; /* ticks counted when the gate stopped it */
};

struct pit {
    struct pit_channel channel[3];
    uint8_t port_b;
    struct clock_event irq_event;

    /* Wiring, set once; not saved. */
    struct line irq0;
    struct clock *clock;
};

static uint64_t tick_now(const struct pit *s)
{
    return muldiv64(clock_now(s->clock), PIT_HZ, NS_PER_SEC);
}

/* The first ns at which tick_now() is at least `tick`. */
static uint64_t tick_to_ns(uint64_t tick)
{
    uint64_t ns = muldiv64(tick, NS_PER_SEC, PIT_HZ);

    while (muldiv64(ns, PIT_HZ, NS_PER_SEC) < tick) {
        ns++;
    }
    return ns;
}

static bool periodic(const struct pit_channel *c)
{
    return c->mode == 2 || c->mode == 3;
}

/* Modes in which the gate's level stops counting; in 1 and 5 its edge starts it. */
static bool gate_is_level(const struct pit_channel *c)
{
    return c->mode != 1 && c->mode != 5;
}

static uint64_t elapsed(const struct pit_channel *c, uint64_t now)
{
    if (gate_is_level(c) && !c->gate) {
        return c->held;
    }
    return now > c->base ? now - c->base : 0;
}

static uint32_t high_ticks(uint32_t n)
{
    return (n + 1) / 2; /* mode 3: an odd count is high one tick longer */
}

/* A count written while a periodic counter runs is taken at the end of the period (half, in mode
 * 3). */
static void take_pending(struct pit_channel *c, uint64_t now)
{
    if (!c->pending || !c->loaded || !periodic(c) || !c->gate || now < c->held) {
        return;
    }
    /* held is free while the gate is high: it is the tick of the change-over. */
    uint64_t at = c->held;

    c->pending = false;
    if (c->mode == 3 && (at - c->base) % c->reload) { /* the high half ended: the low one follows */
        at -= high_ticks(c->next_reload) < at ? high_ticks(c->next_reload) : at;
    }
    c->base = at;
    c->reload = c->next_reload;
}

static uint16_t current_count(struct pit_channel *c, uint64_t now)
{
    take_pending(c, now);
    if (!c->loaded) {
        return c->idle_count;
    }
    uint64_t e = elapsed(c, now);
    uint32_t n = c->reload;
    uint32_t value;

    if (c->mode == 2) {
        value = n - (uint32_t)(e % n);
    } else if (c->mode == 3) {
        uint32_t r = (uint32_t)(e % n);

        r = r < high_ticks(n) ? r : r - high_ticks(n);
        value = (n & ~1u) - 2 * r;
    } else {
        uint32_t wrap = c->bcd ? 10000 : 65536;

        value = (n + wrap - (uint32_t)(e % wrap)) % wrap;
    }
    if (c->bcd) {
        value %= 10000;
        return (uint16_t)(bcd_from_bin(value / 100) << 8 | bcd_from_bin(value % 100));
    }
    return (uint16_t)value;
}

static bool current_out(struct pit_channel *c, uint64_t now)
{
    take_pending(c, now);
    if (!c->loaded) {
        return c->mode != 0;
    }
    uint64_t e = elapsed(c, now);

    switch (c->mode) {
    case 0:
    case 1: return e >= c->reload;
    case 2: return !c->gate || e % c->reload != c->reload - 1;
    case 3: return !c->gate || e % c->reload < high_ticks(c->reload);
    default: return e != c->reload;
    }
}

/*
 * The tick of the next rising or falling edge after `now`, or CLOCK_NEVER. Mode 2's low tick is
 * left out: its event makes the falling and the rising edge together.
 */
static uint64_t next_edge(struct pit_channel *c, uint64_t now)
{
    if (!c->loaded || (gate_is_level(c) && !c->gate)) {
        return CLOCK_NEVER;
    }
    uint64_t e = elapsed(c, now);
    uint64_t n = c->reload;

    switch (c->mode) {
    case 0:
    case 1: return e < n ? c->base + n : CLOCK_NEVER;
    case 2: return n > 1 ? c->base + (e / n + 1) * n : CLOCK_NEVER;
    case 3:
        if (n < 2) {
            return CLOCK_NEVER;
        }
        return c->base + e / n * n + (e % n < high_ticks(c->reload) ? high_ticks(c->reload) : n);
    default: return e < n ? c->base + n : e == n ? c->base + n + 1 : CLOCK_NEVER;
    }
}

static void update_irq(struct pit *s, uint64_t now)
{
    struct pit_channel *c = &s->channel[0];
    bool out = current_out(c, now);
    uint64_t next = next_edge(c, now);

    if (c->pending && periodic(c) && c->loaded && next > c->held && c->held > now) {
        next = c->held;
    }
    line_set(&s->irq0, out);
    if (next == CLOCK_NEVER) {
        clock_cancel(&s->irq_event);
    } else {
        clock_schedule(&s->irq_event, tick_to_ns(next));
    }
}

static void irq_event(void *opaque)
{
    struct pit *s = opaque;

    /*
     * An event is an edge. By the host's clock it may come late, when the low part, in modes 2 and
     * 4 one tick long, is over already: the edge is made all the same. Where the line rises it was
     * low.
     */
    line_set(&s->irq0, false);
    update_irq(s, tick_now(s));
}

static void load_count(struct pit *s, struct pit_channel *c, uint32_t count)
{
    uint64_t now = tick_now(s);

    take_pending(c, now);
    if (!gate_is_level(c)) {
        c->next_reload = count;
        c->pending = true;
        return;
    }
    if (periodic(c) && c->loaded && c->gate) {
        uint64_t e = elapsed(c, now);
        uint64_t n = c->reload, half = high_ticks(c->reload);
        uint64_t start = c->base + e / n * n;

        c->next_reload = count;
        c->pending = true;
        c->held = start + (c->mode == 3 && e % n < half ? half : n);
        return;
    }
    c->reload = count;
    c->base = now + 1;
    c->held = 0;
    c->pending = false;
    c->loaded = true;
}

static uint32_t count_from_register(const struct pit_channel *c, uint16_t val)
{
    if (!c->bcd) {
        return val ? val : 65536;
    }
    uint32_t n = bcd_to_bin((uint8_t)(val >> 8)) * 100 + bcd_to_bin((uint8_t)val);

    return n ? n : 10000;
}

static void write_counter(struct pit *s, struct pit_channel *c, uint8_t val)
{
    uint16_t count;

    switch (c->rw) {
    case PIT_RW_LSB: count = val; break;
    case PIT_RW_MSB: count = (uint16_t)(val << 8); break;
    default:
        c->write_high = !c->write_high;
        if (c->write_high) {
            c->write_low = val;
            if (c->mode == 0) { /* the first byte stops the count and sets OUT low */
                c->idle_count = current_count(c, tick_now(s));
                c->loaded = false;
            }
            return;
        }
        count = (uint16_t)(val << 8 | c->write_low);
        break;
    }
    load_count(s, c, count_from_register(c, count));
}

static void latch_count(struct pit *s, struct pit_channel *c)
{
    if (!c->count_latched) {
        c->latch = current_count(c, tick_now(s));
        c->count_latched = true;
    }
}

static void latch_status(struct pit *s, struct pit_channel *c)
{
    if (!c->status_latched) {
        bool out = current_out(c, tick_now(s));
        bool null = c->pending || !c->loaded || tick_now(s) < c->base;

        c->status = c->control | (out ? PIT_STATUS_OUT : 0) | (null ? PIT_STATUS_NULL : 0);
        c->status_latched = true;
    }
}

static void write_control(struct pit *s, uint8_t val)
{
    unsigned select = val >> 6;

    if (select == PIT_READBACK) {
        for (unsigned i = 0; i < 3; i++) {
            if (!(val >> (i + 1) & 1)) {
                continue;
            }
            if (!(val & PIT_READBACK_NO_COUNT)) {
                latch_count(s, &s->channel[i]);
            }
            if (!(val & PIT_READBACK_NO_STATUS)) {
                latch_status(s, &s->channel[i]);
            }
        }
        return;
    }
    struct pit_channel *c = &s->channel[select];
    unsigned rw = val >> 4 & 3;

    if (rw == PIT_RW_LATCH) {
        latch_count(s, c);
        return;
    }
    c->idle_count = current_count(c, tick_now(s));
    c->control = val & 0x3f;
    c->rw = (uint8_t)rw;
    c->mode = val >> 1 & 7;
    if (c->mode > 5) {
        c->mode -= 4; /* the top bit of modes 2 and 3 does not matter */
    }
    c->bcd = val & 1;
    c->loaded = c->pending = false;
    c->write_high = c->read_high = false;
    c->count_latched = c->status_latched = false;
    c->held = 0;
}

static uint8_t read_counter(struct pit *s, struct pit_channel *c)
{
    if (c->status_latched) {
        c->status_latched = false;
        return c->status;
    }
    uint16_t count = c->count_latched ? c->latch : current_count(c, tick_now(s));

    if (c->rw == PIT_RW_BOTH) {
        c->read_high = !c->read_high;
        if (c->read_high) {
            return (uint8_t)count;
        }
    }
    c->count_latched = false;
    return (uint8_t)(c->rw == PIT_RW_LSB ? count : count >> 8);
}

static void set_gate(struct pit *s, struct pit_channel *c, bool gate)
{
    uint64_t now = tick_now(s);

    if (gate == c->gate) {
        return;
    }
    take_pending(c, now);
    if (!gate) {
        c->held = elapsed(c, now);
        c->gate = false;
        return;
    }
    c->gate = true;
    if (!gate_is_level(c) || periodic(c)) { /* the edge reloads */
        if (c->pending) {
            c->reload = c->next_reload;
            c->pending = false;
            c->loaded = true;
        }
        c->base = now + 1;
    } else {
        c->base = now > c->held ? now - c->held : 0;
    }
}

static void pit_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pit *s = opaque;

    log_guest(PIT, "%02xh <- %02xh", port, val);
    if ((port & 3) == 3) {
        write_control(s, val);
    } else {
        write_counter(s, &s->channel[port & 3], val);
    }
    update_irq(s, tick_now(s));
}

static uint8_t pit_read(void *opaque, uint16_t port)
{
    struct pit *s = opaque;

    return (port & 3) == 3 ? 0xff : read_counter(s, &s->channel[port & 3]);
}

static void port_b_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pit *s = opaque;

    (void)port;
    s->port_b = val & PORTB_WRITABLE;
    set_gate(s, &s->channel[2], val & PORTB_GATE2);
}

static uint8_t port_b_read(void *opaque, uint16_t port)
{
    struct pit *s = opaque;
    uint64_t now = tick_now(s);
    uint8_t val = s->port_b;

    (void)port;
    val |= now / REFRESH_TICKS & 1 ? PORTB_REFRESH : 0;
    val |= current_out(&s->channel[2], now) ? PORTB_OUT2 : 0;
    return val;
}

static void pit_reset(void *opaque)
{
    struct pit *s = opaque;

    for (unsigned i = 0; i < 3; i++) {
        s->channel[i] = (struct pit_channel){
            .reload = 65536, .next_reload = 65536, .gate = i != 2, .rw = PIT_RW_BOTH};
    }
    s->port_b = 0;
    update_irq(s, tick_now(s));
}

/* A count that began in the future would put its next edge in the past, for ever. */
static void pit_loaded(void *opaque)
{
    struct pit *s = opaque;
    uint64_t now = tick_now(s);

    for (unsigned i = 0; i < 3; i++) {
        struct pit_channel *c = &s->channel[i];

        c->base = c->base <= now + 1 ? c->base : now;
        c->held = c->held <= now + 65536 ? c->held : now;
        c->mode %= 6;
        c->reload = c->reload && c->reload <= 65536 ? c->reload : 65536;
        c->next_reload = c->next_reload && c->next_reload <= 65536 ? c->next_reload : 65536;
    }
}

static const struct state_field channel_state[] = {
    STATE(struct pit_channel, control),
    STATE(struct pit_channel, mode),
    STATE(struct pit_channel, rw),
    STATE(struct pit_channel, bcd),
    STATE(struct pit_channel, gate),
    STATE(struct pit_channel, loaded),
    STATE(struct pit_channel, pending),
    STATE(struct pit_channel, write_high),
    STATE(struct pit_channel, read_high),
    STATE(struct pit_channel, write_low),
    STATE(struct pit_channel, count_latched),
    STATE(struct pit_channel, status_latched),
    STATE(struct pit_channel, status),
    STATE(struct pit_channel, latch),
    STATE(struct pit_channel, idle_count),
    STATE(struct pit_channel, reload),
    STATE(struct pit_channel, next_reload),
    STATE(struct pit_channel, base),
    STATE(struct pit_channel, held),
    STATE_END,
};

static const struct state_field pit_state[] = {
    STATE_SUBS(struct pit, channel, struct pit_channel, 3, channel_state),
    STATE(struct pit, port_b),
    STATE_EVENT(struct pit, irq_event),
    STATE_END,
};

static const struct device_type pit_type = {
    .name = "pit",
    .reset = pit_reset,
    .loaded = pit_loaded,
    .state = pit_state,
};

struct pit *pit_create(struct machine *m, struct line irq0)
{
    struct pit *s = device_new(m, &pit_type, sizeof(*s));

    s->irq0 = irq0;
    s->clock = &m->clock;
    clock_event_init(&s->irq_event, &m->clock, "pit.irq0", irq_event, s);
    io_map8(m, 0x40, 4, pit_read, pit_write, s);
    io_map8(m, 0x61, 1, port_b_read, port_b_write, s);
    return s;
}
