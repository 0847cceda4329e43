/* SPDX-License-Identifier: MIT */
/*
 * Board logic that is no chip of its own.
 *
 * Port 80h: POST code latch. Port CF9h: reset control (Intel 82371 data sheet). Power off: PM1a_CNT
 * at 604h and B004h (ACPI 4.8.3.2: SLP_EN with any sleep type; test programs know them; where there
 * is a PIIX4, its own window lies over the first once a BIOS has opened it), and the "Shutdown"
 * string at 8900h as Bochs takes it. Ports F0h/F1h: the AT's FPU error latch, which holds IRQ 13
 * and FPU BUSY until F0h is written (IBM AT Technical Reference).
 *
 * Not modelled: the rest of ACPI; CF9h's difference between a soft and a hard reset.
 */
#include "hw/sysports.h"

#include <string.h>

#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

#define RCR_PORT 0xcf9

enum {
    RCR_RCPU = 1 << 2, /* a rising edge resets */
    PM1_SLP_EN = 1 << 13,
};

struct sysports {
    uint8_t post;
    uint8_t reset_control;
    uint16_t pm1_control;
    uint8_t shutdown_match; /* letters of "Shutdown" seen */

    /* Not saved. */
    struct machine *machine;
};

static uint8_t post_read(void *opaque, uint16_t port)
{
    struct sysports *s = opaque;

    (void)port;
    return s->post;
}

static void post_write(void *opaque, uint16_t port, uint8_t val)
{
    struct sysports *s = opaque;

    (void)port;
    s->post = val;
}

/* CF8h-CFBh: only byte accesses to CF9h are this register's; wider ones are PCI's. */
uint32_t sysports_reset_read(void *opaque, uint16_t port, unsigned size)
{
    struct sysports *s = opaque;

    return port == RCR_PORT && size == 1 ? s->reset_control : ~0u;
}

void sysports_reset_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct sysports *s = opaque;
    bool rising = val & ~(uint32_t)s->reset_control & RCR_RCPU;

    if (port != RCR_PORT || size != 1) {
        return;
    }
    s->reset_control = val & 0x0e;
    if (rising) {
        machine_request_stop(s->machine, STOP_RESET, 0);
    }
}

static uint32_t pm1_read(void *opaque, uint16_t port, unsigned size)
{
    struct sysports *s = opaque;

    (void)size;
    return s->pm1_control >> 8 * (port & 1);
}

static void pm1_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct sysports *s = opaque;
    uint32_t old = s->pm1_control;

    if (size == 1) {
        val = port & 1 ? (old & 0xff) | val << 8 : (old & 0xff00) | val;
    }
    s->pm1_control = (uint16_t)(val & ~(uint32_t)PM1_SLP_EN); /* SLP_EN reads 0 */
    if (val & PM1_SLP_EN) {
        machine_request_stop(s->machine, STOP_SHUTDOWN, 0);
    }
}

static void shutdown_write(void *opaque, uint16_t port, uint8_t val)
{
    static const char word[] = "Shutdown";
    struct sysports *s = opaque;

    (void)port;
    if (val == (uint8_t)word[s->shutdown_match & 7]) {
        s->shutdown_match++;
    } else {
        s->shutdown_match = val == (uint8_t)word[0];
    }
    if (s->shutdown_match >= sizeof(word) - 1) {
        s->shutdown_match = 0;
        machine_request_stop(s->machine, STOP_SHUTDOWN, 0);
    }
}

static void sysports_reset(void *opaque)
{
    struct sysports *s = opaque;

    s->post = 0;
    s->reset_control = 0;
    s->pm1_control = 0;
    s->shutdown_match = 0;
}

static const struct state_field sysports_state[] = {
    STATE(struct sysports, post),
    STATE(struct sysports, reset_control),
    STATE(struct sysports, pm1_control),
    STATE(struct sysports, shutdown_match),
    STATE_END,
};

static const struct device_type sysports_type = {
    .name = "sysports",
    .reset = sysports_reset,
    .state = sysports_state,
};

struct sysports *sysports_create(struct machine *m)
{
    struct sysports *s = device_new(m, &sysports_type, sizeof(*s));

    s->machine = m;
    io_map8(m, 0x80, 1, post_read, post_write, s);
    io_map_wide(m, 0xcf8, 4, sysports_reset_read, sysports_reset_write, s);
    io_map_wide(m, 0x604, 2, pm1_read, pm1_write, s);
    io_map_wide(m, 0xb004, 2, pm1_read, pm1_write, s);
    io_map8(m, 0x8900, 1, NULL, shutdown_write, s);
    return s;
}

struct fpuerr {
    bool ferr;    /* the CPU's pin */
    bool latched; /* IRQ 13 */

    /* Wiring, set once; not saved. */
    struct line irq13;
};

static void fpuerr_set(void *opaque, unsigned n, bool level)
{
    struct fpuerr *s = opaque;

    (void)n;
    if (level && !s->ferr) {
        s->latched = true;
        line_set(&s->irq13, true);
    }
    s->ferr = level;
}

static void fpuerr_write(void *opaque, uint16_t port, uint8_t val)
{
    struct fpuerr *s = opaque;

    (void)port; /* F0h clears the latch, F1h resets the coprocessor, which clears it too */
    (void)val;
    s->latched = false;
    line_set(&s->irq13, false);
}

static void fpuerr_reset(void *opaque)
{
    struct fpuerr *s = opaque;

    s->ferr = s->latched = false;
    line_set(&s->irq13, false);
}

static const struct state_field fpuerr_state[] = {
    STATE(struct fpuerr, ferr),
    STATE(struct fpuerr, latched),
    STATE_END,
};

static const struct device_type fpuerr_type = {
    .name = "fpuerr",
    .reset = fpuerr_reset,
    .state = fpuerr_state,
};

struct line fpuerr_create(struct machine *m, struct line irq13)
{
    struct fpuerr *s = device_new(m, &fpuerr_type, sizeof(*s));

    s->irq13 = irq13;
    io_map8(m, 0xf0, 2, NULL, fpuerr_write, s);
    return (struct line){.set = fpuerr_set, .opaque = s};
}
