/* SPDX-License-Identifier: MIT */
/*
 * The MC146818 real-time clock with 128 bytes of CMOS memory.
 */
#ifndef HW_RTC_H
#define HW_RTC_H

#include "hw/line.h"

struct machine;
struct rtc;

/* base: seconds since 1970 at power-on. nmi_mask is asserted while bit 7 of port 70h is set. */
struct rtc *rtc_create(struct machine *m, struct line irq8, struct line nmi_mask, int64_t base);
/* CMOS bytes behind the clock (0Eh-7Fh): what the board's setup stored. */
void rtc_set_cmos(struct rtc *s, unsigned index, uint8_t val);
uint8_t rtc_get_cmos(const struct rtc *s, unsigned index);

#endif
