/* SPDX-License-Identifier: MIT */
#include "hw/pit.h"

#include "tests/hw/fake_machine.h"

struct bench {
    struct fake_machine f;
    struct pin irq0;
};

static void open_bench(struct bench *b)
{
    *b = (struct bench){.irq0 = {false, 0}};
    fake_init(&b->f);
    pit_create(&b->f.m, pin_line(&b->irq0));
    device_reset_all(&b->f.m);
}

/* The instant at which `tick` pulses have gone by. */
static void go_to_tick(struct bench *b, uint64_t tick)
{
    uint64_t ns = muldiv64(tick, NS_PER_SEC, PIT_HZ) + 1;

    clock_step(&b->f, ns - b->f.now);
}

static void program(struct bench *b, unsigned ch, unsigned mode, uint16_t count)
{
    out8(&b->f, 0x43, (uint8_t)(ch << 6 | 0x30 | mode << 1));
    out8(&b->f, (uint16_t)(0x40 + ch), (uint8_t)count);
    out8(&b->f, (uint16_t)(0x40 + ch), (uint8_t)(count >> 8));
}

static unsigned latched(struct bench *b, unsigned ch)
{
    out8(&b->f, 0x43, (uint8_t)(ch << 6));
    unsigned lo = in8(&b->f, (uint16_t)(0x40 + ch));

    return lo | (unsigned)in8(&b->f, (uint16_t)(0x40 + ch)) << 8;
}

static uint8_t status(struct bench *b, unsigned ch)
{
    out8(&b->f, 0x43, (uint8_t)(0xe0 | 2 << ch));
    return in8(&b->f, (uint16_t)(0x40 + ch));
}

static void mode_2_interrupts_at_the_exact_rate(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 0, 2, 11932);
    clock_step(&b.f, 10 * NS_PER_SEC);
    /* Ten seconds are 11931820 pulses; the first is spent loading. */
    CHECK_EQ(b.irq0.rises - 1, 11931819 / 11932);
    fake_free(&b.f);
}

static void mode_3_is_high_for_half(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 0, 3, 101);
    go_to_tick(&b, 1 + 50);
    CHECK(b.irq0.level);
    go_to_tick(&b, 1 + 51);
    CHECK(!b.irq0.level);
    go_to_tick(&b, 1 + 101);
    CHECK(b.irq0.level);
    CHECK_EQ(latched(&b, 0), 100);
    go_to_tick(&b, 1 + 102);
    CHECK_EQ(latched(&b, 0), 98);
    fake_free(&b.f);
}

static void mode_0_rises_once(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 0, 0, 1000);
    CHECK(!b.irq0.level);
    go_to_tick(&b, 1 + 400);
    CHECK_EQ(latched(&b, 0), 600);
    go_to_tick(&b, 1 + 999);
    CHECK(!b.irq0.level);
    go_to_tick(&b, 1 + 1000);
    CHECK(b.irq0.level);
    go_to_tick(&b, 1 + 1010);
    CHECK_EQ(latched(&b, 0), 0x10000 - 10);
    CHECK_EQ(b.irq0.rises, 1);
    fake_free(&b.f);
}

static void mode_4_strobes_for_one_pulse(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 0, 4, 10);
    go_to_tick(&b, 10);
    CHECK(b.irq0.level);
    go_to_tick(&b, 11);
    CHECK(!b.irq0.level);
    go_to_tick(&b, 12);
    CHECK(b.irq0.level);
    fake_free(&b.f);
}

/* By the host's clock nothing comes on time; Linux's one-shot timer was lost for good. */
static void a_late_event_is_an_interrupt_all_the_same(void)
{
    static const uint8_t modes[] = {0, 2, 3, 4};

    for (unsigned i = 0; i < ARRAY_LEN(modes); i++) {
        struct bench b;

        open_bench(&b);
        program(&b, 0, modes[i], 1000);
        unsigned before = b.irq0.rises;

        b.f.now = muldiv64(modes[i] == 0 ? 5000 : 1700, NS_PER_SEC, PIT_HZ);
        if (modes[i] == 3) { /* the high half of the second period */
            b.f.now = muldiv64(1200, NS_PER_SEC, PIT_HZ);
        }
        clock_run(&b.f.m.clock);
        CHECK_EQ(b.irq0.rises - before, 1);
        CHECK(b.irq0.level);
        fake_free(&b.f);
    }
}

