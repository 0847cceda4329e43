/* SPDX-License-Identifier: MIT */
/*
 * Guest time and the sorted event list.
 *
 * Time is in guest nanoseconds since power-on. Nothing ticks: a device computes a counter from
 * elapsed time when it is read, and schedules an event for the instant a line must change. Events
 * due at the same instant fire in the order they were scheduled, so a run is repeatable.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/types.h"

#define NS_PER_SEC  1000000000ull
#define CLOCK_NEVER UINT64_MAX

struct clock;

/* Embedded in the device's struct. fn runs with now >= when, once; it may reschedule itself. */
struct clock_event {
    uint64_t when; /* ns; CLOCK_NEVER while not scheduled */

    const char *name; /* "pit.irq0": listed by the debugger, the key in saved state */
    void (*fn)(void *opaque);
    void *opaque;
    struct clock *clock;
    struct clock_event *next; /* sorted list */
    uint32_t position;        /* while state is loaded: where it was in the saved list */
};

struct clock {
    struct clock_event *first;

    /* Set by the owner of time (the machine). now() must not go back. */
    uint64_t (*now)(void *opaque);
    /* Told when the earliest deadline moves nearer, so that a running CPU stops in time. May be
     * NULL. */
    void (*deadline_moved)(void *opaque, uint64_t when);
    void *opaque;
};

void clock_init(struct clock *c, uint64_t (*now)(void *), void (*deadline_moved)(void *, uint64_t),
                void *opaque);
static inline uint64_t clock_now(const struct clock *c)
{
    return c->now(c->opaque);
}

/* Binds an event to its clock; call once before the others. */
void clock_event_init(struct clock_event *e, struct clock *c, const char *name, void (*fn)(void *),
                      void *opaque);
/* (Re)schedules at an absolute time in ns. A time in the past fires at the next chance. */
void clock_schedule(struct clock_event *e, uint64_t when);
/* The same, delay ns from now. */
void clock_schedule_in(struct clock_event *e, uint64_t delay);
void clock_cancel(struct clock_event *e);
static inline bool clock_pending(const struct clock_event *e)
{
    return e->when != CLOCK_NEVER;
}

/*
 * Saved state keeps the order of events that are due at the same instant: how many lie before this
 * one; scheduling one as it was saved (CLOCK_NEVER: not); and, once everything is loaded, sorting.
 */
uint32_t clock_position(const struct clock_event *e);
void clock_restore(struct clock_event *e, uint64_t when, uint32_t position);
void clock_sort_restored(struct clock *c);

/* When the first event is due, or CLOCK_NEVER. */
uint64_t clock_next(const struct clock *c);
/* Fires every event due at clock_now(). */
void clock_run(struct clock *c);

/* a * b / c without overflow of the product: time to ticks and back. c != 0. */
uint64_t muldiv64(uint64_t a, uint32_t b, uint32_t c);

#endif
