/* SPDX-License-Identifier: MIT */
#include "hw/ne2000.h"

#include "base/endian.h"
#include "host/net.h"
#include "tests/hw/fake_machine.h"

/* A cable that keeps the last frame. */
struct wire {
    struct net net;
    uint8_t last[NET_FRAME_MAX];
    size_t len;
    unsigned sent;
};

static void wire_send(struct net *n, const uint8_t *frame, size_t len)
{
    struct wire *w = (struct wire *)n;

    memcpy(w->last, frame, len);
    w->len = len;
    w->sent++;
}

static void wire_destroy(struct net *n)
{
    (void)n;
}

static const struct net_ops wire_ops = {.send = wire_send, .destroy = wire_destroy};
static const uint8_t mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

struct bench {
    struct fake_machine f;
    struct pin irq;
    struct wire wire;
};

#define BASE 0x300

static void reg(struct bench *b, unsigned n, uint8_t val)
{
    out8(&b->f, (uint16_t)(BASE + n), val);
}

static uint8_t get(struct bench *b, unsigned n)
{
    return in8(&b->f, (uint16_t)(BASE + n));
}

/* Ring 46h-50h, word transfers, broadcasts and the own address, all interrupts. */
static void open_bench(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    fake_init(&b->f);
    net_init(&b->wire.net, &wire_ops, "wire");
    ne2000_isa_create(&b->f.m, BASE, mac, &b->wire.net, pin_line(&b->irq));
    device_reset_all(&b->f.m);
    reg(b, 0, 0x21);
    reg(b, 0xe, 0x49);
    reg(b, 0xc, 0x04);
    reg(b, 0x1, 0x46);
    reg(b, 0x2, 0x50);
    reg(b, 0x3, 0x46);
    reg(b, 0x7, 0xff);
    reg(b, 0xf, 0x7f);
    reg(b, 0, 0x61);
    for (unsigned i = 0; i < 6; i++) {
        reg(b, 1 + i, mac[i]);
    }
    reg(b, 7, 0x47);
    reg(b, 0, 0x22);
}

static void remote(struct bench *b, uint8_t command, uint16_t addr, uint16_t len)
{
    reg(b, 8, (uint8_t)addr);
    reg(b, 9, (uint8_t)(addr >> 8));
    reg(b, 0xa, (uint8_t)len);
    reg(b, 0xb, (uint8_t)(len >> 8));
    reg(b, 0, command);
}

static void read_mem(struct bench *b, uint16_t addr, uint8_t *p, uint16_t len)
{
    remote(b, 0x0a, addr, len);
    for (unsigned i = 0; i < len; i += 2) {
        store_le16(p + i, (uint16_t)io_read(&b->f.m, BASE + 0x10, 2));
    }
}

static void make_frame(uint8_t *f, const uint8_t to[6], unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        f[i] = (uint8_t)(i * 7 + len);
    }
    memcpy(f, to, 6);
}

static void arrive(struct bench *b, const uint8_t to[6], unsigned len)
{
    uint8_t f[NET_FRAME_MAX];

    make_frame(f, to, len);
    net_deliver(&b->wire.net, f, len);
    clock_step(&b->f, 100000);
}

static uint8_t curr(struct bench *b)
{
    uint8_t val;

    reg(b, 0, 0x62);
    val = get(b, 7);
    reg(b, 0, 0x22);
    return val;
}

static void station_address_is_in_the_prom(void)
{
    struct bench b;
    uint8_t prom[32];

    open_bench(&b);
    read_mem(&b, 0, prom, 32);
    for (unsigned i = 0; i < 6; i++) {
        CHECK_EQ(prom[2 * i], mac[i]);
        CHECK_EQ(prom[2 * i + 1], mac[i]);
    }
    CHECK_EQ(prom[28], 0x57);
    CHECK_EQ(get(&b, 7) & 0x40, 0x40); /* RDC */
    fake_free(&b.f);
}

static void stores_frames_with_header_and_crc(void)
{
    struct bench b;
    uint8_t want[100], got[108];

    open_bench(&b);
    arrive(&b, mac, 100);
    CHECK(b.irq.level);
    CHECK_EQ(get(&b, 7), 0x01);
    CHECK_EQ(get(&b, 0xc), 0x01);
    CHECK_EQ(curr(&b), 0x48);
    read_mem(&b, 0x4700, got, 108);
    CHECK_EQ(got[0], 0x01);
    CHECK_EQ(got[1], 0x48);
    CHECK_EQ(load_le16(got + 2), 104);
    make_frame(want, mac, 100);
    CHECK(!memcmp(got + 4, want, 100));
    reg(&b, 7, 0xff);
    CHECK(!b.irq.level);
    fake_free(&b.f);
}

