/* SPDX-License-Identifier: MIT */
/*
 * DP8390D/NS32490D Network Interface Controller (National Semiconductor data sheet, July 1995) with
 * the NE2000's memory and PROM; page 3 is the RTL8029's (Realtek data sheet, 1997).
 *
 * A frame is sent at 1 Gbit/s, a hundred times the real card's pace: a driver that has one buffer
 * waits for each. Frames come at 100 Mbit/s while the driver has not acknowledged the one before,
 * and wait on the wire while the ring is full, so that an overflow comes only when the queue
 * outside is full as well, as a busy wire would make it.
 *
 * Not modelled: collisions, FIFO thresholds and byte order (BOS), the heartbeat, auto-transmit
 * disable, the RTL8029's EEPROM and flow control.
 */
#include "hw/ne2000.h"

#include <string.h>

#include "base/crc32.h"
#include "base/endian.h"
#include "base/log.h"
#include "host/net.h"
#include "hw/machine.h"

enum {
    CR_STP = 1 << 0,
    CR_STA = 1 << 1,
    CR_TXP = 1 << 2,
    CR_RD = 7 << 3,
    CR_RD_READ = 1 << 3,
    CR_RD_WRITE = 2 << 3,
    CR_RD_SEND = 3 << 3,
    CR_RD_ABORT = 4 << 3,

    ISR_PRX = 1 << 0,
    ISR_PTX = 1 << 1,
    ISR_OVW = 1 << 4,
    ISR_CNT = 1 << 5,
    ISR_RDC = 1 << 6,
    ISR_RST = 1 << 7,

    DCR_WTS = 1 << 0,
    DCR_ARM = 1 << 4,

    TCR_CRC = 1 << 0, /* inhibits it */
    TCR_LB = 3 << 1,

    RCR_AR = 1 << 1,
    RCR_AB = 1 << 2,
    RCR_AM = 1 << 3,
    RCR_PRO = 1 << 4,
    RCR_MON = 1 << 5,

    RSR_PRX = 1 << 0,
    RSR_CRC = 1 << 1,
    RSR_MPA = 1 << 4,
    RSR_PHY = 1 << 5,
    RSR_DIS = 1 << 6,

    TSR_PTX = 1 << 0,

    PORT_DATA = 0x10,
    PORT_RESET = 0x18,
    PROM_SIZE = 32,
    PROM_MARK = 0x57, /* "W": a card with 16-bit accesses */
};
#define NS_SEND_BYTE    8u
#define NS_RECEIVE_BYTE 80u
#define NS_RECEIVE      5000u

static void update_irq(const struct ne2000 *s)
{
    line_set(&s->irq, s->isr & s->imr & 0x7f);
}

static void raise(struct ne2000 *s, uint8_t bits)
{
    s->isr |= bits;
    update_irq(s);
}

/* A counter stops at 192; its upper bit tells. */
static void count_tally(struct ne2000 *s, unsigned n)
{
    if (s->tally[n] < 0xc0 && ++s->tally[n] >= 0x80) {
        raise(s, ISR_CNT);
    }
}

/* ---- memory ---- */

/* Addresses wrap in the card's 64 KiB; what is neither PROM nor buffer reads all ones. */
static uint8_t mem_read(const struct ne2000 *s, uint32_t addr)
{
    addr &= 0xffff;
    if (addr < PROM_SIZE || (addr >= NE2000_BUFFER && addr < NE2000_SIZE)) {
        return s->mem[addr];
    }
    return 0xff;
}

static void mem_write(struct ne2000 *s, uint32_t addr, uint8_t val)
{
    addr &= 0xffff;
    if (addr >= NE2000_BUFFER && addr < NE2000_SIZE) {
        s->mem[addr] = val;
    }
}

/* ---- reception ---- */

static bool is_running(const struct ne2000 *s)
{
    return (s->cr & (CR_STP | CR_STA)) == CR_STA && !s->overflowed;
}

/* The upper six bits of the CRC, before its last inversion, pick a bit of MAR0-7. */
static bool hash_accepts(const struct ne2000 *s, const uint8_t *address)
{
    uint32_t crc = ~crc32_of(address, 6);
    unsigned n = 0;

    for (unsigned bit = 0; bit < 6; bit++) { /* the register shifts the other way round */
        n = n << 1 | (crc >> bit & 1);
    }
    return s->mar[n >> 3] >> (n & 7) & 1;
}

static bool accepts(const struct ne2000 *s, const uint8_t *to)
{
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    if (!memcmp(to, broadcast, 6)) {
        return s->rcr & RCR_AB;
    }
    if (to[0] & 1) {
        return s->rcr & RCR_AM && hash_accepts(s, to);
    }
    return s->rcr & RCR_PRO || !memcmp(to, s->par, 6);
}

