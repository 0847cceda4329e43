/* SPDX-License-Identifier: MIT */
/*
 * MC146818 real-time clock with 128 bytes of memory, as in the AT (Motorola data sheet MC146818A;
 * IBM AT Technical Reference). Byte 32h holds the century.
 *
 * The time of day is a starting second and the guest time since then; flags that time sets (UF, AF,
 * PF) are worked out when somebody looks. Events exist only while one of the three interrupts is
 * enabled.
 *
 * The divider chain makes one edge a second, which begins an update: UIP is high for tBUC + tUC,
 * 244 and 1984 us, then the new time is there and UF is set. The periodic interrupt's edges lie
 * half a period beside the beginning of UIP, so that a handler finds time to read (the data sheet's
 * figure of update-ended and periodic interrupts). In crystal ticks all of that is exact.
 *
 * Bytes that the guest stores stay as they are until the next update. The century follows the
 * calendar as in chip sets: 2100 is no leap year.
 *
 * Not modelled: daylight saving (the bit is kept), the square-wave pin, crystals other than 32768
 * Hz. The time bytes can be read during an update and are the old ones.
 */
#include "hw/rtc.h"

#include "base/bits.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    RTC_SECONDS = 0,
    RTC_SECONDS_ALARM = 1,
    RTC_MINUTES = 2,
    RTC_MINUTES_ALARM = 3,
    RTC_HOURS = 4,
    RTC_HOURS_ALARM = 5,
    RTC_DAY_OF_WEEK = 6,
    RTC_DAY = 7,
    RTC_MONTH = 8,
    RTC_YEAR = 9,
    RTC_A = 10,
    RTC_B = 11,
    RTC_C = 12,
    RTC_D = 13,
    RTC_CENTURY = 0x32,
    RTC_A_UIP = 1 << 7,
    RTC_A_DV = 7 << 4,
    RTC_A_RS = 15,
    RTC_B_24H = 1 << 1,
    RTC_B_DM = 1 << 2,
    RTC_B_UIE = 1 << 4,
    RTC_B_AIE = 1 << 5,
    RTC_B_PIE = 1 << 6,
    RTC_B_SET = 1 << 7,
    RTC_C_UF = 1 << 4,
    RTC_C_AF = 1 << 5,
    RTC_C_PF = 1 << 6,
    RTC_C_IRQF = 1 << 7,
    RTC_D_VRT = 1 << 7,
    RTC_HOURS_PM = 1 << 7,
    RTC_ALARM_ANY = 0xc0,
    PORT70_NMI_MASK = 1 << 7,
};

#define RTC_HZ       32768u
#define UPDATE_TICKS 73u      /* tBUC + tUC: 8 + 65 */
#define UPDATE_NS    2227784u /* the same in ns, rounded up */
#define DAY          86400

struct rtc {
    uint8_t cmos[128]; /* the time bytes are brought up to date when an update was due */
    uint8_t index;
    bool nmi_masked;
    uint8_t weekday_shift; /* what the guest's day of week is ahead of the calendar's */
    int64_t base_second;   /* seconds since 1970 at base_ns; meaningful while running */
    int64_t base_ns;
    uint64_t synced_ns; /* flags are right up to here */
    struct clock_event event;

    /* Wiring, set once; not saved. */
    struct line irq8, nmi_mask;
    struct clock *clock;
};

/* Calendar: days since 1970-01-01 of the proleptic Gregorian calendar, years counted from March. */