static void wraps_at_the_end_of_the_ring(void)
{
    struct bench b;
    uint8_t want[600], got[608];

    open_bench(&b);
    for (unsigned n = 0; n < 7; n++) { /* 47h-4Dh, read at once */
        arrive(&b, mac, 60);
        reg(&b, 3, (uint8_t)(curr(&b) - 1));
    }
    CHECK_EQ(curr(&b), 0x4e);
    arrive(&b, mac, 600); /* 4Eh, 4Fh, 46h */
    CHECK_EQ(curr(&b), 0x47);
    read_mem(&b, 0x4e00, got, 608); /* remote DMA wraps as well */
    make_frame(want, mac, 600);
    CHECK(!memcmp(got + 4, want, 600));
    fake_free(&b.f);
}

static void waits_outside_while_the_ring_is_full(void)
{
    struct bench b;

    open_bench(&b);
    for (unsigned n = 0; n < 5; n++) {
        arrive(&b, mac, 500); /* two pages each: four fit into nine */
    }
    CHECK_EQ(curr(&b), 0x4f);
    CHECK_EQ(get(&b, 7), 0x01);
    CHECK_EQ(b.wire.net.count, 1);
    reg(&b, 3, 0x4e);
    clock_step(&b.f, 100000);
    CHECK_EQ(b.wire.net.count, 0);
    CHECK_EQ(curr(&b), 0x47);
    fake_free(&b.f);
}

/* Linux takes ten frames, then acknowledges: what came in between would wait for another frame. */
static void leaves_no_frame_without_an_interrupt(void)
{
    struct bench b;
    uint8_t f[400], first; /* two pages: four fit into the ring */

    open_bench(&b);
    make_frame(f, mac, sizeof(f));
    first = curr(&b);
    for (unsigned i = 0; i < 3; i++) {
        net_deliver(&b.wire.net, f, sizeof(f));
    }
    clock_step(&b.f, 6000);
    CHECK(b.irq.level);
    clock_step(&b.f, 25000); /* while the driver takes the first one; 34 us on the wire */
    CHECK_EQ(curr(&b), first + 2);
    reg(&b, 3, (uint8_t)(curr(&b) - 1));
    reg(&b, 7, 0x01);
    CHECK(!b.irq.level);
    clock_step(&b.f, 6000); /* acknowledged: the next one comes soon, with its interrupt */
    CHECK(b.irq.level);
    reg(&b, 3, (uint8_t)(curr(&b) - 1));
    clock_step(&b.f, 200000); /* a driver that polls gets them at the wire's pace */
    CHECK_EQ(b.wire.net.count, 0);
    fake_free(&b.f);
}

static void overflows_when_the_queue_is_full_too(void)
{
    struct bench b;

    open_bench(&b);
    for (unsigned n = 0; n < NET_QUEUE + 5; n++) {
        arrive(&b, mac, 500);
    }
    CHECK_EQ(get(&b, 7) & 0x10, 0x10); /* OVW */
    CHECK(get(&b, 0xf) > 0);           /* missed */
    reg(&b, 0, 0x21);                  /* the way out: stop, read, start */
    reg(&b, 7, 0xff);
    reg(&b, 3, 0x4e);
    reg(&b, 0, 0x22);
    clock_step(&b.f, 100000);
    CHECK_EQ(get(&b, 7) & 0x01, 0x01);
    fake_free(&b.f);
}

static void filters_by_address(void)
{
    static const uint8_t other[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x57};
    static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t group[6] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01};
    struct bench b;

    open_bench(&b);
    arrive(&b, other, 60);
    CHECK_EQ(curr(&b), 0x47);
    arrive(&b, all, 60);
    CHECK_EQ(curr(&b), 0x48);
    CHECK_EQ(get(&b, 0xc), 0x21); /* PRX, PHY */
    reg(&b, 0xc, 0x00);
    arrive(&b, all, 60);
    CHECK_EQ(curr(&b), 0x48);
    reg(&b, 0xc, 0x08); /* multicast by hash: ether_crc(01:00:5e:00:00:01) >> 26 is 31 */
    arrive(&b, group, 60);
    CHECK_EQ(curr(&b), 0x48);
    reg(&b, 0, 0x62);
    reg(&b, 8 + 31 / 8, 1 << 31 % 8);
    reg(&b, 0, 0x22);
    arrive(&b, group, 60);
    CHECK_EQ(curr(&b), 0x49);
    reg(&b, 0xc, 0x10); /* promiscuous */
    arrive(&b, other, 60);
    CHECK_EQ(curr(&b), 0x4a);
    reg(&b, 0xc, 0x30); /* monitor: counted, not stored */
    arrive(&b, other, 60);
    CHECK_EQ(curr(&b), 0x4a);
    CHECK_EQ(get(&b, 0xf), 1);
    CHECK_EQ(get(&b, 0xf), 0); /* reading clears it */
    fake_free(&b.f);
}

