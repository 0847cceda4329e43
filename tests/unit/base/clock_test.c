/* SPDX-License-Identifier: MIT */
/* base/clock.h: order, rescheduling, and what an event may do while it fires. */
#include "tests/unit/check.h"

#include "base/clock.h"

struct rig {
    struct clock c;
    uint64_t now;
    struct clock_event a, b, d;
    char fired[32];
    unsigned n;
    uint64_t deadline;
};

static uint64_t rig_now(void *opaque)
{
    return ((struct rig *)opaque)->now;
}

static void rig_deadline(void *opaque, uint64_t when)
{
    ((struct rig *)opaque)->deadline = when;
}

static void note(struct rig *r, char what)
{
    r->fired[r->n++] = what;
    r->fired[r->n] = 0;
}

static void fire_a(void *opaque)
{
    note(opaque, 'a');
}

static void fire_b(void *opaque)
{
    note(opaque, 'b');
}

/* Fires at once again, then later: the list is walked while it changes. */
static void fire_d(void *opaque)
{
    struct rig *r = opaque;

    note(r, 'd');
    if (r->n < 3) {
        clock_schedule_in(&r->d, 0);
    }
}

static void setup(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    clock_init(&r->c, rig_now, rig_deadline, r);
    clock_event_init(&r->a, &r->c, "a", fire_a, r);
    clock_event_init(&r->b, &r->c, "b", fire_b, r);
    clock_event_init(&r->d, &r->c, "d", fire_d, r);
}

static void fires_in_order_of_time(void)
{
    struct rig r;

    setup(&r);
    clock_schedule(&r.a, 20);
    clock_schedule(&r.b, 10);
    CHECK_EQ(clock_next(&r.c), 10);
    r.now = 9;
    clock_run(&r.c);
    CHECK_STR(r.fired, "");
    r.now = 30;
    clock_run(&r.c);
    CHECK_STR(r.fired, "ba");
    CHECK_EQ(clock_next(&r.c), CLOCK_NEVER);
}

static void same_instant_fires_in_order_of_scheduling(void)
{
    struct rig r;

    setup(&r);
    clock_schedule(&r.b, 10);
    clock_schedule(&r.a, 10);
    r.now = 10;
    clock_run(&r.c);
    CHECK_STR(r.fired, "ba");
}

static void rescheduling_moves_the_event(void)
{
    struct rig r;

    setup(&r);
    clock_schedule(&r.a, 10);
    clock_schedule(&r.a, 40);
    CHECK_EQ(clock_next(&r.c), 40);
    clock_cancel(&r.a);
    clock_cancel(&r.a);
    CHECK(!clock_pending(&r.a));
    CHECK_EQ(clock_next(&r.c), CLOCK_NEVER);
}

static void event_may_schedule_itself(void)
{
    struct rig r;

    setup(&r);
    clock_schedule(&r.d, 5);
    r.now = 5;
    clock_run(&r.c);
    CHECK_STR(r.fired, "ddd");
}

static void tells_when_the_deadline_comes_nearer(void)
{
    struct rig r;

    setup(&r);
    clock_schedule(&r.a, 50);
    CHECK_EQ(r.deadline, 50);
    r.deadline = 0;
    clock_schedule(&r.b, 60);
    CHECK_EQ(r.deadline, 0);
    clock_schedule(&r.d, 40);
    CHECK_EQ(r.deadline, 40);
}

static void muldiv_does_not_overflow(void)
{
    CHECK_EQ(muldiv64(1000000000000ull, 1193182, 1000000000), 1193182000);
    CHECK_EQ(muldiv64(UINT64_MAX, 1, 1), UINT64_MAX);
    CHECK_EQ(muldiv64(UINT64_MAX, 3, 3), UINT64_MAX);
    CHECK_EQ(muldiv64(10, 1, 3), 3);
}

int main(void)
{
    RUN(fires_in_order_of_time);
    RUN(same_instant_fires_in_order_of_scheduling);
    RUN(rescheduling_moves_the_event);
    RUN(event_may_schedule_itself);
    RUN(tells_when_the_deadline_comes_nearer);
    RUN(muldiv_does_not_overflow);
    return check_done();
}
