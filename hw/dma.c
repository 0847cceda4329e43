/* SPDX-License-Identifier: MIT */
/*
 * Two 8237A DMA controllers and the page registers (Intel 8237A data sheet, order 231466; IBM AT
 * Technical Reference). Channels 0-3 move bytes, 5-7 words; channel 4 is the cascade.
 *
 * Transfers happen at once when a device calls dma_transfer(): demand, single and block mode differ
 * only in who waits for the bus, which has no time here. Memory-to-memory runs when channel 0 is
 * requested by software; each channel has its page, as for a device. What a page register gives
 * without a DACK is the board's affair; the 82371SB leaves these transfers out (DCOM, bits 0-1).
 *
 * Not modelled: compressed timing, extended write, DREQ and DACK polarity, rotating priority
 * (stored).
 */
#include "hw/dma.h"

#include <string.h>

#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    DMA_CMD_MEM_TO_MEM = 1 << 0,
    DMA_CMD_CH0_HOLD = 1 << 1,
    DMA_CMD_DISABLE = 1 << 2,
    DMA_MODE_TYPE = 3 << 2,
    DMA_MODE_VERIFY = 0 << 2,
    DMA_MODE_WRITE = 1 << 2, /* device to memory */
    DMA_MODE_READ = 2 << 2,
    DMA_MODE_AUTOINIT = 1 << 4,
    DMA_MODE_DECREMENT = 1 << 5,
    DMA_MODE_CASCADE = 3 << 6,
};

struct dma_channel {
    uint16_t base_addr, base_count;
    uint16_t addr, count;
    uint8_t mode;
    uint8_t page;
};

struct dma_chip {
    struct dma_channel channel[4];
    uint8_t command;
    uint8_t status;  /* low nibble: terminal counts reached */
    uint8_t dreq;    /* request lines */
    uint8_t request; /* software requests */
    uint8_t mask;
    uint8_t temp;
    bool flip_flop; /* the next access is the high byte */
};

struct dma {
    struct dma_chip chip[2];
    uint8_t page_latch[16]; /* 80h-8Fh: those that belong to no channel are plain latches */

    /* Wiring; not saved. */
    struct physmem *mem;
};

/* Ports 81h-8Fh: which channel's page, or none. */
static int page_channel(unsigned port)
{
    switch (port & 15) {
    case 0x7: return 0;
    case 0x3: return 1;
    case 0x1: return 2;
    case 0x2: return 3;
    case 0xb: return 5;
    case 0x9: return 6;
    case 0xa: return 7;
    case 0xf: return 4;
    default: return -1;
    }
}

static struct dma_channel *channel(struct dma *s, unsigned ch)
{
    return &s->chip[ch >> 2 & 1].channel[ch & 3];
}

/* Where the channel points. The 16-bit controller counts words; its page's bit 0 is not connected.
 */
static phys_addr_t address(const struct dma_channel *c, bool wide)
{
    if (wide) {
        return (uint32_t)(c->page & 0xfe) << 16 | (uint32_t)c->addr << 1;
    }
    return (uint32_t)c->page << 16 | c->addr;
}

/* After one unit. True when the count is over; then it begins anew, if it is to. */
static bool count_down(struct dma_channel *c, bool hold)
{
    if (!hold) {
        c->addr = (uint16_t)(c->mode & DMA_MODE_DECREMENT ? c->addr - 1 : c->addr + 1);
    }
    if (c->count--) {
        return false;
    }
    if (c->mode & DMA_MODE_AUTOINIT) {
        c->addr = c->base_addr;
        c->count = c->base_count;
    }
    return true;
}

/* The same. True at the terminal count. */
static bool advance(struct dma_chip *d, unsigned n)
{
    struct dma_channel *c = &d->channel[n];

    if (!count_down(c, false)) {
        return false;
    }
    d->status |= (uint8_t)(1 << n);
    d->request &= (uint8_t) ~(1 << n);
    if (!(c->mode & DMA_MODE_AUTOINIT)) {
        d->mask |= (uint8_t)(1 << n);
    }
    return true;
}

