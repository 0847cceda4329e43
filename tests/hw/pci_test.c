/* SPDX-License-Identifier: MIT */
#include "hw/pci.h"

#include "base/endian.h"
#include "hw/i440fx.h"
#include "hw/piix3.h"
#include "hw/sysports.h"
#include "tests/hw/fake_machine.h"

/* A card with I/O and memory, and an interrupt. */
struct card {
    struct pci_function pci;
    uint8_t memory[4096];
    uint32_t last_port, last_val;
};

struct bench {
    struct fake_machine f;
    struct pin irq[16];
    struct pci_bus *bus;
    struct card *card;
};

static const struct state_field card_state[] = {
    PCI_STATE(struct card, pci),
    STATE_END,
};

static void card_reset(void *opaque)
{
    pci_reset(&((struct card *)opaque)->pci);
}

static const struct device_type card_type = {
    .name = "card", .reset = card_reset, .state = card_state};

static uint32_t card_read(void *opaque, uint16_t port, unsigned size)
{
    (void)opaque;
    return port * 0x10000u + size;
}

static void card_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct card *s = opaque;

    (void)size;
    s->last_port = port;
    s->last_val = val;
}

static void open_bench(struct bench *b)
{
    static const struct pci_id id = {0x1234, 0x5678, 0x0200, 0, 1, false, 1};
    struct line irq[16];

    memset(b, 0, sizeof(*b));
    fake_init(&b->f);
    for (unsigned n = 0; n < 16; n++) {
        irq[n] = pin_line(&b->irq[n]);
    }
    struct sysports *ports = sysports_create(&b->f.m);

    b->bus = pci_bus_create(&b->f.m);
    i440fx_create(&b->f.m, b->bus);
    piix3_create(&b->f.m, b->bus, irq, ports);
    b->card = device_new(&b->f.m, &card_type, sizeof(*b->card));
    CHECK_EQ(pci_free_slot(b->bus), 3);
    pci_add(b->bus, &b->card->pci, PCI_DEVFN(3, 0), "card", &id, b->card);
    pci_bar_io(&b->card->pci, 0, 32, card_read, card_write, b->card);
    pci_bar_ram(&b->card->pci, 1, 4096, b->card->memory);
    device_reset_all(&b->f.m);
}

static uint32_t config_read(struct bench *b, unsigned devfn, unsigned offset, unsigned size)
{
    io_write(&b->f.m, 0xcf8, 0x80000000u | devfn << 8 | (offset & 0xfc), 4);
    return io_read(&b->f.m, (uint16_t)(0xcfc + (offset & 3)), size);
}

static void config_write(struct bench *b, unsigned devfn, unsigned offset, uint32_t val,
                         unsigned size)
{
    io_write(&b->f.m, 0xcf8, 0x80000000u | devfn << 8 | (offset & 0xfc), 4);
    io_write(&b->f.m, (uint16_t)(0xcfc + (offset & 3)), val, size);
}

#define CARD PCI_DEVFN(3, 0)

static void what_is_not_there_reads_all_ones(void)
{
    struct bench b;

    open_bench(&b);
    CHECK_EQ(config_read(&b, PCI_DEVFN(0, 0), 0, 4), 0x12378086);
    CHECK_EQ(config_read(&b, PCI_DEVFN(1, 0), 0, 4), 0x70008086);
    CHECK_EQ(config_read(&b, PCI_DEVFN(1, 0), 0x0b, 1), 0x06);
    CHECK_EQ(config_read(&b, PCI_DEVFN(9, 0), 0, 4), 0xffffffff);
    CHECK_EQ(config_read(&b, PCI_DEVFN(3, 1), 0, 2), 0xffff);
    io_write(&b.f.m, 0xcf8, 0x80010000, 4); /* bus 1 */
    CHECK_EQ(io_read(&b.f.m, 0xcfc, 4), 0xffffffff);
    io_write(&b.f.m, 0xcf8, 0x00000000, 4); /* not enabled */
    CHECK_EQ(io_read(&b.f.m, 0xcfc, 4), 0xffffffff);
    config_write(&b, CARD, 0, 0, 4); /* an identity cannot be changed */
    CHECK_EQ(config_read(&b, CARD, 0, 4), 0x56781234);
    fake_free(&b.f);
}

