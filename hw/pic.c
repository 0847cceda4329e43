/* SPDX-License-Identifier: MIT */
/*
 * Two 8259A programmable interrupt controllers, cascaded on input 2, and the ELCR (Intel 8259A data
 * sheet, order 231468; Intel 82371 for ports 4D0h/4D1h).
 *
 * Not modelled: MCS-80/85 mode (ICW1 and ICW4 bits for it are kept but an interrupt acknowledge is
 * always the 8086's), buffered mode (ICW4 bits 2-3: only drives a pin).
 */
#include "hw/pic.h"

#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    PIC_ICW1_IC4 = 1 << 0,
    PIC_ICW1_SNGL = 1 << 1,
    PIC_ICW1_LTIM = 1 << 3,
    PIC_ICW1 = 1 << 4,
    PIC_ICW4_UPM = 1 << 0,
    PIC_ICW4_AEOI = 1 << 1,
    PIC_ICW4_SFNM = 1 << 4,
    PIC_OCW3 = 1 << 3,
    PIC_OCW3_RIS = 1 << 0,
    PIC_OCW3_RR = 1 << 1,
    PIC_OCW3_POLL = 1 << 2,
    PIC_OCW3_SMM = 1 << 5,
    PIC_OCW3_ESMM = 1 << 6,
    PIC_OCW2_EOI = 1 << 5,
    PIC_OCW2_SL = 1 << 6,
    PIC_OCW2_R = 1 << 7,
};

#define PIC_CASCADE 2 /* the master's input that the slave's INT drives */

struct pic_chip {
    uint8_t irr, imr, isr;
    uint8_t level; /* input pins as they are now */
    uint8_t elcr;  /* bit: input is level-triggered */
    uint8_t icw1, icw2, icw3, icw4;
    uint8_t lowest; /* the input that has the lowest priority; 7 after ICW1 */
    uint8_t init;   /* 0: operating; otherwise the ICW expected next */
    bool read_isr;  /* OCW3 RIS */
    bool poll;      /* the next read is a poll */
    bool special_mask;
    bool rotate_aeoi;
    bool out; /* INT pin */
};

struct pic {
    struct pic_chip chip[2]; /* master, slave */

    /* Wiring, set once; not saved. */
    struct line intr;
};

static uint8_t level_mask(const struct pic_chip *c)
{
    return c->icw1 & PIC_ICW1_LTIM ? 0xff : c->elcr;
}

/* The position of the best input in mask; 8 if it is empty. */
static unsigned best_priority(const struct pic_chip *c, uint8_t mask)
{
    for (unsigned p = 0; p < 8; p++) {
        if (mask >> ((c->lowest + 1 + p) & 7) & 1) {
            return p;
        }
    }
    return 8;
}

static unsigned input_at(const struct pic_chip *c, unsigned priority)
{
    return (c->lowest + 1 + priority) & 7;
}

/* The input that would be acknowledged now, or -1. */
static int pending(const struct pic *s, unsigned which)
{
    const struct pic_chip *c = &s->chip[which];
    unsigned best = best_priority(c, c->irr & (uint8_t)~c->imr);

    if (best == 8) {
        return -1;
    }
    uint8_t in_service = c->isr;

    if (c->special_mask) {
        in_service &= (uint8_t)~c->imr;
    }
    if (which == 0 && (c->icw4 & PIC_ICW4_SFNM)) {
        in_service &= (uint8_t) ~(1u << PIC_CASCADE); /* the slave may interrupt itself */
    }
    unsigned busy = best_priority(c, in_service);

    return best < busy ? (int)input_at(c, best) : -1;
}

static void set_input(struct pic_chip *c, unsigned n, bool level)
{
    uint8_t bit = (uint8_t)(1u << n);

    if (level_mask(c) & bit) {
        c->irr = level ? c->irr | bit : c->irr & (uint8_t)~bit;
    } else if (level) {
        c->irr |= c->level & bit ? 0 : bit; /* rising edge */
    } else {
        /* An edge that goes away before INTA leaves no request: that is how IRQ 7 comes about. */
        c->irr &= (uint8_t)~bit;
    }
    c->level = level ? c->level | bit : c->level & (uint8_t)~bit;
}

