/* SPDX-License-Identifier: MIT */
/*
 * A machine without a CPU: port map, memory, a clock that the test moves, and pins that remember
 * levels.
 */
#ifndef TESTS_HW_FAKE_MACHINE_H
#define TESTS_HW_FAKE_MACHINE_H

#include "base/clock.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/line.h"
#include "hw/machine.h"
#include "tests/unit/check.h"

struct pin {
    bool level;
    unsigned rises;
};

struct fake_machine {
    struct machine m;
    uint64_t now;
};

static inline uint64_t fake_now(void *opaque)
{
    return ((struct fake_machine *)opaque)->now;
}

static inline void fake_init(struct fake_machine *f)
{
    *f = (struct fake_machine){.now = 0};
    f->m.io = io_map_new();
    physmem_init(&f->m.mem, 2 << 20);
    clock_init(&f->m.clock, fake_now, NULL, f);
}

static inline void fake_free(struct fake_machine *f)
{
    device_destroy_all(&f->m);
    io_map_free(f->m.io);
    physmem_destroy(&f->m.mem);
}

/* Lets time pass, firing each event at its own instant. */
static inline void clock_step(struct fake_machine *f, uint64_t ns)
{
    uint64_t end = f->now + ns;

    while (clock_next(&f->m.clock) <= end) {
        if (clock_next(&f->m.clock) > f->now) {
            f->now = clock_next(&f->m.clock);
        }
        clock_run(&f->m.clock);
    }
    f->now = end;
}

static inline void pin_set(void *opaque, unsigned n, bool level)
{
    struct pin *p = opaque;

    (void)n;
    p->rises += level && !p->level;
    p->level = level;
}

static inline struct line pin_line(struct pin *p)
{
    return (struct line){.set = pin_set, .opaque = p};
}

static inline void out8(struct fake_machine *f, uint16_t port, uint8_t val)
{
    io_write(&f->m, port, val, 1);
}

static inline uint8_t in8(struct fake_machine *f, uint16_t port)
{
    return (uint8_t)io_read(&f->m, port, 1);
}

/* Anything a guest may do: random accesses to a range of ports with time passing. Only must not
 * crash. */
static inline void fake_random_access(struct fake_machine *f, const uint16_t *ports, unsigned count,
                                      unsigned rounds)
{
    uint32_t r = 12345;

    for (unsigned i = 0; i < rounds; i++) {
        r = r * 1664525 + 1013904223;
        uint16_t port = ports[(r >> 8) % count];

        if (r >> 30 & 1) {
            out8(f, port, (uint8_t)(r >> 16));
        } else {
            in8(f, port);
        }
        if (!(r >> 28 & 7)) {
            clock_step(f, r >> 12);
        }
    }
}

#endif