static void base_addresses_size_and_move(void)
{
    struct bench b;

    open_bench(&b);
    config_write(&b, CARD, 0x10, 0xffffffff, 4);
    CHECK_EQ(config_read(&b, CARD, 0x10, 4), 0xffffffe1);
    config_write(&b, CARD, 0x14, 0xffffffff, 4);
    CHECK_EQ(config_read(&b, CARD, 0x14, 4), 0xfffff008);
    config_write(&b, CARD, 0x18, 0xffffffff, 4);
    CHECK_EQ(config_read(&b, CARD, 0x18, 4), 0);

    config_write(&b, CARD, 0x10, 0xc000, 4);
    CHECK_EQ(io_read(&b.f.m, 0xc004, 2), 0xffff); /* not enabled yet */
    config_write(&b, CARD, 4, 3, 2);
    CHECK_EQ(io_read(&b.f.m, 0xc004, 4), 0xc0040004u);
    config_write(&b, CARD, 0x10, 0xd000, 4);
    CHECK_EQ(io_read(&b.f.m, 0xc004, 2), 0xffff);
    io_write(&b.f.m, 0xd01f, 0x55, 1);
    CHECK_EQ(b.card->last_port, 0xd01f);
    CHECK_EQ(b.card->last_val, 0x55);

    config_write(&b, CARD, 0x14, 0xe0000000, 4);
    physmem_store(&b.f.m.mem, 0xe0000010, 0x12345678, 4);
    CHECK_EQ(load_le32(b.card->memory + 16), 0x12345678);
    config_write(&b, CARD, 0x14, 0x1000, 4); /* over RAM: the bridge takes that for itself */
    physmem_store(&b.f.m.mem, 0x1010, 0xaa, 1);
    CHECK_EQ(b.f.m.mem.ram[0x1010], 0xaa);
    CHECK_EQ(b.card->memory[16], 0x78);
    device_reset_all(&b.f.m);
    CHECK_EQ(io_read(&b.f.m, 0xd004, 2), 0xffff);
    CHECK_EQ(config_read(&b, CARD, 0x10, 4), 1);
    fake_free(&b.f);
}

/* What was at those ports before is there again. */
static void a_window_over_another_chip_is_only_over_it(void)
{
    struct bench b;

    open_bench(&b);
    io_write(&b.f.m, 0x80, 0x42, 1);
    config_write(&b, CARD, 0x10, 0x80, 4);
    config_write(&b, CARD, 4, 1, 2);
    io_write(&b.f.m, 0x80, 0x43, 1);
    CHECK_EQ(b.card->last_val, 0x43);
    config_write(&b, CARD, 4, 0, 2);
    CHECK_EQ(io_read(&b.f.m, 0x80, 1), 0x42);
    fake_free(&b.f);
}

static void interrupts_follow_the_routing(void)
{
    struct bench b;

    open_bench(&b);
    pci_set_irq(&b.card->pci, true); /* device 3, INTA#: PIRQC */
    CHECK(!b.irq[11].level);         /* not routed */
    config_write(&b, PCI_DEVFN(1, 0), 0x62, 11, 1);
    CHECK(b.irq[11].level);
    config_write(&b, PCI_DEVFN(1, 0), 0x62, 10, 1);
    CHECK(!b.irq[11].level);
    CHECK(b.irq[10].level);
    config_write(&b, PCI_DEVFN(1, 0), 0x62, 8, 1); /* the clock's: cannot be shared */
    CHECK(!b.irq[10].level);
    CHECK(!b.irq[8].level);
    config_write(&b, PCI_DEVFN(1, 0), 0x62, 5, 1);
    pci_set_irq(&b.card->pci, false);
    CHECK(!b.irq[5].level);
    fake_free(&b.f);
}