static void pic_update(struct pic *s)
{
    bool slave = pending(s, 1) >= 0;

    s->chip[1].out = slave;
    set_input(&s->chip[0], PIC_CASCADE, slave);

    s->chip[0].out = pending(s, 0) >= 0;
    line_set(&s->intr, s->chip[0].out);
}

static void pic_set_irq(void *opaque, unsigned n, bool level)
{
    struct pic *s = opaque;

    set_input(&s->chip[n >> 3], n & 7, level);
    pic_update(s);
}

struct line pic_irq(struct pic *s, unsigned n)
{
    return (struct line){.set = pic_set_irq, .opaque = s, .n = n & 15};
}

/* The chip's half of INTA: input n goes into service. */
static void accept(struct pic_chip *c, unsigned n)
{
    uint8_t bit = (uint8_t)(1u << n);

    if (!(level_mask(c) & bit)) {
        c->irr &= (uint8_t)~bit;
    }
    if (!(c->icw4 & PIC_ICW4_AEOI)) {
        c->isr |= bit;
    } else if (c->rotate_aeoi) {
        c->lowest = (uint8_t)n;
    }
}

int pic_ack(struct pic *s)
{
    struct pic_chip *master = &s->chip[0], *slave = &s->chip[1];
    int n = pending(s, 0);
    int vector;

    if (n < 0) {
        log_guest(PIC, "spurious interrupt, master");
        vector = (master->icw2 & 0xf8) | 7;
    } else if (n == PIC_CASCADE && !(master->icw1 & PIC_ICW1_SNGL)) {
        int k = pending(s, 1);

        accept(master, PIC_CASCADE);
        if (k < 0) {
            log_guest(PIC, "spurious interrupt, slave");
            k = 7;
        } else {
            accept(slave, (unsigned)k);
            /* The slave's INT drops with INTA, so that its next request is an edge again. */
            set_input(master, PIC_CASCADE, false);
        }
        vector = (slave->icw2 & 0xf8) | k;
    } else {
        accept(master, (unsigned)n);
        vector = (master->icw2 & 0xf8) | n;
    }
    pic_update(s);
    return vector;
}

bool pic_any_enabled(const struct pic *s)
{
    return s->chip[0].imr != 0xff;
}

static void write_icw1(struct pic_chip *c, uint8_t val)
{
    c->icw1 = val;
    c->irr &= level_mask(c) & c->level; /* edge sense circuit reset */
    c->imr = 0;
    c->isr = 0;
    c->icw3 = 0;
    c->icw4 = 0;
    c->lowest = 7;
    c->init = 2;
    c->read_isr = false;
    c->poll = false;
    c->special_mask = false;
    c->rotate_aeoi = false;
}

static void write_ocw2(struct pic_chip *c, uint8_t val)
{
    unsigned n = val & 7;
    bool specific = val & PIC_OCW2_SL;

    if (!(val & PIC_OCW2_EOI)) {
        if (specific) { /* set priority, or (0x40) no operation */
            c->lowest = val & PIC_OCW2_R ? (uint8_t)n : c->lowest;
        } else {
            c->rotate_aeoi = val & PIC_OCW2_R;
        }
        return;
    }
    if (!specific) {
        uint8_t isr = c->isr;

        if (c->special_mask) {
            isr &= (uint8_t)~c->imr; /* a masked one is not cleared by a plain EOI */
        }
        unsigned p = best_priority(c, isr);

        if (p == 8) {
            return;
        }
        n = input_at(c, p);
    }
    c->isr &= (uint8_t) ~(1u << n);
    if (val & PIC_OCW2_R) {
        c->lowest = (uint8_t)n;
    }
}

static void write_ocw3(struct pic_chip *c, uint8_t val)
{
    if (val & PIC_OCW3_RR) {
        c->read_isr = val & PIC_OCW3_RIS;
    }
    if (val & PIC_OCW3_POLL) {
        c->poll = true;
    }
    if (val & PIC_OCW3_ESMM) {
        c->special_mask = val & PIC_OCW3_SMM;
    }
}

