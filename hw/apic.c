/* SPDX-License-Identifier: MIT */
/*
 * Local APIC (SDM volume 3A, chapter 10), as of the P6 family: one processor, ID 0, so that focus,
 * arbitration and lowest priority have one candidate. The timer counts at APIC_HZ before its
 * divider.
 *
 * Not modelled: x2APIC, TSC-deadline mode, thermal and performance interrupts (their LVT entries
 * can be written), INIT and start-up messages to itself, which the manual does not allow.
 */
#define _GNU_SOURCE /* open_memstream */
#include "hw/apic.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/machine.h"

enum {
    REG_ID = 0x02,
    REG_VERSION = 0x03,
    REG_TPR = 0x08,
    REG_APR = 0x09,
    REG_PPR = 0x0a,
    REG_EOI = 0x0b,
    REG_LDR = 0x0d,
    REG_DFR = 0x0e,
    REG_SVR = 0x0f,
    REG_ISR = 0x10,
    REG_TMR = 0x18,
    REG_IRR = 0x20,
    REG_ESR = 0x28,
    REG_ICR_LOW = 0x30,
    REG_ICR_HIGH = 0x31,
    REG_LVT = 0x32,
    REG_INITIAL = 0x38,
    REG_CURRENT = 0x39,
    REG_DIVIDE = 0x3e,

    LVT_TIMER = 0, /* 320h; then thermal, performance, LINT0, LINT1, error */
    LVT_LINT0 = 3,
    LVT_LINT1 = 4,
    LVT_ERROR = 5,
    LVT_COUNT = 6,
    LVT_MASKED = 1 << 16,
    LVT_PERIODIC = 1 << 17,

    SVR_ENABLED = 1 << 8,
    BASE_ENABLED = 1 << 11,

    ESR_SEND_VECTOR = 1 << 5,
    ESR_RECEIVE_VECTOR = 1 << 6,
    ESR_REGISTER = 1 << 7,

    ICR_PENDING = 1 << 12,
    ICR_LOGICAL = 1 << 11,
    ICR_ASSERT = 1 << 14,
    ICR_LEVEL = 1 << 15,
};
#define APIC_SIZE    4096u
#define APIC_VERSION 0x00050014u
#define APIC_HZ      1000000000u /* one count a guest nanosecond */

struct apic {
    uint64_t base; /* IA32_APIC_BASE */
    uint32_t id, tpr, ldr, dfr, svr, esr, esr_next, icr_low, icr_high;
    uint32_t lvt[LVT_COUNT];
    uint32_t isr[8], tmr[8], irr[8];
    uint32_t initial, divide;
    uint64_t timer_start; /* guest ns at which `initial` was loaded */
    bool lint0;           /* the pin */
    struct clock_event timer_event;

    /* Wiring; not saved. */
    struct machine *machine;
    struct line intr, nmi;
    unsigned region;
    void (*eoi)(void *opaque, uint8_t vector);
    void *eoi_opaque;
};

static const uint32_t lvt_writable[LVT_COUNT] = {0x000310ff, 0x000117ff, 0x000117ff,
                                                 0x0001b7ff, 0x0001b7ff, 0x000110ff};

/* ---- vectors ---- */

static bool bit_get(const uint32_t *set, unsigned n)
{
    return set[n >> 5] >> (n & 31) & 1;
}

static void bit_set(uint32_t *set, unsigned n, bool on)
{
    set[n >> 5] = (set[n >> 5] & ~(1u << (n & 31))) | (uint32_t)on << (n & 31);
}

static int highest(const uint32_t *set)
{
    for (int n = 7; n >= 0; n--) {
        if (set[n]) {
            return n * 32 + 31 - __builtin_clz(set[n]);
        }
    }
    return -1;
}

static bool globally_enabled(const struct apic *s)
{
    return s->base & BASE_ENABLED;
}

