/* SPDX-License-Identifier: MIT */
/*
 * isa-debug-exit: the value written becomes the stop code (QEMU documentation, "isa-debug-exit");
 * the front end makes (value << 1) | 1 of it. The machine stops before the next guest instruction.
 */
#include "hw/debugexit.h"

#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

struct debugexit {
    /* Nothing is saved. */
    struct machine *machine;
};

static void debugexit_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct debugexit *s = opaque;

    (void)port;
    (void)size;
    machine_request_stop(s->machine, STOP_DEBUG_EXIT, val);
}

static uint32_t debugexit_read(void *opaque, uint16_t port, unsigned size)
{
    (void)opaque;
    (void)port;
    (void)size;
    return 0;
}

static const struct state_field debugexit_state[] = {STATE_END};

static const struct device_type debugexit_type = {
    .name = "debugexit",
    .state = debugexit_state,
};

void debugexit_create(struct machine *m, uint16_t base, uint16_t size)
{
    struct debugexit *s = device_new(m, &debugexit_type, sizeof(*s));

    s->machine = m;
    io_map_wide(m, base, size, debugexit_read, debugexit_write, s);
}