static void gate_starts_and_stops_counter_2(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 2, 0, 5000); /* the gate is off */
    go_to_tick(&b, 1000);
    CHECK_EQ(latched(&b, 2), 5000);
    out8(&b.f, 0x61, 1);
    go_to_tick(&b, 1100);
    CHECK_EQ(latched(&b, 2), 4900);
    out8(&b.f, 0x61, 0);
    go_to_tick(&b, 2000);
    CHECK_EQ(latched(&b, 2), 4900);
    CHECK_EQ(in8(&b.f, 0x61) & 0x20, 0);
    out8(&b.f, 0x61, 1);
    go_to_tick(&b, 2000 + 4900);
    CHECK_EQ(in8(&b.f, 0x61) & 0x20, 0x20);
    fake_free(&b.f);
}

static void mode_1_waits_for_the_gate_and_retriggers(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 2, 1, 100);
    CHECK_EQ(in8(&b.f, 0x61) & 0x20, 0x20);
    out8(&b.f, 0x61, 1);
    CHECK_EQ(in8(&b.f, 0x61) & 0x20, 0);
    go_to_tick(&b, 50);
    out8(&b.f, 0x61, 0);
    out8(&b.f, 0x61, 1);
    go_to_tick(&b, 120);
    CHECK_EQ(in8(&b.f, 0x61) & 0x20, 0);
    go_to_tick(&b, 152);
    CHECK_EQ(in8(&b.f, 0x61) & 0x20, 0x20);
    fake_free(&b.f);
}

static void new_count_waits_for_the_period(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 0, 2, 100);
    go_to_tick(&b, 1 + 40);
    out8(&b.f, 0x40, 50);
    out8(&b.f, 0x40, 0);
    CHECK_EQ(status(&b, 0) & 0x40, 0x40); /* null count */
    CHECK_EQ(latched(&b, 0), 60);
    go_to_tick(&b, 1 + 110);
    CHECK_EQ(latched(&b, 0), 40);
    CHECK_EQ(status(&b, 0) & 0x40, 0);
    go_to_tick(&b, 1 + 100 + 50);
    CHECK_EQ(b.irq0.rises, 3); /* the control word, pulse 100, pulse 150 */
    fake_free(&b.f);
}

static void counts_in_bcd(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x43, 0x31); /* mode 0, BCD */
    out8(&b.f, 0x40, 0x00);
    out8(&b.f, 0x40, 0x10);
    go_to_tick(&b, 2);
    CHECK_EQ(latched(&b, 0), 0x0999);
    fake_free(&b.f);
}

static void rereads_latched_count_once(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 0, 2, 0);
    go_to_tick(&b, 101);
    out8(&b.f, 0x43, 0xd2 & ~0x10); /* read back: count and status of counter 0 */
    out8(&b.f, 0x43, 0x00);         /* ignored: one is latched */
    go_to_tick(&b, 500);
    CHECK_EQ(in8(&b.f, 0x40), 0x80 | 0x34);
    CHECK_EQ(in8(&b.f, 0x40), (65536 - 100) & 0xff);
    CHECK_EQ(in8(&b.f, 0x40), (65536 - 100) >> 8);
    CHECK_EQ(in8(&b.f, 0x40), (65536 - 499) & 0xff);
    fake_free(&b.f);
}

static void refresh_bit_toggles(void)
{
    struct bench b;
    unsigned toggles = 0;
    uint8_t last;

    open_bench(&b);
    last = in8(&b.f, 0x61) & 0x10;
    for (unsigned i = 0; i < 1000; i++) {
        clock_step(&b.f, 1000);
        uint8_t now = in8(&b.f, 0x61) & 0x10;

        toggles += now != last;
        last = now;
    }
    CHECK_EQ(toggles, 66); /* 1 ms / 15.09 us */
    fake_free(&b.f);
}

