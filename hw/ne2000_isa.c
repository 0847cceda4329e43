/* SPDX-License-Identifier: MIT */
/*
 * NE2000 ISA card: 32 ports and an interrupt, set by jumpers.
 */
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"
#include "hw/ne2000.h"

struct ne2000_isa {
    struct ne2000 chip;

    /* Not saved. */
    uint16_t base;
};

static uint32_t isa_read(void *opaque, uint16_t port, unsigned size)
{
    struct ne2000_isa *s = opaque;

    return ne2000_read(&s->chip, port - s->base, size);
}

static void isa_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct ne2000_isa *s = opaque;

    ne2000_write(&s->chip, port - s->base, val, size);
}

static void isa_reset(void *opaque)
{
    struct ne2000_isa *s = opaque;

    ne2000_reset(&s->chip);
}

static void isa_loaded(void *opaque)
{
    struct ne2000_isa *s = opaque;

    ne2000_loaded(&s->chip);
}

static void isa_destroy(void *opaque)
{
    struct ne2000_isa *s = opaque;

    ne2000_free(&s->chip);
}

static const struct state_field isa_state[] = {
    STATE_SUB(struct ne2000_isa, chip, struct ne2000, ne2000_state),
    STATE_END,
};

static const struct device_type isa_type = {
    .name = "ne2k_isa",
    .reset = isa_reset,
    .loaded = isa_loaded,
    .destroy = isa_destroy,
    .state = isa_state,
};

void ne2000_isa_create(struct machine *m, uint16_t base, const uint8_t mac[6], struct net *net,
                       struct line irq)
{
    struct ne2000_isa *s = device_new(m, &isa_type, sizeof(*s));

    s->base = base;
    ne2000_init(&s->chip, m, mac, net, irq);
    io_map_wide(m, base, NE2000_PORTS, isa_read, isa_write, s);
}
