/* SPDX-License-Identifier: MIT */
/*
 * The event list: singly linked and sorted, because a machine has a dozen events at most.
 */
#include "base/clock.h"

void clock_init(struct clock *c, uint64_t (*now)(void *), void (*deadline_moved)(void *, uint64_t),
                void *opaque)
{
    *c = (struct clock){.now = now, .deadline_moved = deadline_moved, .opaque = opaque};
}

void clock_event_init(struct clock_event *e, struct clock *c, const char *name, void (*fn)(void *),
                      void *opaque)
{
    *e = (struct clock_event){
        .when = CLOCK_NEVER, .name = name, .fn = fn, .opaque = opaque, .clock = c};
}

void clock_cancel(struct clock_event *e)
{
    if (!clock_pending(e)) {
        return;
    }
    struct clock_event **p = &e->clock->first;

    while (*p != e) {
        p = &(*p)->next;
    }
    *p = e->next;
    e->next = NULL;
    e->when = CLOCK_NEVER;
}

void clock_schedule(struct clock_event *e, uint64_t when)
{
    struct clock *c = e->clock;

    clock_cancel(e);
    e->when = when == CLOCK_NEVER ? CLOCK_NEVER - 1 : when;

    struct clock_event **p = &c->first;

    while (*p && (*p)->when <= e->when) {
        p = &(*p)->next;
    }
    e->next = *p;
    *p = e;
    if (c->first == e && c->deadline_moved) {
        c->deadline_moved(c->opaque, e->when);
    }
}

void clock_schedule_in(struct clock_event *e, uint64_t delay)
{
    clock_schedule(e, clock_now(e->clock) + delay);
}

uint32_t clock_position(const struct clock_event *e)
{
    uint32_t n = 0;

    if (!clock_pending(e)) {
        return 0;
    }
    for (const struct clock_event *p = e->clock->first; p != e; p = p->next) {
        n++;
    }
    return n;
}

void clock_restore(struct clock_event *e, uint64_t when, uint32_t position)
{
    clock_cancel(e);
    e->position = position;
    if (when != CLOCK_NEVER) {
        clock_schedule(e, when);
    }
}

static bool comes_before(const struct clock_event *a, const struct clock_event *b)
{
    return a->when != b->when ? a->when < b->when : a->position < b->position;
}

void clock_sort_restored(struct clock *c)
{
    struct clock_event *list = c->first;

    c->first = NULL;
    while (list) {
        struct clock_event *e = list, **p = &c->first;

        list = e->next;
        while (*p && !comes_before(e, *p)) {
            p = &(*p)->next;
        }
        e->next = *p;
        *p = e;
    }
}

uint64_t clock_next(const struct clock *c)
{
    return c->first ? c->first->when : CLOCK_NEVER;
}

void clock_run(struct clock *c)
{
    while (c->first && c->first->when <= clock_now(c)) {
        struct clock_event *e = c->first;

        c->first = e->next;
        e->next = NULL;
        e->when = CLOCK_NEVER;
        e->fn(e->opaque);
    }
}

uint64_t muldiv64(uint64_t a, uint32_t b, uint32_t c)
{
    uint64_t lo = (a & 0xffffffff) * b;
    uint64_t hi = (a >> 32) * b + (lo >> 32);

    return ((hi / c) << 32) + (((hi % c) << 32) + (lo & 0xffffffff)) / c;
}