static void shadow_ram_is_read_and_written_as_pam_says(void)
{
    static uint8_t rom[0x10000];
    struct bench b;
    struct physmem *pm = &b.f.m.mem;

    memset(rom, 0x11, sizeof(rom));
    memset(&b, 0, sizeof(b));
    fake_init(&b.f);
    physmem_map_rom(pm, 0xf0000, 0x10000, "bios", rom);
    b.bus = pci_bus_create(&b.f.m);
    i440fx_create(&b.f.m, b.bus);
    device_reset_all(&b.f.m);
    pm->ram[0xf1234] = 0x22;
    CHECK_EQ(physmem_load(pm, 0xf1234, 1), 0x11);
    config_write(&b, 0, 0x59, 0x20, 1); /* writes to RAM, reads from ROM */
    CHECK_EQ(physmem_load(pm, 0xf1234, 1), 0x11);
    physmem_store(pm, 0xf1234, 0x3344, 2);
    CHECK_EQ(pm->ram[0xf1235], 0x33);
    config_write(&b, 0, 0x59, 0x30, 1); /* both to RAM */
    CHECK_EQ(physmem_load(pm, 0xf1234, 2), 0x3344);
    physmem_store(pm, 0xf1234, 0x55, 1);
    config_write(&b, 0, 0x59, 0x10, 1); /* read-only RAM */
    physmem_store(pm, 0xf1234, 0x66, 1);
    CHECK_EQ(physmem_load(pm, 0xf1234, 1), 0x55);
    config_write(&b, 0, 0x5a, 0x30, 1); /* C4000h */
    pm->ram[0xc4000] = 0x77;
    CHECK_EQ(physmem_load(pm, 0xc4000, 1), 0x77);
    device_reset_all(&b.f.m);
    CHECK_EQ(physmem_load(pm, 0xf1234, 1), 0x11);
    fake_free(&b.f);
}

static void cf9_is_still_the_reset_register(void)
{
    struct bench b;

    open_bench(&b);
    io_write(&b.f.m, 0xcf8, 0x80001800, 4);
    io_write(&b.f.m, 0xcf9, 0x02, 1);
    CHECK_EQ(io_read(&b.f.m, 0xcf8, 4), 0x80001800);
    CHECK_EQ(io_read(&b.f.m, 0xcf9, 1), 0x02);
    io_write(&b.f.m, 0xcf9, 0x06, 1);
    CHECK_EQ(b.f.m.stop, STOP_RESET);
    fake_free(&b.f);
}

static void survives_random_accesses(void)
{
    struct bench b;
    uint32_t r = 1;

    open_bench(&b);
    piix3_ide_create(&b.f.m, b.bus, pin_line(&b.irq[14]), pin_line(&b.irq[15]));
    device_reset_all(&b.f.m);
    for (unsigned n = 0; n < 200000; n++) {
        r = r * 1664525 + 1013904223;
        unsigned devfn = (r >> 8) % 32, size = 1u << (r >> 4) % 3;

        if (r & 0x10000) {
            config_write(&b, devfn, (r >> 18 & 0xff) & ~(size - 1), r * 2654435761u, size);
        } else if (r & 0x20000) {
            io_write(&b.f.m, (uint16_t)(r >> 11), r, size);
        } else {
            config_read(&b, devfn, (r >> 18 & 0xff) & ~(size - 1), size);
        }
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(what_is_not_there_reads_all_ones);
    RUN(base_addresses_size_and_move);
    RUN(a_window_over_another_chip_is_only_over_it);
    RUN(interrupts_follow_the_routing);
    RUN(shadow_ram_is_read_and_written_as_pam_says);
    RUN(cf9_is_still_the_reset_register);
    RUN(survives_random_accesses);
    return check_done();
}