static unsigned ring_pages(const struct ne2000 *s)
{
    return s->pstop > s->pstart ? s->pstop - s->pstart : 0;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Pages between CURR and BNRY. */
static unsigned free_pages(const struct ne2000 *s)
{
    unsigned pages = ring_pages(s);

    if (!pages || s->curr < s->pstart || s->curr >= s->pstop) {
        return 0;
    }
    if (s->bnry > s->curr) {
        return smaller((unsigned)(s->bnry - s->curr), pages);
    }
    return pages - smaller((unsigned)(s->curr - s->bnry), pages);
}

/* Header, frame and CRC. */
static unsigned pages_for(unsigned len)
{
    return (4 + len + 4 + 255) >> 8;
}

static void ring_put(struct ne2000 *s, uint32_t *addr, const uint8_t *p, unsigned len)
{
    while (len--) {
        mem_write(s, (*addr)++, *p++);
        if (*addr >> 8 == s->pstop) {
            *addr = (uint32_t)s->pstart << 8;
        }
    }
}

static void store(struct ne2000 *s, const uint8_t *frame, unsigned len)
{
    uint32_t addr = (uint32_t)s->curr << 8;
    unsigned next = s->curr + pages_for(len);
    uint8_t header[4], crc[4];

    if (next >= s->pstop) {
        next -= ring_pages(s);
    }
    header[0] = s->rsr;
    header[1] = (uint8_t)next;
    store_le16(header + 2, (uint16_t)(len + 4));
    store_le32(crc, crc32_of(frame, len));
    ring_put(s, &addr, header, 4);
    ring_put(s, &addr, frame, len);
    ring_put(s, &addr, crc, 4);
    s->curr = (uint8_t)next;
}

void ne2000_receive(struct ne2000 *s, const uint8_t *frame, unsigned len)
{
    if (!is_running(s) || s->tcr & TCR_LB || len < 14 || len > NET_FRAME_MAX ||
        !accepts(s, frame)) {
        return;
    }
    s->rsr = (uint8_t)(frame[0] & 1 ? RSR_PHY : 0);
    if (s->rcr & RCR_MON) {
        s->rsr |= RSR_MPA | RSR_DIS;
        count_tally(s, 2);
        return;
    }
    if (len < NET_FRAME_MIN && !(s->rcr & RCR_AR)) {
        return;
    }
    if (pages_for(len) >= free_pages(s)) {
        s->rsr |= RSR_MPA;
        s->overflowed = true;
        count_tally(s, 2);
        raise(s, ISR_OVW);
        return;
    }
    s->rsr |= RSR_PRX;
    store(s, frame, len);
    raise(s, ISR_PRX);
}

/*
 * The next frame comes soon once the driver has acknowledged the one before, else at the wire's
 * pace. Linux's lib8390 takes at most ten frames and acknowledges after the last one: were the ring
 * filled while it does, it would leave frames there without an interrupt until another one comes.
 */
static void look_outside(void *opaque)
{
    struct ne2000 *s = opaque;
    const struct net_frame *f = net_peek(s->net);

    if (f) {
        uint64_t when =
            clock_now(s->receive_event.clock) +
            (s->isr & ISR_PRX ? (f->len + 24u) * (uint64_t)NS_RECEIVE_BYTE : NS_RECEIVE);

        if (when < s->receive_event.when) {
            clock_schedule(&s->receive_event, when);
        }
    }
}

/* The next frame that waits outside, if there is room for it or the queue is full. */
static void receive_fires(void *opaque)
{
    struct ne2000 *s = opaque;
    const struct net_frame *f = net_peek(s->net);
    bool fits = f && pages_for(f->len) < free_pages(s);

    if (!f || (is_running(s) && !(s->tcr & TCR_LB) && !fits && accepts(s, f->bytes) &&
               !(s->rcr & RCR_MON) && s->net->count < NET_QUEUE)) {
        return; /* ne2000_write() looks again when the ring has room */
    }
    ne2000_receive(s, f->bytes, f->len);
    net_take(s->net);
    look_outside(s);
}

/* ---- transmission ---- */

static void get_frame(const struct ne2000 *s, uint8_t *frame, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        frame[i] = mem_read(s, ((uint32_t)s->tpsr << 8) + i);
    }
}

/*
 * Loopback (data sheet, table "Loopback results"): nothing reaches memory; the last eight bytes are
 * in the FIFO, and since transmitter and receiver share one CRC generator the receiver sees an
 * error.
 */