/* Channels 0-3 reach the bus through channel 4. */
static bool reaches_bus(const struct dma *s, const struct dma_chip *d)
{
    const struct dma_chip *second = &s->chip[1];

    return !(d->command & DMA_CMD_DISABLE) &&
           (d == second || (!(second->command & DMA_CMD_DISABLE) && !(second->mask & 1)));
}

bool dma_ready(const struct dma *s, unsigned ch)
{
    const struct dma_chip *d = &s->chip[ch >> 2 & 1];
    unsigned n = ch & 3;

    return reaches_bus(s, d) && !(d->mask >> n & 1) &&
           (d->channel[n].mode & DMA_MODE_CASCADE) != DMA_MODE_CASCADE;
}

unsigned dma_transfer(struct dma *s, unsigned ch, uint8_t *buf, unsigned len, bool to_memory,
                      bool *tc)
{
    struct dma_chip *d = &s->chip[ch >> 2 & 1];
    struct dma_channel *c = channel(s, ch);
    bool wide = ch >= 4;
    unsigned unit = wide ? 2 : 1, done = 0;
    unsigned type = c->mode & DMA_MODE_TYPE;

    *tc = false;
    if (!dma_ready(s, ch) ||
        (type != DMA_MODE_VERIFY && type != (to_memory ? DMA_MODE_WRITE : DMA_MODE_READ))) {
        return 0;
    }
    while (!*tc && done + unit <= len) {
        if (type == DMA_MODE_WRITE) {
            physmem_write(s->mem, address(c, wide), buf + done, unit);
        } else if (type == DMA_MODE_READ) {
            physmem_read(s->mem, address(c, wide), buf + done, unit);
        } else if (!to_memory) {
            memset(buf + done, 0xff, unit); /* verify: nobody drives the data bus */
        }
        done += unit;
        *tc = advance(d, ch & 3);
    }
    return done;
}

void dma_request(struct dma *s, unsigned ch, bool level)
{
    struct dma_chip *d = &s->chip[ch >> 2 & 1];
    uint8_t bit = (uint8_t)(1 << (ch & 3));

    d->dreq = level ? d->dreq | bit : d->dreq & (uint8_t)~bit;
}

/*
 * Once it is requested and the bus can be had: channel 0 reads into the temporary register, channel
 * 1 writes it, until channel 1's count ends. The end of channel 0's is no terminal count.
 */
static void memory_to_memory(struct dma *s, struct dma_chip *d)
{
    struct dma_channel *from = &d->channel[0], *to = &d->channel[1];
    bool wide = d == &s->chip[1];
    bool end = false;

    if (!(d->request & 1) || !(d->command & DMA_CMD_MEM_TO_MEM) || !reaches_bus(s, d)) {
        return;
    }
    while (!end) { /* at most 65536 times */
        physmem_read(s->mem, address(from, wide), &d->temp, 1);
        physmem_write(s->mem, address(to, wide), &d->temp, 1);
        count_down(from, d->command & DMA_CMD_CH0_HOLD);
        end = advance(d, 1);
    }
    d->request &= 0xfc;
}

static void write_half(uint16_t *reg, bool high, uint8_t val)
{
    *reg = high ? (uint16_t)((*reg & 0x00ff) | val << 8) : (uint16_t)((*reg & 0xff00) | val);
}

static void master_clear(struct dma_chip *d)
{
    d->command = 0;
    d->status = 0;
    d->request = 0;
    d->temp = 0;
    d->mask = 15;
    d->flip_flop = false;
}

static void set_bit(uint8_t *reg, uint8_t val)
{
    uint8_t bit = (uint8_t)(1 << (val & 3));

    *reg = val & 4 ? *reg | bit : *reg & (uint8_t)~bit;
}

static void write_control(struct dma *s, struct dma_chip *d, unsigned reg, uint8_t val)
{
    switch (reg) {
    case 8: d->command = val; break;
    case 9: set_bit(&d->request, val); break;
    case 10: set_bit(&d->mask, val); break;
    case 11: d->channel[val & 3].mode = val & 0xfc; break;
    case 12: d->flip_flop = false; break;
    case 13: master_clear(d); break;
    case 14: d->mask = 0; break;
    default: d->mask = val & 15; break;
    }
    memory_to_memory(s, &s->chip[0]);
    memory_to_memory(s, &s->chip[1]);
}

