/* SPDX-License-Identifier: MIT */
#include "hw/uart.h"

#include "tests/hw/fake_machine.h"

struct bench {
    struct fake_machine f;
    struct pin irq;
    struct chardev chr;
    char sent[64];
    unsigned sent_len;
};

static void sent_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct bench *b = container_of(c, struct bench, chr);

    for (size_t i = 0; i < len && b->sent_len < sizeof(b->sent); i++) {
        b->sent[b->sent_len++] = (char)buf[i];
    }
}

static const struct chardev_ops sent_ops = {.write = sent_write};

static void open_bench(struct bench *b)
{
    *b = (struct bench){.chr = {.ops = &sent_ops}};
    fake_init(&b->f);
    uart_create(&b->f.m, 0x3f8, pin_line(&b->irq), &b->chr);
    device_reset_all(&b->f.m);
    out8(&b->f, 0x3fc, 0x0b);
}

static void receive(struct bench *b, const char *text)
{
    b->chr.receive(b->chr.opaque, (const uint8_t *)text, strlen(text));
}

static void sends_at_once(void)
{
    struct bench b;

    open_bench(&b);
    CHECK_EQ(in8(&b.f, 0x3fd), 0x60);
    out8(&b.f, 0x3f8, 'x');
    CHECK_EQ(b.sent_len, 1);
    CHECK_EQ(b.sent[0], 'x');
    CHECK_EQ(in8(&b.f, 0x3fd), 0x60);
    fake_free(&b.f);
}

static void transmitter_interrupt_is_acknowledged_by_iir(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x3f9, 0x02);
    CHECK(b.irq.level);
    CHECK_EQ(in8(&b.f, 0x3fa), 0x02);
    CHECK(!b.irq.level);
    CHECK_EQ(in8(&b.f, 0x3fa), 0x01);
    out8(&b.f, 0x3f8, 'a');
    CHECK(b.irq.level);
    fake_free(&b.f);
}

static void fifo_has_trigger_and_timeout(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x3fa, 0x81); /* FIFO, trigger at 8 */
    out8(&b.f, 0x3f9, 0x01);
    receive(&b, "1234567");
    CHECK(!b.irq.level);
    receive(&b, "8");
    CHECK_EQ(in8(&b.f, 0x3fa), 0xc4);
    CHECK_EQ(in8(&b.f, 0x3f8), '1');
    CHECK(!b.irq.level);
    clock_step(&b.f, NS_PER_SEC / 100); /* four characters at 9600 baud: 4 ms */
    CHECK_EQ(in8(&b.f, 0x3fa), 0xcc);
    for (char c = '2'; c <= '8'; c++) {
        CHECK_EQ(in8(&b.f, 0x3f8), c);
    }
    CHECK(!b.irq.level);
    CHECK_EQ(in8(&b.f, 0x3fd), 0x60);
    fake_free(&b.f);
}

static void takes_no_more_than_it_has_room_for(void)
{
    struct bench b;

    open_bench(&b);
    CHECK_EQ(b.chr.can_receive(b.chr.opaque), 1);
    receive(&b, "a");
    CHECK_EQ(b.chr.can_receive(b.chr.opaque), 0);
    in8(&b.f, 0x3f8);
    out8(&b.f, 0x3fa, 0x01);
    CHECK_EQ(b.chr.can_receive(b.chr.opaque), 16);
    fake_free(&b.f);
}

static void loopback_wires_data_and_modem_lines(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x3fc, 0x1a);
    in8(&b.f, 0x3fe);
    out8(&b.f, 0x3f8, 0x5a);
    CHECK_EQ(b.sent_len, 0);
    CHECK_EQ(in8(&b.f, 0x3f8), 0x5a);
    CHECK_EQ(in8(&b.f, 0x3fe) & 0xf0, 0x90);
    out8(&b.f, 0x3fc, 0x15);
    CHECK_EQ(in8(&b.f, 0x3fe), 0x60 | 0x0b);
    out8(&b.f, 0x3fc, 0x10);
    CHECK_EQ(in8(&b.f, 0x3fe) & 0x0f, 0x06); /* RI went away, DSR changed */
    fake_free(&b.f);
}

static void interrupts_have_an_order(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x3f9, 0x0f);
    out8(&b.f, 0x3fc, 0x18); /* loopback: DSR, CTS drop */
    out8(&b.f, 0x3f8, 'a');
    out8(&b.f, 0x3f8, 'b'); /* overrun */
    out8(&b.f, 0x3fc, 0x0b);
    CHECK(b.irq.level);
    CHECK_EQ(in8(&b.f, 0x3fa), 0x06);
    CHECK_EQ(in8(&b.f, 0x3fd) & 0x1f, 0x03);
    CHECK_EQ(in8(&b.f, 0x3fa), 0x04);
    CHECK_EQ(in8(&b.f, 0x3f8), 'b');
    CHECK_EQ(in8(&b.f, 0x3fa), 0x02);
    CHECK_EQ(in8(&b.f, 0x3fa), 0x00);
    in8(&b.f, 0x3fe);
    CHECK_EQ(in8(&b.f, 0x3fa), 0x01);
    CHECK(!b.irq.level);
    fake_free(&b.f);
}

static void out2_gates_the_interrupt(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x3fc, 0x03);
    out8(&b.f, 0x3f9, 0x02);
    CHECK(!b.irq.level);
    out8(&b.f, 0x3fc, 0x0b);
    CHECK(b.irq.level);
    fake_free(&b.f);
}

static void divisor_and_scratch_read_back(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x3fb, 0x83);
    out8(&b.f, 0x3f8, 0x34);
    out8(&b.f, 0x3f9, 0x12);
    CHECK_EQ(in8(&b.f, 0x3f8), 0x34);
    CHECK_EQ(in8(&b.f, 0x3f9), 0x12);
    out8(&b.f, 0x3fb, 0x03);
    CHECK_EQ(in8(&b.f, 0x3f9), 0);
    out8(&b.f, 0x3ff, 0x77);
    CHECK_EQ(in8(&b.f, 0x3ff), 0x77);
    fake_free(&b.f);
}

static void survives_random_registers(void)
{
    static const uint16_t ports[] = {0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff};
    struct bench b;

    open_bench(&b);
    for (unsigned i = 0; i < 300; i++) {
        fake_random_access(&b.f, ports, 8, 20);
        if (b.chr.can_receive(b.chr.opaque)) {
            receive(&b, "r");
        }
        receive(&b, "xx");
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(sends_at_once);
    RUN(transmitter_interrupt_is_acknowledged_by_iir);
    RUN(fifo_has_trigger_and_timeout);
    RUN(takes_no_more_than_it_has_room_for);
    RUN(loopback_wires_data_and_modem_lines);
    RUN(interrupts_have_an_order);
    RUN(out2_gates_the_interrupt);
    RUN(divisor_and_scratch_read_back);
    RUN(survives_random_registers);
    return check_done();
}