static void loop_back(struct ne2000 *s)
{
    static const uint8_t results[4] = {0, 0x53, 0x43, 0x03};
    uint8_t frame[NET_FRAME_MAX + 4] = {0};
    unsigned len = s->tbcr < NET_FRAME_MAX ? s->tbcr : NET_FRAME_MAX;

    get_frame(s, frame, len);
    if (!(s->tcr & TCR_CRC)) {
        store_le32(frame + len, crc32_of(frame, len));
        len += 4;
    }
    for (unsigned i = 0; i < 8; i++) {
        s->fifo[i] = len >= 8 - i ? frame[len - 8 + i] : 0;
    }
    s->fifo_pos = 0;
    s->rsr = RSR_CRC;
    s->tsr = results[s->tcr >> 1 & 3];
}

static void transmit_fires(void *opaque)
{
    struct ne2000 *s = opaque;

    s->cr &= (uint8_t)~CR_TXP;
    if (s->tcr & TCR_LB) {
        loop_back(s);
    } else {
        uint8_t frame[NET_FRAME_MAX];
        unsigned len = s->tbcr < NET_FRAME_MAX ? s->tbcr : NET_FRAME_MAX;

        get_frame(s, frame, len);
        if (len >= 14) {
            net_send(s->net, frame, len);
        }
        s->tsr = TSR_PTX;
    }
    s->ncr = 0;
    raise(s, ISR_PTX);
    look_outside(s);
}

/* ---- remote DMA ---- */

static void advance(struct ne2000 *s, unsigned n)
{
    s->rsar = (uint16_t)(s->rsar + n);
    if (s->rsar == s->pstop << 8) {
        s->rsar = (uint16_t)(s->pstart << 8);
    }
    if (s->rbcr <= n) {
        s->rbcr = 0;
        raise(s, ISR_RDC);
    } else {
        s->rbcr = (uint16_t)(s->rbcr - n);
    }
}

/* The port is as wide as the access; the transfer as WTS says. */
static uint32_t data_read(struct ne2000 *s, unsigned size)
{
    unsigned step = s->dcr & DCR_WTS ? 2 : 1;
    uint32_t val = 0;

    for (unsigned i = 0; i < size; i += step) {
        if ((s->cr & CR_RD) != CR_RD_READ || !s->rbcr) {
            val |= 0xffffu << 8 * i;
            continue;
        }
        uint32_t at = step == 2 ? s->rsar & ~1u : s->rsar;

        val |= (uint32_t)mem_read(s, at) << 8 * i;
        if (step == 2) {
            val |= (uint32_t)mem_read(s, at + 1) << (8 * i + 8);
        }
        advance(s, step);
    }
    return val;
}

static void data_write(struct ne2000 *s, uint32_t val, unsigned size)
{
    unsigned step = s->dcr & DCR_WTS ? 2 : 1;

    for (unsigned i = 0; i < size; i += step) {
        if ((s->cr & CR_RD) != CR_RD_WRITE || !s->rbcr) {
            return;
        }
        uint32_t at = step == 2 ? s->rsar & ~1u : s->rsar;

        mem_write(s, at, (uint8_t)(val >> 8 * i));
        if (step == 2 && size > 1) {
            mem_write(s, at + 1, (uint8_t)(val >> (8 * i + 8)));
        }
        advance(s, step);
    }
}

/* SEND PACKET: a remote read of the frame at BNRY, its length from its header. */
static void start_send_packet(struct ne2000 *s)
{
    uint32_t at = (uint32_t)s->bnry << 8;

    s->rsar = (uint16_t)at;
    s->rbcr = (uint16_t)(mem_read(s, at + 2) | mem_read(s, at + 3) << 8);
    s->cr = (uint8_t)((s->cr & ~CR_RD) | CR_RD_READ);
}

/* ---- registers ---- */

static void write_cr(struct ne2000 *s, uint8_t val)
{
    bool sending = s->cr & CR_TXP;
    uint8_t started = s->cr & CR_STP ? 0 : s->cr & CR_STA;

    s->cr = (uint8_t)((val & ~CR_TXP) | (s->cr & CR_TXP));
    if (val & CR_STP) {
        s->isr |= ISR_RST;
        s->overflowed = false;
        return;
    }
    s->cr |= started; /* a running chip stops for STP alone */
    if (!(s->cr & CR_STA)) {
        return;
    }
    s->isr &= (uint8_t)~ISR_RST;
    if ((val & CR_RD) == CR_RD_SEND) {
        start_send_packet(s);
    } else if (val & (CR_RD_READ | CR_RD_WRITE) && !(val & CR_RD_ABORT) && !s->rbcr) {
        raise(s, ISR_RDC);
    }
    if (val & CR_TXP && !sending) {
        s->cr |= CR_TXP;
        clock_schedule_in(&s->transmit_event, (s->tbcr + 24u) * (uint64_t)NS_SEND_BYTE);
    }
    look_outside(s);
}

