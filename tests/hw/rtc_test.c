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

/* Sets the date at 23:59:59 of a day in BCD, by way of SET, and lets the second pass. */
static void day_after(struct bench *b, unsigned century, unsigned year, unsigned month,
                      unsigned day)
{
    put(b, 11, 0x82);
    put(b, 0, 0x59);
    put(b, 2, 0x59);
    put(b, 4, 0x23);
    put(b, 7, (uint8_t)day);
    put(b, 8, (uint8_t)month);
    put(b, 9, (uint8_t)year);
    put(b, 0x32, (uint8_t)century);
    put(b, 11, 0x02);
    clock_step(&b->f, SEC);
}

static void months_and_leap_years(void)
{
    static const uint16_t days[][6] = {
        /* century, year, month, day: the month and day after */
        {0x20, 0x23, 0x02, 0x28, 0x03, 0x01}, {0x20, 0x24, 0x02, 0x28, 0x02, 0x29},
        {0x20, 0x24, 0x02, 0x29, 0x03, 0x01}, {0x20, 0x00, 0x02, 0x28, 0x02, 0x29},
        {0x19, 0x00, 0x02, 0x28, 0x03, 0x01}, {0x21, 0x00, 0x02, 0x28, 0x03, 0x01},
        {0x19, 0x96, 0x02, 0x28, 0x02, 0x29}, {0x20, 0x26, 0x01, 0x31, 0x02, 0x01},
        {0x20, 0x26, 0x04, 0x30, 0x05, 0x01}, {0x20, 0x26, 0x06, 0x30, 0x07, 0x01},
        {0x20, 0x26, 0x08, 0x31, 0x09, 0x01}, {0x20, 0x26, 0x09, 0x30, 0x10, 0x01},
        {0x20, 0x26, 0x11, 0x30, 0x12, 0x01}, {0x20, 0x26, 0x12, 0x31, 0x01, 0x01},
    };
    struct bench b;

    open_bench(&b, EVE);
    for (unsigned i = 0; i < sizeof(days) / sizeof(*days); i++) {
        day_after(&b, days[i][0], days[i][1], days[i][2], days[i][3]);
        CHECK_EQ(get(&b, 0), 0);
        CHECK_EQ(get(&b, 8), days[i][4]);
        CHECK_EQ(get(&b, 7), days[i][5]);
    }
    CHECK_EQ(get(&b, 9), 0x27);
    day_after(&b, 0x20, 0x99, 0x12, 0x31);
    CHECK_EQ(get(&b, 0x32), 0x21);
    CHECK_EQ(get(&b, 9), 0x00);
    fake_free(&b.f);
}

/* Without SET too: 31 is written while the month still has 28 days. */
static void bytes_stay_as_written_until_the_update(void)
{
    struct bench b;

    open_bench(&b, EVE);
    day_after(&b, 0x20, 0x23, 0x02, 0x03);
    put(&b, 7, 0x31);
    CHECK_EQ(get(&b, 7), 0x31);
    CHECK_EQ(get(&b, 8), 0x02);
    put(&b, 8, 0x05);
    CHECK_EQ(get(&b, 7), 0x31);
    CHECK_EQ(get(&b, 8), 0x05);
    clock_step(&b.f, SEC);
    CHECK_EQ(get(&b, 0), 0x01);
    CHECK_EQ(get(&b, 7), 0x31);
    CHECK_EQ(get(&b, 8), 0x05);
    fake_free(&b.f);
}

static void daylight_saving_is_kept_and_ignored(void)
{
    struct bench b;

    open_bench(&b, 954640799); /* 2000-04-02 01:59:59, the first Sunday of April */
    put(&b, 11, 0x03);
    clock_step(&b.f, SEC);
    CHECK_EQ(get(&b, 4), 0x02);
    CHECK_EQ(get(&b, 2), 0x00);
    CHECK_EQ(get(&b, 11), 0x03);
    fake_free(&b.f);
}

