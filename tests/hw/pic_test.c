/* SPDX-License-Identifier: MIT */
#include "hw/pic.h"

#include "tests/hw/fake_machine.h"

struct bench {
    struct fake_machine f;
    struct pin intr;
    struct pic *pic;
};

static void init_chips(struct bench *b, uint8_t icw4)
{
    static const uint16_t base[2] = {0x20, 0xa0};

    for (unsigned i = 0; i < 2; i++) {
        out8(&b->f, base[i], 0x11);
        out8(&b->f, base[i] + 1, i ? 0x70 : 0x08);
        out8(&b->f, base[i] + 1, i ? 2 : 4);
        out8(&b->f, base[i] + 1, icw4);
    }
}

static void open_bench(struct bench *b)
{
    *b = (struct bench){.intr = {false, 0}};
    fake_init(&b->f);
    b->pic = pic_create(&b->f.m, pin_line(&b->intr));
    device_reset_all(&b->f.m);
    init_chips(b, 1);
}

static void set_irq(struct bench *b, unsigned n, bool level)
{
    struct line l = pic_irq(b->pic, n);

    line_set(&l, level);
}

static void edge_is_acknowledged_once(void)
{
    struct bench b;

    open_bench(&b);
    set_irq(&b, 3, true);
    CHECK(b.intr.level);
    CHECK_EQ(pic_ack(b.pic), 0x0b);
    CHECK(!b.intr.level);
    out8(&b.f, 0x20, 0x20);
    CHECK(!b.intr.level); /* still high, but no new edge */
    set_irq(&b, 3, false);
    set_irq(&b, 3, true);
    CHECK(b.intr.level);
    fake_free(&b.f);
}

static void lower_input_has_priority(void)
{
    struct bench b;

    open_bench(&b);
    set_irq(&b, 5, true);
    CHECK_EQ(pic_ack(b.pic), 0x0d);
    set_irq(&b, 6, true);
    CHECK(!b.intr.level);
    set_irq(&b, 1, true);
    CHECK(b.intr.level);
    CHECK_EQ(pic_ack(b.pic), 0x09);
    out8(&b.f, 0x20, 0x20); /* ends 1 */
    CHECK(!b.intr.level);
    out8(&b.f, 0x20, 0x20); /* ends 5 */
    CHECK_EQ(pic_ack(b.pic), 0x0e);
    fake_free(&b.f);
}

static void slave_comes_through_the_cascade(void)
{
    struct bench b;

    open_bench(&b);
    set_irq(&b, 12, true);
    CHECK_EQ(pic_ack(b.pic), 0x74);
    out8(&b.f, 0x20, 0x0b);
    out8(&b.f, 0xa0, 0x0b);
    CHECK_EQ(in8(&b.f, 0x20), 0x04);
    CHECK_EQ(in8(&b.f, 0xa0), 0x10);
    set_irq(&b, 14, true);
    out8(&b.f, 0xa0, 0x20);
    CHECK(!b.intr.level); /* the master still serves the cascade */
    out8(&b.f, 0x20, 0x20);
    CHECK_EQ(pic_ack(b.pic), 0x76);
    fake_free(&b.f);
}

static void vanished_request_is_spurious(void)
{
    struct bench b;

    open_bench(&b);
    set_irq(&b, 4, true);
    set_irq(&b, 4, false);
    CHECK(!b.intr.level);
    CHECK_EQ(pic_ack(b.pic), 0x0f);
    out8(&b.f, 0x20, 0x0b);
    CHECK_EQ(in8(&b.f, 0x20), 0); /* not in service */
    fake_free(&b.f);
}

static void mask_holds_a_request_back(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x21, 0x10);
    set_irq(&b, 4, true);
    CHECK(!b.intr.level);
    CHECK_EQ(in8(&b.f, 0x20), 0x10);
    out8(&b.f, 0x21, 0);
    CHECK(b.intr.level);
    fake_free(&b.f);
}