static uint32_t ppr(const struct apic *s)
{
    int in_service = highest(s->isr);
    uint32_t class = in_service < 0 ? 0 : (uint32_t)in_service & 0xf0;

    return (s->tpr & 0xf0) >= class ? s->tpr : class;
}

/* The vector that may interrupt now, or -1. */
static int deliverable(const struct apic *s)
{
    int n = highest(s->irr);

    return s->svr & SVR_ENABLED && n >= 0 && ((uint32_t)n & 0xf0) > (ppr(s) & 0xf0) ? n : -1;
}

/* The 8259s reach the processor: past a disabled APIC, or by LINT0 as an external interrupt. */
static bool external(const struct apic *s)
{
    uint32_t l = s->lvt[LVT_LINT0];

    return s->lint0 && (!globally_enabled(s) || (!(l & LVT_MASKED) && (l >> 8 & 7) == APIC_EXTINT));
}

static void update(struct apic *s)
{
    line_set(&s->intr, external(s) || (globally_enabled(s) && deliverable(s) >= 0));
}

int apic_ack(struct apic *s)
{
    int n = globally_enabled(s) ? deliverable(s) : -1;

    if (n < 0) {
        return external(s) ? -1 : -2;
    }
    bit_set(s->irr, (unsigned)n, false);
    bit_set(s->isr, (unsigned)n, true);
    update(s);
    return n;
}

static void raise_error(struct apic *s, uint32_t bit);

static void accept(struct apic *s, uint8_t vector, bool level)
{
    if (vector < 16) {
        raise_error(s, ESR_RECEIVE_VECTOR);
        return;
    }
    bit_set(s->irr, vector, true);
    bit_set(s->tmr, vector, level);
    update(s);
}

/* A local source fires. */
static void local(struct apic *s, unsigned n)
{
    uint32_t l = s->lvt[n];

    if (l & LVT_MASKED || !(s->svr & SVR_ENABLED)) {
        return;
    }
    if ((l >> 8 & 7) == APIC_NMI && n != LVT_TIMER && n != LVT_ERROR) {
        line_pulse(&s->nmi);
    } else if ((l >> 8 & 7) == APIC_FIXED) {
        accept(s, (uint8_t)l, l & ICR_LEVEL);
    }
}

static void raise_error(struct apic *s, uint32_t bit)
{
    bool first = !(s->esr_next & bit);

    s->esr_next |= bit;
    if (first && (s->lvt[LVT_ERROR] & 0xff) >= 16) { /* else it would go round */
        local(s, LVT_ERROR);
    }
}

static void set_lint0(void *opaque, unsigned n, bool level)
{
    struct apic *s = opaque;
    bool rises = level && !s->lint0;

    (void)n;
    s->lint0 = level;
    if (rises && globally_enabled(s) && (s->lvt[LVT_LINT0] >> 8 & 7) != APIC_EXTINT) {
        local(s, LVT_LINT0);
    }
    update(s);
}

/* ---- messages ---- */

static bool is_addressed(const struct apic *s, uint8_t destination, bool logical)
{
    uint8_t mine = (uint8_t)(s->ldr >> 24);

    if (!logical) {
        return destination == 0xff || destination == s->id >> 24;
    }
    if (s->dfr >> 28 == 0xf) {
        return destination & mine;
    }
    return (destination >> 4 == mine >> 4 || destination == 0xff) && destination & mine & 0x0f;
}

bool apic_deliver(struct apic *s, uint8_t destination, bool logical, enum apic_mode mode,
                  uint8_t vector, bool level)
{
    if (!globally_enabled(s) || !is_addressed(s, destination, logical)) {
        return false;
    }
    switch (mode) {
    case APIC_FIXED:
    case APIC_LOWEST:
        if (!(s->svr & SVR_ENABLED)) {
            return false;
        }
        accept(s, vector, level);
        return true;
    case APIC_NMI: line_pulse(&s->nmi); return true;
    default: return true; /* SMI, INIT, start-up: nothing that this processor does */
    }
}