/* tBUC + tUC of the 32768 Hz time base: 8 + 65 ticks. */
static void update_in_progress_precedes_the_second(void)
{
    struct bench b;

    open_bench(&b, EVE);
    get(&b, 12);
    clock_step(&b.f, SEC - 2228000);
    CHECK_EQ(get(&b, 10) & 0x80, 0);
    clock_step(&b.f, 1000);
    CHECK_EQ(get(&b, 10) & 0x80, 0x80);
    clock_step(&b.f, 2226999);
    CHECK_EQ(get(&b, 10) & 0x80, 0x80);
    CHECK_EQ(get(&b, 0), 0x50);
    CHECK_EQ(get(&b, 12) & 0x10, 0);
    clock_step(&b.f, 1);
    CHECK_EQ(get(&b, 10) & 0x80, 0);
    CHECK_EQ(get(&b, 0), 0x51);
    CHECK_EQ(get(&b, 12) & 0x10, 0x10);
    fake_free(&b.f);
}

static void set_ends_an_update(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 11, 0x12);
    get(&b, 12);
    clock_step(&b.f, SEC - 100000);
    CHECK_EQ(get(&b, 10) & 0x80, 0x80);
    put(&b, 11, 0x92);
    CHECK_EQ(get(&b, 10) & 0x80, 0);
    CHECK_EQ(get(&b, 11), 0x82); /* SET takes UIE with it */
    clock_step(&b.f, 3 * SEC);
    CHECK_EQ(get(&b, 12) & 0x30, 0);
    CHECK_EQ(b.irq8.rises, 0);
    CHECK_EQ(get(&b, 0), 0x50);
    put(&b, 11, 0x02); /* the divider ran on */
    clock_step(&b.f, 99999);
    CHECK_EQ(get(&b, 0), 0x50);
    clock_step(&b.f, 1);
    CHECK_EQ(get(&b, 0), 0x51);
    fake_free(&b.f);
}

static void divider_reset_stops_the_clock(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 11, 0x42);
    put(&b, 10, 0x76);
    get(&b, 12);
    clock_step(&b.f, 7 * SEC + 123456789);
    CHECK_EQ(get(&b, 12), 0);
    CHECK_EQ(get(&b, 0), 0x50);
    put(&b, 10, 0x26); /* the first update begins half a second later */
    clock_step(&b.f, SEC / 2 - 1000);
    CHECK_EQ(get(&b, 10), 0x26);
    clock_step(&b.f, 2000);
    CHECK_EQ(get(&b, 10), 0xa6);
    clock_step(&b.f, 2230000);
    CHECK_EQ(get(&b, 0), 0x51);
    CHECK_EQ(get(&b, 12), 0xd0);
    put(&b, 10, 0xff); /* UIP cannot be written */
    CHECK_EQ(get(&b, 10), 0x7f);
    fake_free(&b.f);
}

static void periodic_interrupt_at_each_rate(void)
{
    static const unsigned hz[16] = {0,   256, 128, 8192, 4096, 2048, 1024, 512,
                                    256, 128, 64,  32,   16,   8,    4,    2};
    struct bench b;

    open_bench(&b, EVE);
    for (unsigned rs = 0; rs < 16; rs++) {
        put(&b, 10, (uint8_t)(0x20 | rs));
        put(&b, 11, 0x42);
        get(&b, 12);
        unsigned before = b.irq8.rises;

        for (unsigned i = 0; i < 4 * 20000; i++) {
            clock_step(&b.f, SEC / 20000);
            if (b.irq8.level) {
                CHECK_EQ(get(&b, 12) & 0xc0, 0xc0);
            }
        }
        CHECK_EQ(b.irq8.rises - before, 4 * hz[rs]);
        put(&b, 11, 0x02);
    }
    fake_free(&b.f);
}

/* The last edge before an update is half a period before UIP: the handler has tPI/2 + tBUC to read.
 */