static void automatic_eoi_leaves_nothing_in_service(void)
{
    struct bench b;

    open_bench(&b);
    init_chips(&b, 3);
    set_irq(&b, 1, true);
    CHECK_EQ(pic_ack(b.pic), 0x09);
    out8(&b.f, 0x20, 0x0b);
    CHECK_EQ(in8(&b.f, 0x20), 0);
    fake_free(&b.f);
}

static void rotation_makes_the_served_input_lowest(void)
{
    struct bench b;

    open_bench(&b);
    set_irq(&b, 3, true);
    pic_ack(b.pic);
    out8(&b.f, 0x20, 0xa0); /* rotate on non-specific EOI */
    set_irq(&b, 3, false);
    set_irq(&b, 3, true);
    set_irq(&b, 4, true);
    CHECK_EQ(pic_ack(b.pic), 0x0c);
    out8(&b.f, 0x20, 0x64); /* specific EOI */
    CHECK_EQ(pic_ack(b.pic), 0x0b);
    out8(&b.f, 0x20, 0x20);
    out8(&b.f, 0x20, 0xc7); /* set priority: 0 is highest again */
    set_irq(&b, 0, true);
    CHECK_EQ(pic_ack(b.pic), 0x08);
    fake_free(&b.f);
}

static void special_mask_lets_lower_ones_in(void)
{
    struct bench b;

    open_bench(&b);
    set_irq(&b, 1, true);
    pic_ack(b.pic);
    set_irq(&b, 6, true);
    CHECK(!b.intr.level);
    out8(&b.f, 0x21, 0x02);
    out8(&b.f, 0x20, 0x68);
    CHECK(b.intr.level);
    CHECK_EQ(pic_ack(b.pic), 0x0e);
    fake_free(&b.f);
}

static void poll_reads_and_acknowledges(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x20, 0x0c);
    CHECK_EQ(in8(&b.f, 0x20) & 0x80, 0);
    set_irq(&b, 5, true);
    out8(&b.f, 0x20, 0x0c);
    CHECK_EQ(in8(&b.f, 0x20), 0x85);
    CHECK(!b.intr.level);
    fake_free(&b.f);
}

static void level_input_asks_again(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x4d1, 0xff);
    CHECK_EQ(in8(&b.f, 0x4d1), 0xde);
    set_irq(&b, 11, true);
    CHECK_EQ(pic_ack(b.pic), 0x73);
    out8(&b.f, 0xa0, 0x20);
    out8(&b.f, 0x20, 0x20);
    CHECK(b.intr.level);
    set_irq(&b, 11, false);
    CHECK(!b.intr.level);
    fake_free(&b.f);
}

static void fully_nested_slave_interrupts_itself(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x20, 0x11);
    out8(&b.f, 0x21, 0x08);
    out8(&b.f, 0x21, 4);
    out8(&b.f, 0x21, 0x11);
    set_irq(&b, 12, true);
    CHECK_EQ(pic_ack(b.pic), 0x74);
    set_irq(&b, 8, true);
    CHECK(b.intr.level);
    CHECK_EQ(pic_ack(b.pic), 0x70);
    fake_free(&b.f);
}

static void survives_random_registers(void)
{
    static const uint16_t ports[] = {0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1};
    struct bench b;

    open_bench(&b);
    for (unsigned i = 0; i < 200; i++) {
        fake_random_access(&b.f, ports, 6, 50);
        set_irq(&b, i * 7 & 15, i & 1);
        pic_ack(b.pic);
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(edge_is_acknowledged_once);
    RUN(lower_input_has_priority);
    RUN(slave_comes_through_the_cascade);
    RUN(vanished_request_is_spurious);
    RUN(mask_holds_a_request_back);
    RUN(automatic_eoi_leaves_nothing_in_service);
    RUN(rotation_makes_the_served_input_lowest);
    RUN(special_mask_lets_lower_ones_in);
    RUN(poll_reads_and_acknowledges);
    RUN(level_input_asks_again);
    RUN(fully_nested_slave_interrupts_itself);
    RUN(survives_random_registers);
    return check_done();
}
