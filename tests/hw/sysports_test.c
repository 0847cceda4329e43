/* SPDX-License-Identifier: MIT */
/*
 * Board logic without a CPU: POST latch, CF9h, power off, the FPU error latch, port 92h, the debug
 * console and isa-debug-exit.
 */
#include "hw/sysports.h"

#include "hw/debugexit.h"
#include "hw/debugport.h"
#include "hw/port92.h"
#include "tests/hw/fake_machine.h"

struct bench {
    struct fake_machine f;
    struct pin irq13, reset;
    struct line ferr;
    struct chardev chr;
    uint8_t sent[16];
    unsigned sent_count, kicks;
};

static void console_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct bench *b = (struct bench *)((char *)c - offsetof(struct bench, chr));

    for (size_t i = 0; i < len; i++) {
        b->sent[b->sent_count++ % sizeof(b->sent)] = buf[i];
    }
}

static const struct chardev_ops console_ops = {.write = console_write};

static void set_a20(void *opaque, unsigned n, bool level)
{
    struct bench *b = opaque;

    (void)n;
    b->f.m.mem.a20_mask = level ? ~0u : ~(1u << 20);
}

static void kicked(void *opaque)
{
    ((struct bench *)opaque)->kicks++;
}

static void begin(struct bench *b)
{
    *b = (struct bench){.chr.ops = &console_ops};
    fake_init(&b->f);
    b->f.m.kick = kicked;
    b->f.m.kick_opaque = b;
    sysports_create(&b->f.m);
    b->ferr = fpuerr_create(&b->f.m, pin_line(&b->irq13));
    port92_create(&b->f.m, (struct line){.set = set_a20, .opaque = b}, pin_line(&b->reset));
    debugport_create(&b->f.m, 0xe9, 0xe9, &b->chr);
    debugexit_create(&b->f.m, 0xf4, 4);
    device_reset_all(&b->f.m);
}

static void post_code_reads_back(void)
{
    struct bench b;

    begin(&b);
    CHECK_EQ(in8(&b.f, 0x80), 0);
    out8(&b.f, 0x80, 0xa5);
    CHECK_EQ(in8(&b.f, 0x80), 0xa5);
    fake_free(&b.f);
}

static void cf9_resets_on_a_rising_edge(void)
{
    struct bench b;

    begin(&b);
    out8(&b.f, 0xcf9, 0xf2);
    CHECK_EQ(in8(&b.f, 0xcf9), 0x02);
    CHECK_EQ(b.f.m.stop, STOP_NONE);
    out8(&b.f, 0xcf9, 0x06);
    CHECK_EQ(b.f.m.stop, STOP_RESET);
    b.f.m.stop = STOP_NONE;
    out8(&b.f, 0xcf9, 0x0e); /* the bit stays set: no edge */
    CHECK_EQ(b.f.m.stop, STOP_NONE);
    device_reset_all(&b.f.m);
    CHECK_EQ(in8(&b.f, 0xcf9), 0);
    io_write(&b.f.m, 0xcf8, 0x80000400, 4); /* PCI's */
    CHECK_EQ(io_read(&b.f.m, 0xcf8, 4), 0xffffffff);
    CHECK_EQ(in8(&b.f, 0xcf9), 0);
    CHECK_EQ(b.f.m.stop, STOP_NONE);
    fake_free(&b.f);
}

static void pm1_control_powers_off(void)
{
    static const uint16_t ports[] = {0x604, 0xb004};

    for (unsigned i = 0; i < 2; i++) {
        struct bench b;

        begin(&b);
        io_write(&b.f.m, ports[i], 0x1c01, 2);
        CHECK_EQ(io_read(&b.f.m, ports[i], 2), 0x1c01);
        CHECK_EQ(b.f.m.stop, STOP_NONE);
        io_write(&b.f.m, ports[i], 0x2000, 2);
        CHECK_EQ(b.f.m.stop, STOP_SHUTDOWN);
        CHECK_EQ(io_read(&b.f.m, ports[i], 2), 0); /* SLP_EN reads 0 */
        b.f.m.stop = STOP_NONE;
        out8(&b.f, ports[i], 0x20); /* low byte: not SLP_EN */
        CHECK_EQ(b.f.m.stop, STOP_NONE);
        out8(&b.f, ports[i] + 1, 0x34);
        CHECK_EQ(b.f.m.stop, STOP_SHUTDOWN);
        CHECK_EQ(io_read(&b.f.m, ports[i], 2), 0x1420);
        CHECK_EQ(in8(&b.f, ports[i] + 1), 0x14);
        fake_free(&b.f);
    }
}

