/* SPDX-License-Identifier: MIT */
/*
 * Debug console: Bochs's port E9h and the BIOS's 402h. A byte written goes to a character stream at
 * once; there is no flow control and no state.
 */
#include "hw/debugport.h"

#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

struct debugport {
    /* Nothing is saved. */
    struct chardev *chr;
    uint8_t readback;
};

static void debugport_write(void *opaque, uint16_t port, uint8_t val)
{
    struct debugport *s = opaque;

    (void)port;
    chardev_write(s->chr, &val, 1);
}

static uint8_t debugport_read(void *opaque, uint16_t port)
{
    struct debugport *s = opaque;

    (void)port;
    return s->readback;
}

static const struct state_field debugport_state[] = {STATE_END};

static const struct device_type debugport_type = {
    .name = "debugport",
    .state = debugport_state,
};

void debugport_create(struct machine *m, uint16_t port, uint8_t readback, struct chardev *chr)
{
    struct debugport *s = device_new(m, &debugport_type, sizeof(*s));

    s->chr = chr;
    s->readback = readback;
    io_map8(m, port, 1, debugport_read, debugport_write, s);
}
