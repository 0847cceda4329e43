/* SPDX-License-Identifier: MIT */
#include "hw/rtc.h"

#include "tests/hw/fake_machine.h"

#define SEC NS_PER_SEC

struct bench {
    struct fake_machine f;
    struct pin irq8;
    struct rtc *rtc;
};

/* 1999-12-31 23:59:50 UTC, a Friday */
#define EVE 946684790

static void open_bench(struct bench *b, int64_t base)
{
    *b = (struct bench){.irq8 = {false, 0}};
    fake_init(&b->f);
    b->rtc = rtc_create(&b->f.m, pin_line(&b->irq8), (struct line){0}, base);
    device_reset_all(&b->f.m);
}

static uint8_t get(struct bench *b, uint8_t reg)
{
    out8(&b->f, 0x70, reg);
    return in8(&b->f, 0x71);
}

static void put(struct bench *b, uint8_t reg, uint8_t val)
{
    out8(&b->f, 0x70, reg);
    out8(&b->f, 0x71, val);
}

static void carries_into_the_century(void)
{
    struct bench b;

    open_bench(&b, EVE);
    CHECK_EQ(get(&b, 0), 0x50);
    CHECK_EQ(get(&b, 2), 0x59);
    CHECK_EQ(get(&b, 4), 0x23);
    CHECK_EQ(get(&b, 6), 6);
    CHECK_EQ(get(&b, 9), 0x99);
    clock_step(&b.f, 10 * SEC);
    CHECK_EQ(get(&b, 0), 0x00);
    CHECK_EQ(get(&b, 4), 0x00);
    CHECK_EQ(get(&b, 6), 7);
    CHECK_EQ(get(&b, 7), 0x01);
    CHECK_EQ(get(&b, 8), 0x01);
    CHECK_EQ(get(&b, 9), 0x00);
    CHECK_EQ(get(&b, 0x32), 0x20);
    clock_step(&b.f, 59 * 86400 * SEC);
    CHECK_EQ(get(&b, 7), 0x29); /* 2000 is a leap year */
    CHECK_EQ(get(&b, 8), 0x02);
    fake_free(&b.f);
}

static void twelve_hours_and_binary(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 11, 0x04); /* binary, 12 hours */
    CHECK_EQ(get(&b, 0), 50);
    CHECK_EQ(get(&b, 4), 0x80 | 11);
    clock_step(&b.f, 10 * SEC);
    CHECK_EQ(get(&b, 4), 12);
    clock_step(&b.f, 12 * 3600 * SEC);
    CHECK_EQ(get(&b, 4), 0x80 | 12);
    fake_free(&b.f);
}

static void set_holds_the_registers_and_takes_a_new_time(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 11, 0x82);
    clock_step(&b.f, 5 * SEC);
    CHECK_EQ(get(&b, 0), 0x50);
    put(&b, 0, 0x15);
    put(&b, 2, 0x30);
    put(&b, 4, 0x12);
    put(&b, 7, 0x04);
    put(&b, 8, 0x07);
    put(&b, 9, 0x76);
    put(&b, 0x32, 0x19);
    put(&b, 6, 0x01);
    put(&b, 11, 0x02);
    clock_step(&b.f, 2 * SEC);
    CHECK_EQ(get(&b, 0), 0x17);
    CHECK_EQ(get(&b, 4), 0x12);
    CHECK_EQ(get(&b, 7), 0x04);
    CHECK_EQ(get(&b, 9), 0x76);
    CHECK_EQ(get(&b, 6), 0x01);
    fake_free(&b.f);
}

static void update_in_progress_precedes_the_second(void)
{
    struct bench b;

    open_bench(&b, EVE);
    clock_step(&b.f, SEC - 300000);
    CHECK_EQ(get(&b, 10) & 0x80, 0);
    clock_step(&b.f, 100000);
    CHECK_EQ(get(&b, 10) & 0x80, 0x80);
    clock_step(&b.f, 200000);
    CHECK_EQ(get(&b, 10) & 0x80, 0);
    CHECK_EQ(get(&b, 0), 0x51);
    fake_free(&b.f);
}

static void periodic_interrupt_needs_reading_c(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 11, 0x42); /* 1024 Hz */
    clock_step(&b.f, SEC / 100);
    CHECK_EQ(b.irq8.rises, 1);
    CHECK_EQ(get(&b, 12) & 0xc0, 0xc0);
    CHECK(!b.irq8.level);
    for (unsigned i = 0; i < 3000; i++) {
        clock_step(&b.f, SEC / 3000);
        if (b.irq8.level) {
            get(&b, 12);
        }
    }
    CHECK_EQ(b.irq8.rises - 1, 1024);
    fake_free(&b.f);
}

static void update_and_alarm_interrupts(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 11, 0x12);
    clock_step(&b.f, SEC);
    CHECK_EQ(get(&b, 12) & 0xb0, 0x90); /* PF comes by itself */
    put(&b, 1, 0x05);
    put(&b, 3, 0xff);
    put(&b, 5, 0xff);
    put(&b, 11, 0x22);
    get(&b, 12);
    clock_step(&b.f, 13 * SEC);
    CHECK(!b.irq8.level);
    clock_step(&b.f, SEC);
    CHECK(b.irq8.level);
    CHECK_EQ(get(&b, 12) & 0xa0, 0xa0);
    CHECK_EQ(get(&b, 0), 0x05);
    fake_free(&b.f);
}

static void flags_are_set_without_interrupts_too(void)
{
    struct bench b;

    open_bench(&b, EVE);
    get(&b, 12);
    clock_step(&b.f, 3 * SEC);
    CHECK_EQ(get(&b, 12), 0x50);
    CHECK_EQ(b.irq8.rises, 0);
    CHECK_EQ(get(&b, 13), 0x80);
    fake_free(&b.f);
}

static void memory_survives_reset(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 0x40, 0xa5);
    put(&b, 11, 0x72);
    device_reset_all(&b.f.m);
    CHECK_EQ(get(&b, 0x40), 0xa5);
    CHECK_EQ(get(&b, 11), 0x02);
    out8(&b.f, 0x70, 0x80 | 0x40); /* bit 7 is the NMI mask */
    CHECK_EQ(in8(&b.f, 0x71), 0xa5);
    fake_free(&b.f);
}

static void survives_random_registers(void)
{
    static const uint16_t ports[] = {0x70, 0x71};
    struct bench b;

    open_bench(&b, EVE);
    for (unsigned i = 0; i < 300; i++) {
        fake_random_access(&b.f, ports, 2, 20);
        put(&b, i % 14, (uint8_t)(i * 37));
        clock_step(&b.f, (uint64_t)i * i * 10000000);
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(carries_into_the_century);
    RUN(twelve_hours_and_binary);
    RUN(set_holds_the_registers_and_takes_a_new_time);
    RUN(update_in_progress_precedes_the_second);
    RUN(periodic_interrupt_needs_reading_c);
    RUN(update_and_alarm_interrupts);
    RUN(flags_are_set_without_interrupts_too);
    RUN(memory_survives_reset);
    RUN(survives_random_registers);
    return check_done();
}