static void write_page0(struct ne2000 *s, unsigned reg, uint8_t val)
{
    switch (reg) {
    case 0x1: s->pstart = val; break;
    case 0x2: s->pstop = val; break;
    case 0x3:
        s->bnry = val;
        look_outside(s);
        break;
    case 0x4: s->tpsr = val; break;
    case 0x5: s->tbcr = (uint16_t)((s->tbcr & 0xff00) | val); break;
    case 0x6: s->tbcr = (uint16_t)((s->tbcr & 0x00ff) | val << 8); break;
    case 0x7:
        s->isr &= (uint8_t) ~(val & 0x7f);
        update_irq(s);
        look_outside(s);
        break;
    case 0x8: s->rsar = (uint16_t)((s->rsar & 0xff00) | val); break;
    case 0x9: s->rsar = (uint16_t)((s->rsar & 0x00ff) | val << 8); break;
    case 0xa: s->rbcr = (uint16_t)((s->rbcr & 0xff00) | val); break;
    case 0xb: s->rbcr = (uint16_t)((s->rbcr & 0x00ff) | val << 8); break;
    case 0xc: s->rcr = val & 0x3f; break;
    case 0xd:
        s->tcr = val & 0x1f;
        look_outside(s);
        break;
    case 0xe: s->dcr = val & 0x7f; break;
    case 0xf:
        s->imr = val & 0x7f;
        update_irq(s);
        break;
    default: break;
    }
}

static uint8_t take_tally(struct ne2000 *s, unsigned n)
{
    uint8_t val = s->tally[n];

    s->tally[n] = 0;
    return val;
}

static uint8_t read_page0(struct ne2000 *s, unsigned reg)
{
    switch (reg) {
    case 0x1: return 0; /* CLDA: local DMA is never in the middle of something */
    case 0x2: return s->curr;
    case 0x3: return s->bnry;
    case 0x4: return s->tsr;
    case 0x5: return s->ncr;
    case 0x6: return s->fifo[s->fifo_pos++ & 7];
    case 0x7: return s->isr;
    case 0x8: return (uint8_t)s->rsar;
    case 0x9: return (uint8_t)(s->rsar >> 8);
    case 0xa: return s->rtl8029 ? 0x50 : 0xff; /* 8029ID0, 8029ID1 */
    case 0xb: return s->rtl8029 ? 0x43 : 0xff;
    case 0xc: return s->rsr;
    case 0xd:
    case 0xe:
    case 0xf: return take_tally(s, reg - 0xd);
    default: return 0xff;
    }
}

static uint8_t read_page2(const struct ne2000 *s, unsigned reg)
{
    switch (reg) {
    case 0x1: return s->pstart;
    case 0x2: return s->pstop;
    case 0x4: return s->tpsr;
    case 0xc: return s->rcr | 0xc0;
    case 0xd: return s->tcr | 0xe0;
    case 0xe: return s->dcr | 0x80;
    case 0xf: return s->imr | 0x80;
    default: return 0xff;
    }
}

/* 9346CR, BPAGE, CONFIG0, -, CONFIG2, CONFIG3 */
static uint8_t read_page3(const struct ne2000 *s, unsigned reg)
{
    if (!s->rtl8029) {
        return 0xff;
    }
    switch (reg) {
    case 0x1: return s->rtl_cr;
    case 0x3: return 0x00; /* the twisted pair's link is up */
    case 0x5: return s->rtl_config[2];
    case 0x6: return s->rtl_config[3] | 0x40; /* full duplex could be chosen */
    default: return 0;
    }
}

static void write_page3(struct ne2000 *s, unsigned reg, uint8_t val)
{
    if (reg == 0x1) {
        s->rtl_cr = val & 0xce;
    } else if ((s->rtl_cr & 0xc0) == 0xc0 && reg >= 0x5 && reg <= 0x6) {
        s->rtl_config[reg - 3] = val;
    }
}

static uint8_t read_register(struct ne2000 *s, unsigned reg)
{
    if (reg == 0) {
        return s->cr;
    }
    switch (s->cr >> 6) {
    case 0: return read_page0(s, reg);
    case 1: return reg < 7 ? s->par[reg - 1] : reg == 7 ? s->curr : s->mar[reg - 8];
    case 2: return read_page2(s, reg);
    default: return read_page3(s, reg);
    }
}

