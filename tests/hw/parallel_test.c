/* SPDX-License-Identifier: MIT */
#include "hw/parallel.h"

#include "tests/hw/fake_machine.h"

enum { DATA = 0x378, STATUS = 0x379, CONTROL = 0x37a, READY = 0x80, NO_ACK = 0x40, NO_IRQ = 0x04 };

struct bench {
    struct fake_machine f;
    struct pin irq;
    struct chardev chr;
    char printed[64];
    unsigned count;
};

static void printed_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct bench *b = container_of(c, struct bench, chr);

    for (size_t i = 0; i < len && b->count < sizeof(b->printed); i++) {
        b->printed[b->count++] = (char)buf[i];
    }
}

static const struct chardev_ops printed_ops = {.write = printed_write};

static void open_bench(struct bench *b)
{
    *b = (struct bench){.chr = {.ops = &printed_ops}};
    fake_init(&b->f);
    parallel_create(&b->f.m, DATA, pin_line(&b->irq), &b->chr);
    device_reset_all(&b->f.m);
}

static void strobe(struct bench *b, char c)
{
    uint8_t control = in8(&b->f, CONTROL) & 0x3f;

    out8(&b->f, DATA, (uint8_t)c);
    out8(&b->f, CONTROL, control | 1);
    out8(&b->f, CONTROL, control);
}

static void idle_printer_is_ready_and_selected(void)
{
    struct bench b;

    open_bench(&b);
    CHECK_EQ(in8(&b.f, STATUS), 0xdf);
    CHECK_EQ(in8(&b.f, CONTROL), 0xcc);
    out8(&b.f, DATA, 0xa5);
    CHECK_EQ(in8(&b.f, DATA), 0xa5);
    out8(&b.f, STATUS, 0x00); /* read-only */
    CHECK_EQ(in8(&b.f, STATUS), 0xdf);
    CHECK_EQ(b.count, 0);
    fake_free(&b.f);
}

static void a_strobe_prints_once_and_is_acknowledged(void)
{
    struct bench b;

    open_bench(&b);
    strobe(&b, 'G');
    CHECK_EQ(b.count, 1);
    CHECK_EQ(b.printed[0], 'G');
    CHECK_EQ(in8(&b.f, STATUS) & (READY | NO_ACK), NO_ACK);
    strobe(&b, 'x'); /* a busy printer does not look */
    CHECK_EQ(b.count, 1);
    clock_step(&b.f, 6000);
    CHECK_EQ(in8(&b.f, STATUS) & (READY | NO_ACK), 0);
    clock_step(&b.f, 6000);
    CHECK_EQ(in8(&b.f, STATUS) & (READY | NO_ACK), READY | NO_ACK);
    out8(&b.f, CONTROL, 0x0d); /* held: one edge, one byte */
    out8(&b.f, CONTROL, 0x0d);
    clock_step(&b.f, 20000);
    out8(&b.f, CONTROL, 0x0d);
    CHECK_EQ(b.count, 2);
    CHECK(!b.irq.rises);
    fake_free(&b.f);
}

static void the_end_of_ack_interrupts_if_enabled(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, CONTROL, 0x1c);
    CHECK(!b.irq.level);
    strobe(&b, 'a');
    clock_step(&b.f, 9000);
    CHECK(!b.irq.level);
    clock_step(&b.f, 2000);
    CHECK(b.irq.level);
    CHECK_EQ(in8(&b.f, STATUS) & NO_IRQ, 0); /* reading it acknowledges */
    CHECK(!b.irq.level);
    CHECK_EQ(in8(&b.f, STATUS) & NO_IRQ, NO_IRQ);
    strobe(&b, 'b');
    clock_step(&b.f, 20000);
    CHECK_EQ(b.irq.rises, 2);
    out8(&b.f, CONTROL, 0x0c);
    CHECK(!b.irq.level);
    fake_free(&b.f);
}

static void a_printer_that_is_not_selected_takes_nothing(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, CONTROL, 0x04);
    strobe(&b, 'n');
    CHECK_EQ(b.count, 0);
    CHECK_EQ(in8(&b.f, STATUS) & READY, READY);
    fake_free(&b.f);
}

static void init_makes_a_busy_printer_ready(void)
{
    struct bench b;

    open_bench(&b);
    strobe(&b, 'i');
    out8(&b.f, CONTROL, 0x08);
    CHECK_EQ(in8(&b.f, STATUS) & READY, 0);
    out8(&b.f, CONTROL, 0x0c);
    CHECK_EQ(in8(&b.f, STATUS) & READY, READY);
    clock_step(&b.f, 20000);
    CHECK(!b.irq.rises);
    fake_free(&b.f);
}

/* Linux tells a bidirectional port by this. */
static void input_direction_does_not_read_the_latch(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, DATA, 0x55);
    out8(&b.f, CONTROL, 0x2c);
    CHECK_EQ(in8(&b.f, DATA), 0xff);
    out8(&b.f, CONTROL, 0x0c);
    CHECK_EQ(in8(&b.f, DATA), 0x55);
    fake_free(&b.f);
}

static void a_random_guest_does_no_harm(void)
{
    static const uint16_t ports[] = {DATA, STATUS, CONTROL};
    struct bench b;

    open_bench(&b);
    fake_random_access(&b.f, ports, 3, 100000);
    CHECK_EQ(b.count, sizeof(b.printed));
    fake_free(&b.f);
}

int main(void)
{
    RUN(idle_printer_is_ready_and_selected);
    RUN(a_strobe_prints_once_and_is_acknowledged);
    RUN(the_end_of_ack_interrupts_if_enabled);
    RUN(a_printer_that_is_not_selected_takes_nothing);
    RUN(init_makes_a_busy_printer_ready);
    RUN(input_direction_does_not_read_the_latch);
    RUN(a_random_guest_does_no_harm);
    return check_done();
}