static void send(struct apic *s)
{
    uint8_t destination = (uint8_t)(s->icr_high >> 24), vector = (uint8_t)s->icr_low;
    enum apic_mode mode = (enum apic_mode)(s->icr_low >> 8 & 7);
    unsigned shorthand = s->icr_low >> 18 & 3;

    if (vector < 16 && (mode == APIC_FIXED || mode == APIC_LOWEST)) {
        raise_error(s, ESR_SEND_VECTOR);
        return;
    }
    if (mode == APIC_INIT || mode == APIC_STARTUP || shorthand == 3) {
        return; /* there is nobody else */
    }
    if (shorthand) { /* self, or all with self */
        apic_deliver(s, 0xff, false, mode, vector, false);
    } else {
        apic_deliver(s, destination, s->icr_low & ICR_LOGICAL, mode, vector,
                     s->icr_low & ICR_LEVEL);
    }
}

static void end_of_interrupt(struct apic *s)
{
    int n = highest(s->isr);

    if (n < 0) {
        return;
    }
    bit_set(s->isr, (unsigned)n, false);
    if (bit_get(s->tmr, (unsigned)n) && s->eoi) {
        s->eoi(s->eoi_opaque, (uint8_t)n);
    }
    update(s);
}

void apic_on_eoi(struct apic *s, void (*eoi)(void *opaque, uint8_t vector), void *opaque)
{
    s->eoi = eoi;
    s->eoi_opaque = opaque;
}

/* ---- timer ---- */

static unsigned divide_shift(const struct apic *s)
{
    unsigned code = (s->divide & 3) | (s->divide >> 1 & 4);

    return (code + 1) & 7; /* 0: by 2 ... 6: by 128, 7: by 1 */
}

static uint64_t elapsed(const struct apic *s)
{
    return (clock_now(&s->machine->clock) - s->timer_start) >> divide_shift(s);
}

static uint32_t current_count(const struct apic *s)
{
    uint64_t ticks = elapsed(s);

    if (!s->initial) {
        return 0;
    }
    if (s->lvt[LVT_TIMER] & LVT_PERIODIC) {
        return s->initial - (uint32_t)(ticks % s->initial);
    }
    return ticks < s->initial ? s->initial - (uint32_t)ticks : 0;
}

/* The next time the count reaches 0. */
static void schedule_timer(struct apic *s)
{
    uint64_t period = (uint64_t)s->initial << divide_shift(s);
    uint64_t now = clock_now(&s->machine->clock);

    clock_cancel(&s->timer_event);
    if (!s->initial) {
        return;
    }
    if (s->lvt[LVT_TIMER] & LVT_PERIODIC) {
        clock_schedule(&s->timer_event,
                       s->timer_start + ((now - s->timer_start) / period + 1) * period);
    } else if (now - s->timer_start < period) {
        clock_schedule(&s->timer_event, s->timer_start + period);
    }
}

static void timer_fires(void *opaque)
{
    struct apic *s = opaque;

    local(s, LVT_TIMER);
    if (s->lvt[LVT_TIMER] & LVT_PERIODIC) {
        schedule_timer(s);
    }
}

/* ---- registers ---- */

static uint32_t read_register(struct apic *s, unsigned reg)
{
    switch (reg) {
    case REG_ID: return s->id;
    case REG_VERSION: return APIC_VERSION;
    case REG_TPR: return s->tpr;
    case REG_APR: return s->tpr; /* nobody to arbitrate with */
    case REG_PPR: return ppr(s);
    case REG_LDR: return s->ldr;
    case REG_DFR: return s->dfr;
    case REG_SVR: return s->svr;
    case REG_ESR: return s->esr;
    case REG_ICR_LOW: return s->icr_low;
    case REG_ICR_HIGH: return s->icr_high;
    case REG_INITIAL: return s->initial;
    case REG_CURRENT: return current_count(s);
    case REG_DIVIDE: return s->divide;
    default: break;
    }
    if (reg - REG_ISR < 24u) {
        const uint32_t *set = reg < REG_TMR ? s->isr : reg < REG_IRR ? s->tmr : s->irr;

        return set[reg & 7];
    }
    if (reg - REG_LVT < LVT_COUNT) {
        return s->lvt[reg - REG_LVT];
    }
    raise_error(s, ESR_REGISTER);
    return 0;
}