static void write_data(struct pic_chip *c, uint8_t val)
{
    switch (c->init) {
    case 2:
        c->icw2 = val;
        c->init = !(c->icw1 & PIC_ICW1_SNGL) ? 3 : c->icw1 & PIC_ICW1_IC4 ? 4 : 0;
        break;
    case 3:
        c->icw3 = val;
        c->init = c->icw1 & PIC_ICW1_IC4 ? 4 : 0;
        break;
    case 4:
        c->icw4 = val;
        c->init = 0;
        break;
    default: c->imr = val; break;
    }
}

static void pic_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pic *s = opaque;
    struct pic_chip *c = &s->chip[port >> 7 & 1];

    log_guest(PIC, "%02xh <- %02xh", port, val);
    if (port & 1) {
        write_data(c, val);
    } else if (val & PIC_ICW1) {
        write_icw1(c, val);
    } else if (val & PIC_OCW3) {
        write_ocw3(c, val);
    } else {
        write_ocw2(c, val);
    }
    pic_update(s);
}

static uint8_t pic_read(void *opaque, uint16_t port)
{
    struct pic *s = opaque;
    unsigned which = port >> 7 & 1;
    struct pic_chip *c = &s->chip[which];

    if (c->poll) { /* the read is the acknowledge */
        int n = pending(s, which);

        c->poll = false;
        if (n < 0) {
            return 7;
        }
        accept(c, (unsigned)n);
        pic_update(s);
        return (uint8_t)(0x80 | n);
    }
    if (port & 1) {
        return c->imr;
    }
    return c->read_isr ? c->isr : c->irr;
}

static uint8_t elcr_read(void *opaque, uint16_t port)
{
    struct pic *s = opaque;

    return s->chip[port & 1].elcr;
}

static void elcr_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pic *s = opaque;
    /* Timer, keyboard, cascade, clock and FPU error are edges for good. */
    uint8_t allowed = port & 1 ? 0xde : 0xf8;
    struct pic_chip *c = &s->chip[port & 1];

    c->elcr = val & allowed;
    c->irr |= c->elcr & c->level;
    pic_update(s);
}

static void pic_reset(void *opaque)
{
    struct pic *s = opaque;

    for (unsigned i = 0; i < 2; i++) {
        struct pic_chip *c = &s->chip[i];
        uint8_t level = c->level; /* the pins are other chips' */

        *c = (struct pic_chip){.level = level, .lowest = 7};
    }
    pic_update(s);
}

static const struct state_field chip_state[] = {
    STATE(struct pic_chip, irr),
    STATE(struct pic_chip, imr),
    STATE(struct pic_chip, isr),
    STATE(struct pic_chip, level),
    STATE(struct pic_chip, elcr),
    STATE(struct pic_chip, icw1),
    STATE(struct pic_chip, icw2),
    STATE(struct pic_chip, icw3),
    STATE(struct pic_chip, icw4),
    STATE(struct pic_chip, lowest),
    STATE(struct pic_chip, init),
    STATE(struct pic_chip, read_isr),
    STATE(struct pic_chip, poll),
    STATE(struct pic_chip, special_mask),
    STATE(struct pic_chip, rotate_aeoi),
    STATE(struct pic_chip, out),
    STATE_END,
};

static const struct state_field pic_state[] = {
    STATE_SUBS(struct pic, chip, struct pic_chip, 2, chip_state),
    STATE_END,
};

static const struct device_type pic_type = {
    .name = "pic",
    .reset = pic_reset,
    .state = pic_state,
};

struct pic *pic_create(struct machine *m, struct line intr)
{
    struct pic *s = device_new(m, &pic_type, sizeof(*s));

    s->intr = intr;
    io_map8(m, 0x20, 2, pic_read, pic_write, s);
    io_map8(m, 0xa0, 2, pic_read, pic_write, s);
    io_map8(m, 0x4d0, 2, elcr_read, elcr_write, s);
    return s;
}