static void chip_write(struct dma *s, struct dma_chip *d, unsigned reg, uint8_t val)
{
    if (reg >= 8) {
        write_control(s, d, reg, val);
        return;
    }
    struct dma_channel *c = &d->channel[reg >> 1];

    if (reg & 1) {
        write_half(&c->base_count, d->flip_flop, val);
        write_half(&c->count, d->flip_flop, val);
    } else {
        write_half(&c->base_addr, d->flip_flop, val);
        write_half(&c->addr, d->flip_flop, val);
    }
    d->flip_flop = !d->flip_flop;
}

static uint8_t chip_read(struct dma_chip *d, unsigned reg)
{
    if (reg < 8) {
        struct dma_channel *c = &d->channel[reg >> 1];
        uint16_t val = reg & 1 ? c->count : c->addr;
        bool high = d->flip_flop;

        d->flip_flop = !high;
        return (uint8_t)(high ? val >> 8 : val);
    }
    switch (reg) {
    case 8: {
        uint8_t val = d->status | (uint8_t)((d->dreq | d->request) << 4);

        d->status = 0; /* reading clears the terminal counts */
        return val;
    }
    case 13: return d->temp;
    case 15: return d->mask | 0xf0; /* as later chipsets show it */
    default: return 0xff;
    }
}

/* 00h-0Fh, and C0h-DFh at every second port. */
static void dma_write(void *opaque, uint16_t port, uint8_t val)
{
    struct dma *s = opaque;

    log_guest(DMA, "%02xh <- %02xh", port, val);
    if (port < 0xc0) {
        chip_write(s, &s->chip[0], port & 15, val);
    } else {
        chip_write(s, &s->chip[1], port >> 1 & 15, val);
    }
}

static uint8_t dma_read(void *opaque, uint16_t port)
{
    struct dma *s = opaque;

    return port < 0xc0 ? chip_read(&s->chip[0], port & 15) : chip_read(&s->chip[1], port >> 1 & 15);
}

static void page_write(void *opaque, uint16_t port, uint8_t val)
{
    struct dma *s = opaque;
    int ch = page_channel(port);

    s->page_latch[port & 15] = val;
    if (ch >= 0) {
        channel(s, (unsigned)ch)->page = val;
    }
}

static uint8_t page_read(void *opaque, uint16_t port)
{
    struct dma *s = opaque;

    return s->page_latch[port & 15];
}

static void dma_reset(void *opaque)
{
    struct dma *s = opaque;

    for (unsigned i = 0; i < 2; i++) {
        uint8_t dreq = s->chip[i].dreq; /* the devices' lines */

        s->chip[i] = (struct dma_chip){.dreq = dreq};
        master_clear(&s->chip[i]);
    }
    memset(s->page_latch, 0, sizeof(s->page_latch));
}

static const struct state_field channel_state[] = {
    STATE(struct dma_channel, base_addr),
    STATE(struct dma_channel, base_count),
    STATE(struct dma_channel, addr),
    STATE(struct dma_channel, count),
    STATE(struct dma_channel, mode),
    STATE(struct dma_channel, page),
    STATE_END,
};

static const struct state_field chip_state[] = {
    STATE_SUBS(struct dma_chip, channel, struct dma_channel, 4, channel_state),
    STATE(struct dma_chip, command),
    STATE(struct dma_chip, status),
    STATE(struct dma_chip, dreq),
    STATE(struct dma_chip, request),
    STATE(struct dma_chip, mask),
    STATE(struct dma_chip, temp),
    STATE(struct dma_chip, flip_flop),
    STATE_END,
};

static const struct state_field dma_state[] = {
    STATE_SUBS(struct dma, chip, struct dma_chip, 2, chip_state),
    STATE(struct dma, page_latch),
    STATE_END,
};

static const struct device_type dma_type = {
    .name = "dma",
    .reset = dma_reset,
    .state = dma_state,
};

struct dma *dma_create(struct machine *m)
{
    struct dma *s = device_new(m, &dma_type, sizeof(*s));

    s->mem = &m->mem;
    io_map8(m, 0x00, 16, dma_read, dma_write, s);
    io_map8(m, 0xc0, 32, dma_read, dma_write, s);
    io_map8(m, 0x81, 15, page_read, page_write, s);
    return s;
}