static bool out2(struct bench *b)
{
    return in8(&b->f, 0x61) & 0x20;
}

/* A low gate sets OUT high at once and holds the count; its edge starts the period anew. */
static void gate_and_mode_2_of_counter_2(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 2, 2, 100);
    go_to_tick(&b, 150);
    CHECK(out2(&b));
    CHECK_EQ(latched(&b, 2), 100);
    go_to_tick(&b, 200);
    out8(&b.f, 0x61, 1);
    go_to_tick(&b, 211);
    CHECK_EQ(latched(&b, 2), 90);
    go_to_tick(&b, 299);
    CHECK(out2(&b));
    go_to_tick(&b, 300); /* 1: low for one pulse */
    CHECK(!out2(&b));
    out8(&b.f, 0x61, 0);
    CHECK(out2(&b));
    go_to_tick(&b, 390);
    CHECK(out2(&b));
    CHECK_EQ(latched(&b, 2), 1);
    go_to_tick(&b, 400);
    out8(&b.f, 0x61, 3);
    go_to_tick(&b, 411);
    CHECK_EQ(latched(&b, 2), 90);
    go_to_tick(&b, 500);
    CHECK(!out2(&b));
    go_to_tick(&b, 501);
    CHECK(out2(&b));
    fake_free(&b.f);
}

/* The tone of the speaker. */
static void gate_and_mode_3_of_counter_2(void)
{
    struct bench b;

    open_bench(&b);
    program(&b, 2, 3, 100);
    go_to_tick(&b, 190);
    CHECK(out2(&b));
    go_to_tick(&b, 200);
    out8(&b.f, 0x61, 3);
    for (unsigned half = 0; half < 6; half++) {
        go_to_tick(&b, 201 + 50 * half);
        CHECK_EQ(out2(&b), !(half & 1));
        go_to_tick(&b, 201 + 50 * half + 49);
        CHECK_EQ(out2(&b), !(half & 1));
    }
    go_to_tick(&b, 560);
    CHECK(!out2(&b));
    out8(&b.f, 0x61, 2); /* the gate ends the tone in its low half: OUT is high */
    CHECK(out2(&b));
    go_to_tick(&b, 900);
    CHECK(out2(&b));
    out8(&b.f, 0x61, 3);
    go_to_tick(&b, 950);
    CHECK(out2(&b));
    go_to_tick(&b, 951);
    CHECK(!out2(&b));
    fake_free(&b.f);
}

/* Bits 0-3 read back as written, 4 and 5 are the chips', 6 and 7 no error. */
static void port_b_keeps_its_low_bits(void)
{
    struct bench b;

    open_bench(&b);
    for (unsigned v = 0; v < 256; v++) {
        out8(&b.f, 0x61, (uint8_t)v);
        CHECK_EQ(in8(&b.f, 0x61) & 0xcf, v & 0x0f);
    }
    device_reset_all(&b.f.m);
    CHECK_EQ(in8(&b.f, 0x61) & 0xcf, 0);
    fake_free(&b.f);
}

static void survives_random_registers(void)
{
    static const uint16_t ports[] = {0x40, 0x41, 0x42, 0x43, 0x43, 0x61};
    struct bench b;

    open_bench(&b);
    fake_random_access(&b.f, ports, 6, 3000);
    fake_free(&b.f);
}

int main(void)
{
    RUN(mode_2_interrupts_at_the_exact_rate);
    RUN(mode_3_is_high_for_half);
    RUN(mode_0_rises_once);
    RUN(mode_4_strobes_for_one_pulse);
    RUN(a_late_event_is_an_interrupt_all_the_same);
    RUN(gate_starts_and_stops_counter_2);
    RUN(mode_1_waits_for_the_gate_and_retriggers);
    RUN(new_count_waits_for_the_period);
    RUN(counts_in_bcd);
    RUN(rereads_latched_count_once);
    RUN(refresh_bit_toggles);
    RUN(gate_and_mode_2_of_counter_2);
    RUN(gate_and_mode_3_of_counter_2);
    RUN(port_b_keeps_its_low_bits);
    RUN(survives_random_registers);
    return check_done();
}