static void periodic_edges_lie_half_a_period_from_the_update(void)
{
    for (unsigned rs = 3; rs < 16; rs++) {
        struct bench b;
        uint64_t half = NS_PER_SEC * (1u << (rs - 1)) / 32768 / 2;

        open_bench(&b, EVE);
        put(&b, 10, (uint8_t)(0x20 | rs));
        clock_step(&b.f, SEC - 2227784 - half - 40);
        get(&b, 12);
        clock_step(&b.f, 20);
        CHECK_EQ(get(&b, 12), 0);
        clock_step(&b.f, 40);
        CHECK_EQ(get(&b, 12), 0x40);
        clock_step(&b.f, 2 * half - 60);
        CHECK_EQ(get(&b, 12) & 0x40, 0);
        clock_step(&b.f, 80);
        CHECK_EQ(get(&b, 12) & 0x40, 0x40);
        fake_free(&b.f);
    }
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

/* How many seconds until the alarm, at most `most`; 0: none. */
static unsigned seconds_to_alarm(struct bench *b, unsigned most)
{
    get(b, 12);
    for (unsigned i = 1; i <= most; i++) {
        clock_step(&b->f, SEC);
        if (get(b, 12) & 0x20) {
            return i;
        }
    }
    return 0;
}

static void alarm_bytes_from_c0_match_anything(void)
{
    struct bench b;

    open_bench(&b, EVE);
    put(&b, 1, 0xc0);
    put(&b, 3, 0xd5);
    put(&b, 5, 0xff);
    CHECK_EQ(seconds_to_alarm(&b, 5), 1);
    CHECK_EQ(seconds_to_alarm(&b, 5), 1);
    put(&b, 1, 0xbf); /* no such second */
    CHECK_EQ(seconds_to_alarm(&b, 200), 0);
    put(&b, 1, 0x30);
    CHECK_EQ(seconds_to_alarm(&b, 100), 18); /* 00:03:12 now */
    CHECK_EQ(seconds_to_alarm(&b, 100), 60);
    put(&b, 3, 0x10); /* once an hour */
    CHECK_EQ(seconds_to_alarm(&b, 1000), 6 * 60);
    CHECK_EQ(seconds_to_alarm(&b, 5000), 3600);
    fake_free(&b.f);
}

static void alarm_hour_in_each_format(void)
{
    static const uint8_t cases[][3] = {
        /* register B, the hour's byte, the hour meant */
        {0x02, 0x00, 0}, {0x02, 0x21, 21}, {0x06, 0, 0},     {0x06, 21, 21},
        {0x00, 0x12, 0}, {0x00, 0x92, 12}, {0x00, 0x11, 11}, {0x00, 0x89, 21},
        {0x04, 12, 0},   {0x04, 0x8c, 12}, {0x04, 11, 11},   {0x04, 0x89, 21},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench b;

        open_bench(&b, EVE); /* 23:59:50 */
        put(&b, 11, cases[i][0] | 0x20);
        put(&b, 1, 0);
        put(&b, 3, 0);
        put(&b, 5, cases[i][1]);
        get(&b, 12);
        clock_step(&b.f, (10 + cases[i][2] * 3600) * SEC - 1);
        CHECK(!b.irq8.level);
        clock_step(&b.f, 1);
        CHECK(b.irq8.level);
        CHECK_EQ(get(&b, 12) & 0xa0, 0xa0);
        CHECK_EQ(get(&b, 4), cases[i][1]);
        CHECK(!b.irq8.level);
        fake_free(&b.f);
    }
}

/* A flag that is set raises IRQ 8 as soon as it is enabled, and IRQF follows the enables. */
static void enabling_an_interrupt_whose_flag_is_set(void)
{
    struct bench b;

    open_bench(&b, EVE);
    clock_step(&b.f, 2 * SEC);
    CHECK(!b.irq8.level);
    put(&b, 11, 0x12);
    CHECK(b.irq8.level);
    put(&b, 11, 0x02);
    CHECK(!b.irq8.level);
    CHECK_EQ(get(&b, 12), 0x50);
    CHECK_EQ(get(&b, 12), 0x00);
    put(&b, 11, 0x12);
    CHECK(!b.irq8.level);
    put(&b, 13, 0x00); /* C and D cannot be written */
    put(&b, 12, 0xff);
    CHECK_EQ(get(&b, 13), 0x80);
    CHECK_EQ(get(&b, 12), 0x00);
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
    RUN(months_and_leap_years);
    RUN(bytes_stay_as_written_until_the_update);
    RUN(daylight_saving_is_kept_and_ignored);
    RUN(update_in_progress_precedes_the_second);
    RUN(set_ends_an_update);
    RUN(divider_reset_stops_the_clock);
    RUN(periodic_interrupt_at_each_rate);
    RUN(periodic_edges_lie_half_a_period_from_the_update);
    RUN(periodic_interrupt_needs_reading_c);
    RUN(update_and_alarm_interrupts);
    RUN(alarm_bytes_from_c0_match_anything);
    RUN(alarm_hour_in_each_format);
    RUN(enabling_an_interrupt_whose_flag_is_set);
    RUN(flags_are_set_without_interrupts_too);
    RUN(memory_survives_reset);
    RUN(survives_random_registers);
    return check_done();
}