static void say(struct bench *b, const char *word)
{
    for (; *word; word++) {
        out8(&b->f, 0x8900, (uint8_t)*word);
    }
}

static void shutdown_word_powers_off(void)
{
    struct bench b;

    begin(&b);
    say(&b, "shutdown");
    say(&b, "Shutdow");
    say(&b, "Shutx");
    CHECK_EQ(b.f.m.stop, STOP_NONE);
    say(&b, "ShuShutdow"); /* begins again in the middle */
    CHECK_EQ(b.f.m.stop, STOP_NONE);
    say(&b, "n");
    CHECK_EQ(b.f.m.stop, STOP_SHUTDOWN);
    fake_free(&b.f);
}

static void f0_clears_irq13(void)
{
    struct bench b;

    begin(&b);
    for (uint16_t port = 0xf0; port <= 0xf1; port++) {
        line_set(&b.ferr, true);
        CHECK(b.irq13.level);
        out8(&b.f, port, 0);
        CHECK(!b.irq13.level);
        line_set(&b.ferr, true); /* no edge */
        CHECK(!b.irq13.level);
        line_set(&b.ferr, false);
    }
    line_set(&b.ferr, true);
    line_set(&b.ferr, false); /* the latch holds it */
    CHECK(b.irq13.level);
    device_reset_all(&b.f.m);
    CHECK(!b.irq13.level);
    fake_free(&b.f);
}

static void port92_drives_a20_and_reset(void)
{
    struct bench b;

    begin(&b);
    out8(&b.f, 0x92, 0x02);
    CHECK_EQ(b.f.m.mem.a20_mask, 0xffffffff);
    CHECK_EQ(in8(&b.f, 0x92), 0x02);
    out8(&b.f, 0x92, 0xc8);
    CHECK_EQ(b.f.m.mem.a20_mask, 0xffefffff);
    CHECK_EQ(in8(&b.f, 0x92), 0xc8);
    b.f.m.mem.a20_mask = 0xffffffff; /* the 8042 opens the same gate */
    CHECK_EQ(in8(&b.f, 0x92), 0xca);
    CHECK_EQ(b.reset.rises, 0);
    out8(&b.f, 0x92, 0x03);
    out8(&b.f, 0x92, 0x03);
    CHECK_EQ(b.reset.rises, 1);
    CHECK(!b.reset.level);
    out8(&b.f, 0x92, 0x02);
    out8(&b.f, 0x92, 0x03);
    CHECK_EQ(b.reset.rises, 2);
    fake_free(&b.f);
}

static void debug_console_sends_bytes(void)
{
    struct bench b;

    begin(&b);
    CHECK_EQ(in8(&b.f, 0xe9), 0xe9);
    out8(&b.f, 0xe9, 'h');
    out8(&b.f, 0xe9, 'i');
    CHECK_EQ(b.sent_count, 2);
    CHECK(!memcmp(b.sent, "hi", 2));
    debugport_create(&b.f.m, 0x402, 0x55, NULL); /* no stream: bytes are lost */
    out8(&b.f, 0x402, 'x');
    CHECK_EQ(in8(&b.f, 0x402), 0x55);
    fake_free(&b.f);
}

static void debug_exit_stops_at_once(void)
{
    struct bench b;

    begin(&b);
    CHECK_EQ(io_read(&b.f.m, 0xf4, 4), 0);
    CHECK_EQ(b.f.m.stop, STOP_NONE);
    io_write(&b.f.m, 0xf4, 0x12345678, 4);
    CHECK_EQ(b.f.m.stop, STOP_DEBUG_EXIT);
    CHECK_EQ(b.f.m.stop_code, 0x12345678);
    CHECK_EQ(b.kicks, 1);
    out8(&b.f, 0xf4, 1); /* the first one wins */
    CHECK_EQ(b.f.m.stop_code, 0x12345678);
    fake_free(&b.f);
}

int main(void)
{
    RUN(post_code_reads_back);
    RUN(cf9_resets_on_a_rising_edge);
    RUN(pm1_control_powers_off);
    RUN(shutdown_word_powers_off);
    RUN(f0_clears_irq13);
    RUN(port92_drives_a20_and_reset);
    RUN(debug_console_sends_bytes);
    RUN(debug_exit_stops_at_once);
    return check_done();
}