/* Software-disabled: everything local is masked, and stays so. */
static void write_svr(struct apic *s, uint32_t val)
{
    s->svr = val & 0x3ff;
    for (unsigned n = 0; n < LVT_COUNT && !(val & SVR_ENABLED); n++) {
        s->lvt[n] |= LVT_MASKED;
    }
}

static void write_lvt(struct apic *s, unsigned n, uint32_t val)
{
    s->lvt[n] =
        (val & lvt_writable[n] & ~(uint32_t)ICR_PENDING) | (s->svr & SVR_ENABLED ? 0 : LVT_MASKED);
    if (n == LVT_TIMER) {
        schedule_timer(s);
    }
}

static void write_register(struct apic *s, unsigned reg, uint32_t val)
{
    switch (reg) {
    case REG_ID: s->id = val & 0x0f000000; break;
    case REG_TPR: s->tpr = val & 0xff; break;
    case REG_EOI: end_of_interrupt(s); break;
    case REG_LDR: s->ldr = val & 0xff000000; break;
    case REG_DFR: s->dfr = val | 0x0fffffff; break;
    case REG_SVR: write_svr(s, val); break;
    case REG_ESR: /* shows what came since the last write */
        s->esr = s->esr_next;
        s->esr_next = 0;
        break;
    case REG_ICR_LOW:
        s->icr_low = val & 0x000ccfff;
        send(s);
        break;
    case REG_ICR_HIGH: s->icr_high = val & 0xff000000; break;
    case REG_INITIAL:
        s->initial = val;
        s->timer_start = clock_now(&s->machine->clock);
        schedule_timer(s);
        break;
    case REG_DIVIDE:
        s->divide = val & 0x0b;
        schedule_timer(s);
        break;
    case REG_VERSION:
    case REG_APR:
    case REG_PPR:
    case REG_CURRENT: break; /* read only */
    default:
        if (reg - REG_LVT < LVT_COUNT) {
            write_lvt(s, reg - REG_LVT, val);
        } else if (reg - REG_ISR >= 24u) {
            raise_error(s, ESR_REGISTER);
        }
        break;
    }
    update(s);
}

/* Registers are 32 bits wide, 16 bytes apart; anything but an aligned dword is undefined: a read
 * gives the bytes, a write does nothing. */
static uint32_t apic_read(void *opaque, uint32_t offset, unsigned size)
{
    if ((offset & 15) + size > 4) {
        return 0;
    }
    return read_register(opaque, offset >> 4) >> 8 * (offset & 3);
}

static void apic_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    if (size == 4 && !(offset & 15)) {
        write_register(opaque, offset >> 4, val);
    }
}

/* ---- life ---- */

static void place(struct apic *s)
{
    struct physmem *pm = &s->machine->mem;
    phys_addr_t at = s->base & 0xfffff000;

    if (!globally_enabled(s) || at < pm->ram_size) { /* RAM is not covered */
        physmem_enable(pm, s->region, false);
        return;
    }
    if (pm->region[s->region].base != at) {
        physmem_move(pm, s->region, at);
    }
    physmem_enable(pm, s->region, true);
}

void apic_set_base(struct apic *s, uint64_t base)
{
    s->base = base;
    place(s);
    update(s);
}