static void write_register(struct ne2000 *s, unsigned reg, uint8_t val)
{
    if (reg == 0) {
        write_cr(s, val);
        return;
    }
    switch (s->cr >> 6) {
    case 0: write_page0(s, reg, val); break;
    case 1:
        if (reg < 7) {
            s->par[reg - 1] = val;
        } else if (reg == 7) {
            s->curr = val;
        } else {
            s->mar[reg - 8] = val;
        }
        break;
    case 2: break;
    default: write_page3(s, reg, val); break;
    }
}

/* Any access to 18h-1Fh resets the chip. */
uint32_t ne2000_read(struct ne2000 *s, unsigned offset, unsigned size)
{
    uint32_t val = 0;

    if (offset >= PORT_RESET) {
        ne2000_reset(s);
        return 0;
    }
    if (offset >= PORT_DATA) {
        return data_read(s, size);
    }
    for (unsigned i = 0; i < size && offset + i < PORT_DATA; i++) {
        val |= (uint32_t)read_register(s, offset + i) << 8 * i;
    }
    return val;
}

void ne2000_write(struct ne2000 *s, unsigned offset, uint32_t val, unsigned size)
{
    if (offset >= PORT_RESET) {
        ne2000_reset(s);
        return;
    }
    if (offset >= PORT_DATA) {
        data_write(s, val, size);
        return;
    }
    for (unsigned i = 0; i < size && offset + i < PORT_DATA; i++) {
        write_register(s, offset + i, (uint8_t)(val >> 8 * i));
    }
}

/* ---- life ---- */

const struct state_field ne2000_state[] = {
    STATE(struct ne2000, cr),
    STATE(struct ne2000, isr),
    STATE(struct ne2000, imr),
    STATE(struct ne2000, dcr),
    STATE(struct ne2000, tcr),
    STATE(struct ne2000, rcr),
    STATE(struct ne2000, tsr),
    STATE(struct ne2000, rsr),
    STATE(struct ne2000, pstart),
    STATE(struct ne2000, pstop),
    STATE(struct ne2000, bnry),
    STATE(struct ne2000, curr),
    STATE(struct ne2000, tpsr),
    STATE(struct ne2000, ncr),
    STATE(struct ne2000, tbcr),
    STATE(struct ne2000, rsar),
    STATE(struct ne2000, rbcr),
    STATE_BYTES(struct ne2000, par),
    STATE_BYTES(struct ne2000, mar),
    STATE_BYTES(struct ne2000, tally),
    STATE_BYTES(struct ne2000, fifo),
    STATE(struct ne2000, fifo_pos),
    STATE(struct ne2000, rtl_cr),
    STATE_BYTES(struct ne2000, rtl_config),
    STATE(struct ne2000, overflowed),
    STATE(struct ne2000, link_down),
    STATE_BYTES(struct ne2000, mem),
    STATE_EVENT(struct ne2000, transmit_event),
    STATE_EVENT(struct ne2000, receive_event),
    STATE_END,
};

/* RESET: stopped, interrupts off; the address and ring registers stay as they are. */
void ne2000_reset(struct ne2000 *s)
{
    s->cr = CR_STP | CR_RD_ABORT;
    s->isr = ISR_RST;
    s->imr = 0;
    s->dcr = 0x04;
    s->tcr = 0;
    s->overflowed = false;
    s->rtl_cr = 0;
    clock_cancel(&s->transmit_event);
    for (unsigned i = 0; i < PROM_SIZE; i++) { /* each byte twice: it is read by words */
        s->mem[i] = i < 12 ? s->mac[i >> 1] : PROM_MARK;
    }
    update_irq(s);
}

static void link_changed(void *opaque)
{
    struct ne2000 *s = opaque;

    s->link_down = !s->net->link_up;
}

void ne2000_loaded(struct ne2000 *s)
{
    if (s->net) {
        net_set_link(s->net, !s->link_down);
    }
    look_outside(s);
}

void ne2000_init(struct ne2000 *s, struct machine *m, const uint8_t mac[6], struct net *net,
                 struct line irq)
{
    memcpy(s->mac, mac, 6);
    s->net = net;
    s->irq = irq;
    clock_event_init(&s->transmit_event, &m->clock, "ne2000.transmit", transmit_fires, s);
    clock_event_init(&s->receive_event, &m->clock, "ne2000.receive", receive_fires, s);
    if (net) {
        net->arrived = look_outside;
        net->link_changed = link_changed;
        net->opaque = s;
    }
}

void ne2000_free(struct ne2000 *s)
{
    net_destroy(s->net);
}
