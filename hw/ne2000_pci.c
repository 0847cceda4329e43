/* SPDX-License-Identifier: MIT */
/*
 * Realtek RTL8029: the NE2000 as one PCI function with 32 ports behind base address 0.
 */
#include "hw/device.h"
#include "hw/machine.h"
#include "hw/ne2000.h"
#include "hw/pci.h"

struct ne2000_pci {
    struct pci_function pci;
    struct ne2000 chip;
};

static uint32_t card_read(void *opaque, uint16_t port, unsigned size)
{
    struct ne2000_pci *s = opaque;

    return ne2000_read(&s->chip, port & (NE2000_PORTS - 1), size);
}

static void card_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct ne2000_pci *s = opaque;

    ne2000_write(&s->chip, port & (NE2000_PORTS - 1), val, size);
}

static void set_irq(void *opaque, unsigned n, bool level)
{
    struct ne2000_pci *s = opaque;

    (void)n;
    pci_set_irq(&s->pci, level);
}

static void card_reset(void *opaque)
{
    struct ne2000_pci *s = opaque;

    pci_reset(&s->pci);
    ne2000_reset(&s->chip);
}

static void card_loaded(void *opaque)
{
    struct ne2000_pci *s = opaque;

    pci_loaded(&s->pci);
    ne2000_loaded(&s->chip);
}

static void card_destroy(void *opaque)
{
    struct ne2000_pci *s = opaque;

    ne2000_free(&s->chip);
}

static const struct state_field card_state[] = {
    PCI_STATE(struct ne2000_pci, pci),
    STATE_SUB(struct ne2000_pci, chip, struct ne2000, ne2000_state),
    STATE_END,
};

static const struct device_type card_type = {
    .name = "ne2k_pci",
    .reset = card_reset,
    .loaded = card_loaded,
    .destroy = card_destroy,
    .state = card_state,
};

bool ne2000_pci_create(struct machine *m, struct pci_bus *bus, const uint8_t mac[6],
                       struct net *net, uint8_t *rom, uint32_t rom_size)
{
    static const struct pci_id id = {0x10ec, 0x8029, 0x0200, 0, 0, false, 1};
    unsigned slot = pci_free_slot(bus);

    if (slot >= 32) {
        return false;
    }
    struct ne2000_pci *s = device_new(m, &card_type, sizeof(*s));

    pci_add(bus, &s->pci, PCI_DEVFN(slot, 0), "RTL8029", &id, s);
    pci_set(&s->pci, PCI_SUBSYSTEM_VENDOR, 2, 0x10ec);
    pci_set(&s->pci, PCI_SUBSYSTEM, 2, 0x8029);
    pci_bar_io(&s->pci, 0, NE2000_PORTS, card_read, card_write, s);
    if (rom) {
        pci_rom_set_ids(&s->pci, rom, rom_size);
        pci_bar_rom(&s->pci, rom_size, rom);
    }
    ne2000_init(&s->chip, m, mac, net, (struct line){.set = set_irq, .opaque = s});
    s->chip.rtl8029 = true;
    return true;
}