static void apic_reset(void *opaque)
{
    struct apic *s = opaque;

    s->base = APIC_BASE_DEFAULT;
    s->id = s->tpr = s->ldr = s->esr = s->esr_next = s->icr_low = s->icr_high = 0;
    s->dfr = 0xffffffff;
    s->svr = 0xff;
    s->initial = s->divide = 0;
    s->timer_start = clock_now(&s->machine->clock);
    memset(s->isr, 0, sizeof(s->isr));
    memset(s->tmr, 0, sizeof(s->tmr));
    memset(s->irr, 0, sizeof(s->irr));
    for (unsigned n = 0; n < LVT_COUNT; n++) {
        s->lvt[n] = LVT_MASKED;
    }
    /* Virtual wire, as a board sets it up: software that knows no APIC has its interrupts. */
    s->lvt[LVT_LINT0] = APIC_EXTINT << 8;
    clock_cancel(&s->timer_event);
    place(s);
    update(s);
}

static void apic_loaded(void *opaque)
{
    place(opaque);
}

static const struct state_field apic_fields[] = {
    STATE(struct apic, base),
    STATE(struct apic, id),
    STATE(struct apic, tpr),
    STATE(struct apic, ldr),
    STATE(struct apic, dfr),
    STATE(struct apic, svr),
    STATE(struct apic, esr),
    STATE(struct apic, esr_next),
    STATE(struct apic, icr_low),
    STATE(struct apic, icr_high),
    STATE(struct apic, lvt),
    STATE(struct apic, isr),
    STATE(struct apic, tmr),
    STATE(struct apic, irr),
    STATE(struct apic, initial),
    STATE(struct apic, divide),
    STATE(struct apic, lint0),
    STATE(struct apic, timer_start),
    STATE_EVENT(struct apic, timer_event),
    STATE_END,
};

static const struct device_type apic_type = {
    .name = "apic",
    .reset = apic_reset,
    .loaded = apic_loaded,
    .state = apic_fields,
};

struct apic *apic_create(struct machine *m, struct line intr, struct line nmi)
{
    static const struct mmio_ops ops = {apic_read, apic_write};
    struct apic *s = device_new(m, &apic_type, sizeof(*s));

    s->machine = m;
    s->intr = intr;
    s->nmi = nmi;
    s->base = APIC_BASE_DEFAULT;
    s->region = physmem_map_mmio(&m->mem, s->base & 0xfffff000, APIC_SIZE, "apic", &ops, s);
    clock_event_init(&s->timer_event, &m->clock, "apic.timer", timer_fires, s);
    return s;
}

struct line apic_lint0(struct apic *s)
{
    return (struct line){.set = set_lint0, .opaque = s};
}

char *apic_describe(struct apic *s)
{
    static const char *const names[LVT_COUNT] = {"timer", "thermal", "perf",
                                                 "LINT0", "LINT1",   "error"};
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    fprintf(f, "local APIC %s at %08x, id %u%s\n", globally_enabled(s) ? "enabled" : "disabled",
            (uint32_t)s->base & 0xfffff000, s->id >> 24,
            s->svr & SVR_ENABLED ? "" : ", software-disabled");
    fprintf(f, "TPR %02x PPR %02x SVR %03x LDR %08x DFR %08x ESR %02x ICR %08x %08x\n", s->tpr,
            ppr(s), s->svr, s->ldr, s->dfr, s->esr, s->icr_high, s->icr_low);
    fprintf(f, "timer initial %08x current %08x divide by %u\n", s->initial, current_count(s),
            1u << divide_shift(s));
    for (unsigned n = 0; n < LVT_COUNT; n++) {
        fprintf(f, "LVT %-8s %08x%s\n", names[n], s->lvt[n],
                s->lvt[n] & LVT_MASKED ? " masked" : "");
    }
    for (unsigned n = 16; n < 256; n++) {
        if (bit_get(s->irr, n) || bit_get(s->isr, n)) {
            fprintf(f, "vector %02x%s%s\n", n, bit_get(s->irr, n) ? " requested" : "",
                    bit_get(s->isr, n) ? " in service" : "");
        }
    }
    fclose(f);
    return text;
}