static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year =
        (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void date_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static bool running(const struct rtc *s)
{
    return !(s->cmos[RTC_B] & RTC_B_SET) && (s->cmos[RTC_A] & RTC_A_DV) <= 0x20;
}

static bool divider_on(const struct rtc *s)
{
    return (s->cmos[RTC_A] & RTC_A_DV) <= 0x20;
}

static int64_t seconds_at(const struct rtc *s, uint64_t ns)
{
    return s->base_second + ((int64_t)ns - s->base_ns) / (int64_t)NS_PER_SEC;
}

static uint8_t encode(const struct rtc *s, unsigned v)
{
    return s->cmos[RTC_B] & RTC_B_DM ? (uint8_t)v : bcd_from_bin(v);
}

static unsigned decode(const struct rtc *s, uint8_t v)
{
    return s->cmos[RTC_B] & RTC_B_DM ? v : bcd_to_bin(v);
}

static uint8_t encode_hour(const struct rtc *s, unsigned hour)
{
    if (s->cmos[RTC_B] & RTC_B_24H) {
        return encode(s, hour);
    }
    return encode(s, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? RTC_HOURS_PM : 0);
}

static unsigned decode_hour(const struct rtc *s, uint8_t v)
{
    if (s->cmos[RTC_B] & RTC_B_24H) {
        return decode(s, v);
    }
    return decode(s, v & 0x7f) % 12 + (v & RTC_HOURS_PM ? 12 : 0);
}

static void registers_from_time(struct rtc *s, int64_t second)
{
    int64_t days = second / DAY - (second % DAY < 0);
    unsigned in_day = (unsigned)(second - days * DAY);
    unsigned month, day;
    int64_t year;

    date_from_days(days, &year, &month, &day);
    s->cmos[RTC_SECONDS] = encode(s, in_day % 60);
    s->cmos[RTC_MINUTES] = encode(s, in_day / 60 % 60);
    s->cmos[RTC_HOURS] = encode_hour(s, in_day / 3600);
    /* 1 = Sunday; 1970 began on a Thursday. */
    s->cmos[RTC_DAY_OF_WEEK] =
        encode(s, (unsigned)(((days + 4) % 7 + 7 + s->weekday_shift) % 7) + 1);
    s->cmos[RTC_DAY] = encode(s, day);
    s->cmos[RTC_MONTH] = encode(s, month);
    s->cmos[RTC_YEAR] = encode(s, (unsigned)(year % 100));
    s->cmos[RTC_CENTURY] = encode(s, (unsigned)(year / 100 % 100));
}

static unsigned clamp(unsigned v, unsigned lo, unsigned hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static int64_t time_from_registers(struct rtc *s)
{
    int64_t year = decode(s, s->cmos[RTC_CENTURY]) * 100 + decode(s, s->cmos[RTC_YEAR]) % 100;
    unsigned month = clamp(decode(s, s->cmos[RTC_MONTH]), 1, 12);
    unsigned day = clamp(decode(s, s->cmos[RTC_DAY]), 1, 31);
    int64_t days = days_from_date(year, month, day);
    int64_t weekday = (days + 4) % 7 + 7;

    s->weekday_shift =
        (uint8_t)((decode(s, s->cmos[RTC_DAY_OF_WEEK]) + 6 + 14 - (unsigned)weekday) % 7);
    return days * DAY + decode_hour(s, s->cmos[RTC_HOURS]) * 3600 +
           decode(s, s->cmos[RTC_MINUTES]) * 60 + decode(s, s->cmos[RTC_SECONDS]);
}

static bool alarm_field(const struct rtc *s, unsigned alarm, unsigned reg)
{
    return s->cmos[alarm] >= RTC_ALARM_ANY || s->cmos[alarm] == s->cmos[reg];
}

static bool alarm_matches(struct rtc *s, int64_t second)
{
    registers_from_time(s, second);
    return alarm_field(s, RTC_SECONDS_ALARM, RTC_SECONDS) &&
           alarm_field(s, RTC_MINUTES_ALARM, RTC_MINUTES) &&
           alarm_field(s, RTC_HOURS_ALARM, RTC_HOURS);
}

/* Length of a periodic interrupt's period in crystal ticks; 0: none. */
static uint32_t period_ticks(const struct rtc *s)
{
    unsigned rs = s->cmos[RTC_A] & RTC_A_RS;

    if (!rs || !divider_on(s)) {
        return 0;
    }
    return 1u << (rs <= 2 ? rs + 6 : rs - 1);
}

/* Crystal ticks since the second of base_ns. */
static uint64_t ticks_at(const struct rtc *s, uint64_t ns)
{
    return muldiv64(ns - (uint64_t)s->base_ns, RTC_HZ, NS_PER_SEC);
}

/* Periodic edges until then, counted from some instant. */
static uint64_t edges_at(const struct rtc *s, uint64_t ns, uint32_t period)
{
    return (ticks_at(s, ns) + UPDATE_TICKS + period / 2) / period;
}

/* Sets the flags that the time since the last call has earned, and the time bytes. */
static void rtc_sync(struct rtc *s)
{
    uint64_t now = clock_now(s->clock), since = s->synced_ns;
    uint32_t period = period_ticks(s);

    s->synced_ns = now;
    if (period && edges_at(s, now, period) != edges_at(s, since, period)) {
        s->cmos[RTC_C] |= RTC_C_PF;
    }
    if (!running(s)) {
        return;
    }
    int64_t second = seconds_at(s, now), last = seconds_at(s, since);

    if (second > last) {
        s->cmos[RTC_C] |= RTC_C_UF;
        last = second - last > DAY ? second - DAY : last; /* an alarm repeats within a day */
        for (int64_t t = last + 1; t <= second && !(s->cmos[RTC_C] & RTC_C_AF); t++) {
            if (alarm_matches(s, t)) {
                s->cmos[RTC_C] |= RTC_C_AF;
            }
        }
        registers_from_time(s, second);
    }
}

/* The first ns after now at which an enabled flag that is still clear may be set. */
static uint64_t next_event(const struct rtc *s, uint64_t now)
{
    uint8_t b = s->cmos[RTC_B];
    uint8_t wanted = b & ~s->cmos[RTC_C] & (RTC_C_UF | RTC_C_AF | RTC_C_PF);
    uint32_t period = period_ticks(s);
    uint64_t when = CLOCK_NEVER;

    if ((wanted & RTC_C_PF) && period) {
        uint64_t edge = edges_at(s, now, period) + 1;
        uint64_t tick = edge * period - period / 2 - UPDATE_TICKS;

        when = (uint64_t)s->base_ns + muldiv64(tick, NS_PER_SEC, RTC_HZ);
        while (edges_at(s, when, period) < edge) {
            when++;
        }
    }
    if ((wanted & (RTC_C_UF | RTC_C_AF)) && running(s)) {
        int64_t passed = ((int64_t)now - s->base_ns) / (int64_t)NS_PER_SEC;
        uint64_t update = (uint64_t)(s->base_ns + (passed + 1) * (int64_t)NS_PER_SEC);

        when = update < when ? update : when;
    }
    return when;
}

static void rtc_update_irq(struct rtc *s)
{
    bool irq = s->cmos[RTC_B] & s->cmos[RTC_C] & (RTC_C_UF | RTC_C_AF | RTC_C_PF);
    uint64_t when = next_event(s, clock_now(s->clock));

    s->cmos[RTC_C] = irq ? s->cmos[RTC_C] | RTC_C_IRQF : s->cmos[RTC_C] & (uint8_t)~RTC_C_IRQF;
    line_set(&s->irq8, irq);
    if (when == CLOCK_NEVER) {
        clock_cancel(&s->event);
    } else {
        clock_schedule(&s->event, when);
    }
}

static void rtc_event(void *opaque)
{
    struct rtc *s = opaque;

    rtc_sync(s);
    rtc_update_irq(s);
}

/* Lets the clock go on from the registers; the next second begins in `ns`. */
static void start(struct rtc *s, uint64_t ns)
{
    s->base_second = time_from_registers(s);
    s->base_ns = (int64_t)clock_now(s->clock) + (int64_t)ns - (int64_t)NS_PER_SEC;
}

/* ns until the current second ends, also while SET holds the registers: the divider runs on. */
static uint64_t rest_of_second(const struct rtc *s)
{
    int64_t passed = (int64_t)clock_now(s->clock) - s->base_ns;

    return NS_PER_SEC - (uint64_t)passed % NS_PER_SEC;
}

static void write_a(struct rtc *s, uint8_t val)
{
    bool was_on = divider_on(s);

    s->cmos[RTC_A] = val & 0x7f;
    if (!was_on && divider_on(s)) {
        /* The first update begins half a second after the divider starts. */
        start(s, NS_PER_SEC / 2 + UPDATE_NS);
    }
}

static void write_b(struct rtc *s, uint8_t val)
{
    bool was_running = running(s);

    if (val & RTC_B_SET) {
        val &= (uint8_t)~RTC_B_UIE;
    }
    bool other_format = (s->cmos[RTC_B] ^ val) & (RTC_B_DM | RTC_B_24H);

    s->cmos[RTC_B] = val;
    if (!was_running && running(s)) {
        start(s, rest_of_second(s));
    } else if (other_format && running(s)) {
        registers_from_time(s, seconds_at(s, clock_now(s->clock)));
    }
}

static bool is_time(unsigned index)
{
    return index == RTC_CENTURY ||
           (index <= RTC_YEAR && (index >= RTC_DAY_OF_WEEK || !(index & 1)));
}

static void write_register(struct rtc *s, unsigned index, uint8_t val)
{
    rtc_sync(s);
    switch (index) {
    case RTC_A: write_a(s, val); break;
    case RTC_B: write_b(s, val); break;
    case RTC_C:
    case RTC_D: return; /* read-only */
    default:
        s->cmos[index] = val;
        if (is_time(index) && running(s)) {
            start(s, rest_of_second(s));
        }
        break;
    }
    rtc_update_irq(s);
}

static uint8_t read_register(struct rtc *s, unsigned index)
{
    uint8_t val;

    if (index > RTC_D && index != RTC_CENTURY) {
        return s->cmos[index];
    }
    rtc_sync(s);
    val = s->cmos[index];
    switch (index) {
    case RTC_A:
        if (running(s) && rest_of_second(s) <= UPDATE_NS) {
            val |= RTC_A_UIP;
        }
        break;
    case RTC_C:
        rtc_update_irq(s); /* IRQF of flags that were due just now */
        val = s->cmos[RTC_C];
        s->cmos[RTC_C] = 0;
        rtc_update_irq(s);
        break;
    case RTC_D: return RTC_D_VRT;
    default: break;
    }
    return val;
}

static void rtc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct rtc *s = opaque;

    if (port & 1) {
        log_guest(RTC, "cmos %02xh <- %02xh", s->index, val);
        write_register(s, s->index & 0x7f, val);
        return;
    }
    s->index = val & 0x7f;
    s->nmi_masked = val & PORT70_NMI_MASK;
    line_set(&s->nmi_mask, s->nmi_masked);
}

static uint8_t rtc_read(void *opaque, uint16_t port)
{
    struct rtc *s = opaque;

    if (!(port & 1)) {
        return 0xff; /* the index is write-only */
    }
    uint8_t val = read_register(s, s->index & 0x7f);

    log_guest(RTC, "cmos %02xh -> %02xh", s->index, val);
    return val;
}

void rtc_set_cmos(struct rtc *s, unsigned index, uint8_t val)
{
    s->cmos[index & 0x7f] = val;
}

uint8_t rtc_get_cmos(const struct rtc *s, unsigned index)
{
    return s->cmos[index & 0x7f];
}

/* The RESET pin: the time, the memory and register A stay. */
static void rtc_reset(void *opaque)
{
    struct rtc *s = opaque;

    rtc_sync(s);
    s->cmos[RTC_B] &= (uint8_t) ~(RTC_B_PIE | RTC_B_AIE | RTC_B_UIE | 1 << 3);
    s->cmos[RTC_C] = 0;
    s->index = 0;
    s->nmi_masked = false;
    line_set(&s->nmi_mask, false);
    rtc_update_irq(s);
}

static const struct state_field rtc_state[] = {
    STATE(struct rtc, cmos),          STATE(struct rtc, index),       STATE(struct rtc, nmi_masked),
    STATE(struct rtc, weekday_shift), STATE(struct rtc, base_second), STATE(struct rtc, base_ns),
    STATE(struct rtc, synced_ns),     STATE_EVENT(struct rtc, event), STATE_END,
};

static const struct device_type rtc_type = {
    .name = "rtc",
    .reset = rtc_reset,
    .state = rtc_state,
};

struct rtc *rtc_create(struct machine *m, struct line irq8, struct line nmi_mask, int64_t base)
{
    struct rtc *s = device_new(m, &rtc_type, sizeof(*s));

    s->irq8 = irq8;
    s->nmi_mask = nmi_mask;
    s->clock = &m->clock;
    s->cmos[RTC_A] = 0x26;
    s->cmos[RTC_B] = RTC_B_24H;
    s->cmos[RTC_D] = RTC_D_VRT;
    s->synced_ns = clock_now(&m->clock);
    s->base_ns = (int64_t)s->synced_ns;
    s->base_second = base;
    registers_from_time(s, base);
    clock_event_init(&s->event, &m->clock, "rtc.irq8", rtc_event, s);
    io_map8(m, 0x70, 2, rtc_read, rtc_write, s);
    return s;
}