static void send(struct bench *b, unsigned len, uint8_t *f)
{
    make_frame(f, mac, len);
    remote(b, 0x12, 0x4000, (uint16_t)len);
    for (unsigned i = 0; i < len; i += 2) {
        io_write(&b->f.m, BASE + 0x10, load_le16(f + i), 2);
    }
    CHECK_EQ(get(b, 7) & 0x40, 0x40);
    reg(b, 4, 0x40);
    reg(b, 5, (uint8_t)len);
    reg(b, 6, (uint8_t)(len >> 8));
    reg(b, 0, 0x26);
}

static void sends_and_says_when_it_has(void)
{
    struct bench b;
    uint8_t f[200];

    open_bench(&b);
    send(&b, 200, f);
    CHECK_EQ(get(&b, 0) & 0x04, 0x04);
    CHECK_EQ(b.wire.sent, 0);
    clock_step(&b.f, 2000); /* at 1 Gbit/s */
    CHECK_EQ(b.wire.len, 200);
    CHECK(!memcmp(b.wire.last, f, 200));
    CHECK_EQ(get(&b, 0) & 0x04, 0);
    CHECK_EQ(get(&b, 4), 0x01);
    CHECK_EQ(get(&b, 7) & 0x02, 0x02);
    fake_free(&b.f);
}

static void loops_back_into_the_fifo(void)
{
    struct bench b;
    uint8_t f[64];

    open_bench(&b);
    reg(&b, 0xd, 0x03); /* internal, no CRC made */
    send(&b, 64, f);
    clock_step(&b.f, 1000000);
    CHECK_EQ(b.wire.sent, 0);
    CHECK_EQ(get(&b, 4), 0x53);
    CHECK_EQ(get(&b, 0xc), 0x02);
    for (unsigned i = 0; i < 8; i++) {
        CHECK_EQ(get(&b, 6), f[56 + i]);
    }
    fake_free(&b.f);
}

/* iPXE clears the whole command register for a moment. */
static void goes_on_when_neither_start_nor_stop_is_written(void)
{
    struct bench b;

    open_bench(&b);
    reg(&b, 0, 0x00);
    arrive(&b, mac, 60);
    CHECK_EQ(curr(&b), 0x48);
    reg(&b, 0, 0x21);
    arrive(&b, mac, 60);
    reg(&b, 0, 0x61);
    CHECK_EQ(get(&b, 7), 0x48);
    fake_free(&b.f);
}

static void survives_random_accesses(void)
{
    struct bench b;
    uint32_t r = 7;

    open_bench(&b);
    for (unsigned n = 0; n < 300000; n++) {
        r = r * 1664525 + 1013904223;
        unsigned size = 1u << (r >> 28) % 3;

        if (r & 0x400) {
            io_write(&b.f.m, (uint16_t)(BASE + (r >> 11 & 31)), r >> 16, size);
        } else {
            io_read(&b.f.m, (uint16_t)(BASE + (r >> 11 & 31)), size);
        }
        if (!(r >> 5 & 31)) {
            arrive(&b, mac, 14 + (r >> 12) % 1500);
        }
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(station_address_is_in_the_prom);
    RUN(stores_frames_with_header_and_crc);
    RUN(wraps_at_the_end_of_the_ring);
    RUN(waits_outside_while_the_ring_is_full);
    RUN(leaves_no_frame_without_an_interrupt);
    RUN(overflows_when_the_queue_is_full_too);
    RUN(filters_by_address);
    RUN(sends_and_says_when_it_has);
    RUN(loops_back_into_the_fifo);
    RUN(goes_on_when_neither_start_nor_stop_is_written);
    RUN(survives_random_accesses);
    return check_done();
}
